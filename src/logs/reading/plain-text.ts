// The bytes of a log as UTF-8 text, whatever it is packed and encoded in. Found by content: names lie.
import { Readable, type Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { TocsinError } from "../../core/errors.ts";
import { unpackBzip2 } from "./bzip2.ts";
import { peek } from "./peek.ts";
import { binaryKind } from "./binary-kind.ts";

export type PlainText = {
  readonly compression: Compression | undefined;
  readonly encoding: Encoding;
  /** At least `SAMPLE_BYTES`, or all. */
  readonly head: Buffer;
  /** All, `head` included. @throws TocsinError `refused` for a decompression bomb */
  readonly chunks: AsyncGenerator<Buffer>;
  /** Once read: why it ended before its end. What came before is good. */
  readonly damage: () => string | undefined;
};

type Compression = "gzip" | "zstd" | "bzip2";
type Encoding = "utf-8" | "utf-16le" | "utf-16be";

export const SAMPLE_BYTES = 1 << 18;
const CHUNK_BYTES = 1 << 20;
// What unpacks to more than this many times its size, and to more than 256 MiB, is a bomb and no log: logs reach 50 to 100 times.
const MOST_EXPANSION = 500;
const ALWAYS_FINE = 256 << 20;

/** @throws TocsinError `incompatible` for what is no text, `invalid` where nothing of it can be unpacked, `refused` */
export async function plainText(source: AsyncIterable<Buffer>): Promise<PlainText> {
  const packed = await peek(source, 16);
  const compression = compressionOf(packed.head);
  const state: { damage?: string } = {};
  const open =
    compression === undefined ? packed.chunks : unpacked(packed.chunks, compression, state);
  const text = await peek(open, SAMPLE_BYTES);
  const { encoding, mark } = encodingOf(text.head);
  const reason =
    compression !== undefined && compressionOf(text.head) !== undefined
      ? "it is packed twice: unpack it once"
      : encoding === "utf-8"
        ? binaryKind(text.head)
        : undefined;
  if (reason !== undefined) {
    await text.chunks.return(undefined);
    throw new TocsinError("incompatible", reason);
  }
  const damage = (): string | undefined => state.damage;
  if (encoding === "utf-8") {
    const chunks = mark === 0 ? text.chunks : without(text.chunks, mark);
    return { compression, encoding, head: text.head.subarray(mark), chunks, damage };
  }
  const decoded = await peek(decode(text.chunks, encoding), SAMPLE_BYTES);
  return { compression, encoding, ...decoded, damage };
}

function compressionOf(head: Buffer): Compression | undefined {
  if (head[0] === 0x1f && head[1] === 0x8b) return "gzip"; // RFC 1952
  if (head.length >= 4 && head.readUInt32LE(0) === 0xfd2fb528) return "zstd"; // RFC 8878
  // A skippable frame, which pzstd and seekable files begin with.
  if (head.length >= 4 && (head.readUInt32LE(0) & 0xfffffff0) >>> 0 === 0x184d2a50) return "zstd";
  if (
    /^BZh[1-9](?:314159265359|177245385090)/.test(
      `${head.toString("latin1", 0, 4)}${head.toString("hex", 4, 10)}`,
    )
  )
    return "bzip2"; // a block, or the end of none
  return undefined;
}

// Without a mark, text of which every second byte is 0 is what Windows writes.
function encodingOf(head: Buffer): { encoding: Encoding; mark: number } {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf)
    return { encoding: "utf-8", mark: 3 };
  if (head[0] === 0xff && head[1] === 0xfe) return { encoding: "utf-16le", mark: 2 };
  if (head[0] === 0xfe && head[1] === 0xff) return { encoding: "utf-16be", mark: 2 };
  return { encoding: unmarked(head.subarray(0, 512)), mark: 0 };
}

function unmarked(head: Buffer): Encoding {
  if (head.length < 16) return "utf-8";
  const even = zeros(head, 0);
  const odd = zeros(head, 1);
  if (odd > 0.8 && even < 0.1) return "utf-16le";
  return even > 0.8 && odd < 0.1 ? "utf-16be" : "utf-8";
}

function zeros(bytes: Buffer, odd: 0 | 1): number {
  return bytes.filter((byte, at) => at % 2 === odd && byte === 0).length / (bytes.length / 2);
}

async function* unpacked(
  chunks: AsyncIterable<Buffer>,
  compression: Compression,
  state: { damage?: string },
): AsyncGenerator<Buffer> {
  let into = 0;
  let out = 0;
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      into += chunk.length;
      yield chunk;
    }
  }
  try {
    for await (const chunk of unpackAs(counted(), compression)) {
      out += chunk.length;
      if (out > ALWAYS_FINE && out > into * MOST_EXPANSION)
        throw new TocsinError(
          "refused",
          `a decompression bomb: ${into} bytes became more than ${out}`,
        );
      yield chunk;
    }
  } catch (cause) {
    if (cause instanceof TocsinError || !isDamage(cause)) throw cause;
    state.damage = `its ${compression} data are damaged or cut off after ${out} bytes of text`;
    if (out === 0) throw new TocsinError("invalid", state.damage, { cause });
  }
}

// zlib's codes, zstd's, and our own of bzip2; a file that cannot be read is something else.
function isDamage(error: unknown): boolean {
  if (error instanceof RangeError) return true;
  if (!(error instanceof Error) || !("code" in error)) return false;
  return /^(?:Z_|ZSTD_|ERR_ZLIB|ERR_ZSTD)/.test(String(error.code));
}

export async function* unpackAs(
  chunks: AsyncIterable<Buffer>,
  compression: Compression,
): AsyncGenerator<Buffer> {
  if (compression === "bzip2") {
    yield* unpackBzip2(chunks);
    return;
  }
  const unpack: Transform =
    compression === "gzip"
      ? createGunzip({ chunkSize: CHUNK_BYTES })
      : createZstdDecompress({ chunkSize: CHUNK_BYTES });
  const done = pipeline(Readable.from(chunks), unpack);
  done.catch(() => {});
  yield* unpack;
  await done;
}

/** All but the first bytes. */
export async function* without(
  chunks: AsyncIterable<Buffer>,
  first: number,
): AsyncGenerator<Buffer> {
  let left = first;
  for await (const chunk of chunks) {
    const skipped = Math.min(left, chunk.length);
    left -= skipped;
    if (skipped < chunk.length) yield chunk.subarray(skipped);
  }
}

export async function* decode(
  chunks: AsyncIterable<Buffer>,
  encoding: string,
): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder(encoding);
  for await (const chunk of chunks) yield Buffer.from(decoder.decode(chunk, { stream: true }));
  const last = decoder.decode();
  if (last !== "") yield Buffer.from(last);
}
