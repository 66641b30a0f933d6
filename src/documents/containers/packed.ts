// gzip, zstd and bzip2: one document each, or an archive.
import { Readable, type Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { unpackBzip2 } from "../../logs/reading/bzip2.ts";
import { type Bytes, bytesOf } from "../bytes.ts";
import type { Walk } from "../walk.ts";

const CHUNK_BYTES = 1 << 18;

type Packing = "gzip" | "bzip2" | "zstd";

export async function readPacked(bytes: Bytes, at: string, walk: Walk): Promise<string> {
  const packing = packingOf(bytes.head);
  const plain = unpacked(bytes.chunks, packing);
  const damage: { error?: unknown } = {};
  const inner = await bytesOf(walk.budget.counted(untilDamage(plain, damage)));
  await walk.inner(inner, at);
  if (damage.error !== undefined) throw damage.error;
  return packing;
}

/** What came before the damage is good and is read. */
async function* untilDamage(
  chunks: AsyncIterable<Buffer>,
  damage: { error?: unknown },
): AsyncGenerator<Buffer> {
  try {
    yield* chunks;
  } catch (error) {
    damage.error = error;
  }
}

function packingOf(head: Buffer): Packing {
  if (head[0] === 0x1f) return "gzip";
  return head[0] === 0x42 ? "bzip2" : "zstd";
}

async function* unpacked(chunks: AsyncIterable<Buffer>, packing: Packing): AsyncGenerator<Buffer> {
  if (packing === "bzip2") {
    yield* unpackBzip2(chunks);
    return;
  }
  const unpack: Transform =
    packing === "gzip"
      ? createGunzip({ chunkSize: CHUNK_BYTES })
      : createZstdDecompress({ chunkSize: CHUNK_BYTES });
  const done = pipeline(Readable.from(chunks), unpack);
  done.catch(() => {});
  yield* unpack;
  await done;
}
