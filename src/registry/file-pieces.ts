// A text file as buffers that begin at the start of a line, in bounded memory.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { TocsinError } from "../core/errors.ts";

const PIECE_BYTES = 4 * 1024 * 1024;

/** `take` is given all bytes not taken yet and says how many of them it took; `last` where nothing follows. */
export async function* filePieces(
  path: string,
  start: number,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const stream = createReadStream(path, { start, highWaterMark: PIECE_BYTES, signal });
  for await (const piece of stream) yield piece as Buffer; // a stream without encoding gives buffers
}

export type FileVersion = {
  readonly bytes: number;
  readonly modified: string;
  readonly sha256: string;
};

/** @throws TocsinError `not_found` */
export async function fileVersion(path: string): Promise<FileVersion> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new TocsinError("not_found", `there is no file ${path}`, { cause });
  });
  if (!found.isFile()) throw new TocsinError("invalid", `${path} is no file`);
  const hash = createHash("sha256");
  for await (const piece of createReadStream(path, { highWaterMark: PIECE_BYTES }))
    hash.update(piece as Buffer);
  return { bytes: found.size, modified: found.mtime.toISOString(), sha256: hash.digest("hex") };
}
