// gzip, zstd and bzip2: one document each, or an archive.
import { unpackAs } from "../../logs/reading/plain-text.ts";
import { type Bytes, bytesOf } from "../bytes.ts";
import type { Walk } from "../walk.ts";

type Packing = "gzip" | "bzip2" | "zstd";

export async function readPacked(bytes: Bytes, at: string, walk: Walk): Promise<string> {
  const packing = packingOf(bytes.head);
  const plain = unpackAs(bytes.chunks, packing);
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
