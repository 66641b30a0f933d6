import { Unreadable } from "./document.ts";

/** What one reading may unpack, through all that is nested: an archive that expands to terabytes ends here. */
export type Budget = {
  /** Passes the bytes on and counts them. @throws Unreadable beyond what is left */
  counted(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer>;
};

// Spreadsheets and dumps reach 30 to 100 times their size; what goes beyond 200, and beyond a gigabyte, is a bomb.
const MOST_EXPANSION = 200;
const ALWAYS_FINE = 1 << 30;

export function budgetFor(packedBytes: number): Budget {
  const most = Math.max(ALWAYS_FINE, packedBytes * MOST_EXPANSION);
  let used = 0;
  return {
    async *counted(chunks) {
      for await (const chunk of chunks) {
        used += chunk.length;
        if (used > most)
          throw new Unreadable(
            "too large",
            `unpacks to more than ${Math.floor(most / (1 << 20))} MiB: a decompression bomb`,
          );
        yield chunk;
      }
    },
  };
}
