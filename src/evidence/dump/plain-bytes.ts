// The bytes of a dump as UTF-8 text, whatever it was packed in. Found by content: names lie.
import { createGunzip, createZstdDecompress } from "node:zlib";
import { Readable, type Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { TocsinError } from "../../core/errors.ts";

export type PlainBytes = {
  /** gzip, zstd; undefined for none. */
  readonly compression: string | undefined;
  readonly encoding: "utf-8" | "utf-16le" | "utf-16be";
  /** At least `SAMPLE` bytes, or all. */
  readonly head: Buffer;
  /** All, `head` included. */
  readonly chunks: AsyncIterable<Buffer>;
};

const SAMPLE = 1 << 18;
// What unpacks to more than this many times its size, and to more than a gigabyte, is a bomb and no dump.
const MOST_EXPANSION = 500;
const ALWAYS_FINE = 1 << 30;

export async function plainBytes(source: Readable, packedBytes: number): Promise<PlainBytes> {
  const packed = await peek(source, 16);
  const compression = compressionOf(packed.head);
  const most = mostUnpacked(packedBytes);
  const open =
    compression === undefined ? packed.chunks : bounded(unpacked(packed.chunks, compression), most);
  const text = await peek(open, SAMPLE);
  const { encoding, mark } = encodingOf(text.head);
  if (encoding === "utf-8") {
    return {
      compression,
      encoding,
      head: text.head.subarray(mark),
      chunks: mark === 0 ? text.chunks : without(text.chunks, mark),
    };
  }
  const decoded = await peek(decode(text.chunks, encoding), SAMPLE);
  return { compression, encoding, ...decoded };
}

/** Bytes that so many packed ones may become. */
function mostUnpacked(packedBytes: number): number {
  return Math.max(ALWAYS_FINE, packedBytes * MOST_EXPANSION);
}

function tooMuch(most: number): TocsinError {
  return new TocsinError(
    "refused",
    `the dump unpacks to more than ${most} bytes: that is a decompression bomb`,
  );
}

function compressionOf(head: Buffer): string | undefined {
  if (head[0] === 0x1f && head[1] === 0x8b) return "gzip"; // RFC 1952
  if (head.length >= 4 && head.readUInt32LE(0) === 0xfd2fb528) return "zstd"; // RFC 8878
  if (/^BZh[1-9]1AY&SY/.test(head.toString("latin1"))) return "bzip2";
  return undefined;
}

function encodingOf(head: Buffer): { encoding: PlainBytes["encoding"]; mark: number } {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf)
    return { encoding: "utf-8", mark: 3 };
  if (head[0] === 0xff && head[1] === 0xfe) return { encoding: "utf-16le", mark: 2 };
  if (head[0] === 0xfe && head[1] === 0xff) return { encoding: "utf-16be", mark: 2 };
  return { encoding: "utf-8", mark: 0 };
}

async function* unpacked(
  chunks: AsyncIterable<Buffer>,
  compression: string,
): AsyncGenerator<Buffer> {
  if (compression === "bzip2") {
    throw new TocsinError(
      "incompatible",
      "the dump is packed with bzip2, which is not read: unpack it, or pack it with gzip or zstd",
    );
  }
  const unpack: Transform =
    compression === "gzip"
      ? createGunzip({ chunkSize: 1 << 18 })
      : createZstdDecompress({ chunkSize: 1 << 18 });
  const done = pipeline(Readable.from(chunks), unpack);
  done.catch(() => {});
  try {
    yield* unpack;
    await done;
  } catch (cause) {
    if (cause instanceof TocsinError) throw cause;
    throw new TocsinError(
      "invalid",
      `the dump is not whole: its ${compression} data are damaged or cut off`,
      { cause },
    );
  }
}

async function* bounded(chunks: AsyncIterable<Buffer>, most: number): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > most) throw tooMuch(most);
    yield chunk;
  }
}

async function* without(chunks: AsyncIterable<Buffer>, first: number): AsyncGenerator<Buffer> {
  let left = first;
  for await (const chunk of chunks) {
    const skipped = Math.min(left, chunk.length);
    left -= skipped;
    if (skipped < chunk.length) yield chunk.subarray(skipped);
  }
}

async function* decode(chunks: AsyncIterable<Buffer>, encoding: string): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder(encoding);
  for await (const chunk of chunks) yield Buffer.from(decoder.decode(chunk, { stream: true }));
  yield Buffer.from(decoder.decode());
}

async function peek(
  source: AsyncIterable<Buffer>,
  bytes: number,
): Promise<{ head: Buffer; chunks: AsyncGenerator<Buffer> }> {
  const iterator = source[Symbol.asyncIterator]();
  const first: Buffer[] = [];
  let have = 0;
  while (have < bytes) {
    const next = await iterator.next();
    if (next.done === true) break;
    first.push(next.value);
    have += next.value.length;
  }
  async function* chunks(): AsyncGenerator<Buffer> {
    try {
      yield* first.splice(0);
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next())
        yield next.value;
    } finally {
      await iterator.return?.();
    }
  }
  return { head: Buffer.concat(first), chunks: chunks() };
}
