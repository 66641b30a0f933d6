// The body of a log sender's request: decompressed as it comes, never more of it in memory than its limits and the budget allow.
import { Readable, type Transform } from "node:stream";
import { constants, createGunzip, createInflate, createZstdDecompress } from "node:zlib";
import type { ByteBudget } from "./byte-budget.ts";
import { BUSY, isRefusal, type Refusal, refuse } from "./refusal.ts";

export type BodyLimits = {
  /** As it is sent. */
  readonly sentBytes: number;
  /** Decompressed: what a bomb is cut at. */
  readonly bytes: number;
};

export const BODY_LIMITS: BodyLimits = { sentBytes: 8 << 20, bytes: 16 << 20 };

export type Body = {
  readonly bytes: Buffer;
  /** Gives its bytes back to the budget. Called once the records are written, or refused. */
  readonly release: () => void;
};

export type BodyInput = {
  readonly body: AsyncIterable<Uint8Array>;
  /** The header as sent, if any. */
  readonly encoding: string | undefined;
  readonly length: string | undefined;
  readonly budget: ByteBudget;
  readonly limits?: BodyLimits;
};

// Frames that want more memory than RFC 9659 lets a sender ask for (8 MiB) are refused.
const ZSTD = { params: { [constants.ZSTD_d_windowLogMax]: 23 } };

const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: () => createGunzip(),
  "x-gzip": () => createGunzip(),
  deflate: () => createInflate(),
  zstd: () => createZstdDecompress(ZSTD),
};

/** The whole body, decompressed; or why not. Nothing of a refused one is kept. */
export async function readBody(input: BodyInput): Promise<Body | Refusal> {
  const { limits = BODY_LIMITS } = input;
  const chunks = input.body[Symbol.asyncIterator]();
  const read = await readChunks(chunks, { ...input, limits });
  if (!isRefusal(read)) return { bytes: Buffer.concat(read.parts), release: read.release };
  // A sender that is cut off in the middle sees a broken connection and no answer: what it still sends is read and thrown away.
  if (read.status === 413 || read.status === 429) await drain(chunks, limits.sentBytes);
  return read;
}

type Chunks = AsyncIterator<Uint8Array>;
type Parts = { readonly parts: Uint8Array[]; readonly release: () => void };

async function readChunks(
  chunks: Chunks,
  { encoding: header, length: told, budget, limits }: BodyInput & { limits: BodyLimits },
): Promise<Parts | Refusal> {
  const encoding = (header ?? "identity").trim().toLowerCase();
  const decoder = DECODERS[encoding];
  if (decoder === undefined && encoding !== "identity" && encoding !== "")
    return refuse(415, "this content-encoding is not read: send gzip, zstd, deflate or none");
  const length = Number(told ?? 0);
  if (length > limits.sentBytes) return tooLarge("sent", limits.sentBytes);
  if (budget.held > 0 && !fits(budget, length)) return BUSY;
  let held = 0;
  const release = (): void => {
    budget.give(held);
    held = 0;
  };
  const parts: Uint8Array[] = [];
  const take = (part: Uint8Array): Refusal | undefined => {
    if (held + part.length > limits.bytes) return tooLarge("decompressed", limits.bytes);
    if (!budget.take(part.length)) return BUSY;
    held += part.length;
    parts.push(part);
    return undefined;
  };
  const failed = await pour(sourceOf(chunks, decoder, limits), { take, limits });
  if (failed === undefined) return { parts, release };
  release();
  return failed;
}

const DRAIN_MS = 10_000;

async function drain(chunks: Chunks, most: number): Promise<void> {
  const until = performance.now() + DRAIN_MS;
  try {
    for (let left = most; left > 0 && performance.now() < until;) {
      const next = await chunks.next();
      if (next.done === true) return;
      left -= next.value.length;
    }
  } catch {
    // The sender went away: there is nobody to answer.
  }
}

function fits(budget: ByteBudget, bytes: number): boolean {
  if (!budget.take(bytes)) return false;
  budget.give(bytes);
  return true;
}

class TooMuchSent extends Error {}

// The iterator outlives the streams over it: what is left of the body can still be read.
function sourceOf(
  chunks: Chunks,
  decoder: (() => Transform) | undefined,
  { sentBytes }: BodyLimits,
): Readable {
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    let sent = 0;
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
      sent += next.value.length;
      if (sent > sentBytes) throw new TooMuchSent();
      yield next.value;
    }
  };
  const plain = Readable.from(counted(), { objectMode: false });
  if (decoder === undefined) return plain;
  const through = decoder();
  plain.on("error", (error) => through.destroy(error));
  through.on("close", () => plain.destroy());
  return plain.pipe(through);
}

type Pouring = {
  readonly take: (part: Uint8Array) => Refusal | undefined;
  readonly limits: BodyLimits;
};

async function pour(source: Readable, { take, limits }: Pouring): Promise<Refusal | undefined> {
  try {
    for await (const part of source) {
      const failed = take(part as Uint8Array); // a stream that is not in object mode gives bytes
      if (failed !== undefined) return failed;
    }
    return undefined;
  } catch (error) {
    if (error instanceof TooMuchSent) return tooLarge("sent", limits.sentBytes);
    if (isBroken(error))
      return refuse(400, "the body does not decompress: it is broken or cut off");
    return refuse(400, "the connection ended before the body did");
  } finally {
    source.destroy();
  }
}

// zlib's own codes: Z_DATA_ERROR, Z_BUF_ERROR, ZSTD_error_…
function isBroken(error: unknown): boolean {
  return (
    error instanceof Error && "code" in error && /^(Z_|ZSTD_|ERR_ZLIB)/.test(String(error.code))
  );
}

function tooLarge(what: "sent" | "decompressed", most: number): Refusal {
  return refuse(413, `the body is larger than ${most >> 20} MiB ${what}: send smaller batches`);
}
