// The process that reads documents: no network, no environment, no files but its own folder and the descriptors it was handed. What
// it makes of them are files in that folder; what it says of them are lines of JSON on standard output.
import { writeSync } from "node:fs";
import { z } from "zod";
import { bytesOf, fileChunks } from "./bytes.ts";
import { readOne } from "./read-one.ts";
import { writeParts } from "./write-parts.ts";

export const ChildInput = z.object({
  folder: z.string(),
  documents: z.array(
    z.object({
      name: z.string(),
      bytes: z.number(),
      fd: z.number(),
      /** False where the descriptor is a stream. */
      file: z.boolean(),
    }),
  ),
  /** By their numbers in the order of reading: those that a child before this one did not survive. */
  skip: z.array(z.number()),
});

const input = ChildInput.parse(JSON.parse(process.argv[2] ?? "null"));
await run();

async function run(): Promise<void> {
  const skip = new Set(input.skip);
  let number = 0;
  const seen = {
    begin: (at: string, bytes: number | undefined): boolean => {
      number += 1;
      tell({ begin: number, at, bytes: bytes ?? 0 });
      return !skip.has(number);
    },
    end: () => tell({ end: true }),
  };
  const kinds: (string | null)[] = [];
  await using writer = await writeParts(input.folder);
  for (const { name, bytes, fd, file } of input.documents) {
    const source = await bytesOf(fileChunks(fd, file), { size: bytes, ...(file ? { fd } : {}) });
    const kind = await readOne(source, name, { parts: writer.parts, packedBytes: bytes, seen });
    kinds.push(kind ?? null);
  }
  tell({ result: { ...(await writer.written()), kinds, documents: number } });
}

// Written before it goes on: the last line is what it was busy with.
function tell(what: object): void {
  const line = Buffer.from(`${JSON.stringify(what)}\n`);
  for (let at = 0; at < line.length;) {
    try {
      at += writeSync(1, line, at);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) throw error;
    }
  }
}
