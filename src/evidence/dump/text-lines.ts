import { isUtf8 } from "node:buffer";

/** A longer line is a row that is set aside, without being kept. */
const LONGEST = 1 << 20;

/** `text` is undefined where the line is not text: `problem` says why. */
export type Line =
  | { readonly text: string; readonly problem?: undefined }
  | { readonly text?: undefined; readonly problem: string };

/** Lines without their ends, blank ones left out, in bounded memory. */
export async function* textLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Line[]> {
  let held: Buffer = Buffer.alloc(0);
  let skipping = false;
  for await (const chunk of chunks) {
    const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    const lines: Line[] = [];
    let from = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
      if (!skipping) lines.push(...lineOf(bytes.subarray(from, end)));
      skipping = false;
      from = end + 1;
    }
    held = Buffer.from(bytes.subarray(from));
    if (held.length > LONGEST) {
      if (!skipping) lines.push({ problem: "longer than 1 MiB" });
      skipping = true;
      held = Buffer.alloc(0);
    }
    yield lines;
  }
  if (!skipping) yield lineOf(held);
}

function lineOf(bytes: Buffer): Line[] {
  const end = bytes.at(-1) === 13 ? bytes.length - 1 : bytes.length;
  const line = bytes.subarray(0, end);
  if (line.length === 0) return [];
  if (line.length > LONGEST) return [{ problem: "longer than 1 MiB" }];
  if (line.includes(0)) return [{ problem: "a NUL byte" }];
  if (!isUtf8(line)) return [{ problem: "not UTF-8" }];
  return [{ text: line.toString("utf8") }];
}
