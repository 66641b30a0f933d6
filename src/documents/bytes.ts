// The bytes of one document or of a part of one, with how much of them may be taken.
import { createWriteStream, read as readCallback } from "node:fs";
import { type FileHandle, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { peek } from "../logs/reading/peek.ts";
import { type Parts, Unreadable } from "./document.ts";

const read = promisify(readCallback);

export type Bytes = {
  /** At least `HEAD_BYTES`, or all. */
  readonly head: Buffer;
  /** All, `head` included; once. */
  readonly chunks: AsyncGenerator<Buffer>;
  /** Where it is known before. */
  readonly size?: number;
  /** Where all of it is a file that can be read anywhere. */
  readonly fd?: number;
};

export const HEAD_BYTES = 1 << 18;
const CHUNK_BYTES = 1 << 20;

export async function bytesOf(
  source: AsyncIterable<Buffer>,
  known: { readonly size?: number; readonly fd?: number } = {},
): Promise<Bytes> {
  return { ...(await peek(source, HEAD_BYTES)), ...known };
}

/** Of a descriptor that others opened; it stays open. A stream is read as it comes. */
export async function* fileChunks(fd: number, file: boolean): AsyncGenerator<Buffer> {
  for (let at = 0; ;) {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    const { bytesRead } = await read(fd, buffer, 0, CHUNK_BYTES, file ? at : null);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
    at += bytesRead;
  }
}

/** All of it in memory. @throws Unreadable where that is more than `most` */
export async function wholeBytes(bytes: Bytes, most: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  if ((bytes.size ?? 0) > most) throw tooLarge(most);
  for await (const chunk of bytes.chunks) {
    length += chunk.length;
    if (length > most) throw tooLarge(most);
    parts.push(chunk);
  }
  return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts, length);
}

function tooLarge(most: number): Unreadable {
  return new Unreadable(
    "too large",
    `more than the ${Math.floor(most / (1 << 20))} MiB read at once`,
  );
}

export type Seekable = AsyncDisposable & { readonly fd: number; readonly size: number };

/** As a file, for readers that jump; a stream is put down in a folder of `parts` for as long as it is read. */
export async function seekable(bytes: Bytes, parts: Pick<Parts, "folder">): Promise<Seekable> {
  if (bytes.fd !== undefined && bytes.size !== undefined)
    return { fd: bytes.fd, size: bytes.size, [Symbol.asyncDispose]: async () => {} };
  const own = await parts.folder();
  const path = join(own, "spooled");
  await pipeline(Readable.from(bytes.chunks), createWriteStream(path, { mode: 0o600 }));
  const file: FileHandle = await open(path, "r");
  const { size } = await file.stat();
  return {
    fd: file.fd,
    size,
    [Symbol.asyncDispose]: async () => {
      await file.close();
      await rm(own, { recursive: true, force: true });
    },
  };
}
