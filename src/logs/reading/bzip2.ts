// bzip2, which Node does not bring: the sorting of a block (at most 900 kB) undone at a time, in about 8 MB of memory.
import { BitReader } from "./bit-reader.ts";
import { decodeBlock } from "./bzip2-block.ts";

// A block of 900,000 symbols at the longest code, 20 bits, and its tables.
const MOST_BLOCK_BYTES = 2_400_000;
const OUT_BYTES = 1 << 20;

const BLOCK = 0x314159;
const END = 0x177245;

/** Streams one after the other are one. @throws RangeError where the data are damaged or end too soon */
export async function* unpackBzip2(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const bits = new BitReader(chunks);
  try {
    for (let streams = 0; await bits.ensure(MOST_BLOCK_BYTES); streams += 1) {
      const level = readHeader(bits);
      if (level === undefined) {
        if (streams === 0) throw new RangeError("the data are no bzip2");
        return; // what stands after the last stream is padding
      }
      yield* unpackStream(bits, level * 100_000);
    }
  } finally {
    await bits.close();
  }
}

function readHeader(bits: BitReader): number | undefined {
  try {
    if (bits.read(24) !== 0x425a68) return undefined; // BZh
    const level = bits.read(8) - 0x30;
    return level >= 1 && level <= 9 ? level : undefined;
  } catch {
    return undefined;
  }
}

async function* unpackStream(bits: BitReader, blockBytes: number): AsyncGenerator<Buffer> {
  for (let whole = 0; ;) {
    await bits.ensure(MOST_BLOCK_BYTES);
    const kind = bits.read(24);
    bits.read(24);
    const crc = readUint32(bits);
    if (kind === END) {
      if (crc !== whole) throw new RangeError("the checksum of the data does not fit");
      bits.align();
      return;
    }
    if (kind !== BLOCK) throw new RangeError("a block does not begin as it should");
    const block = decodeBlock(bits, blockBytes);
    const running = yield* unpackRuns(block);
    if (running !== crc) throw new RangeError("the checksum of a block does not fit");
    whole = (((whole << 1) | (whole >>> 31)) ^ crc) >>> 0;
  }
}

// Four equal bytes are followed by how many more there are. Answers the checksum of what came out.
function* unpackRuns(block: Iterable<number>): Generator<Buffer, number> {
  let out = Buffer.allocUnsafe(OUT_BYTES);
  let length = 0;
  let crc = 0xffffffff;
  let last = -1;
  let equal = 0;
  for (const byte of block) {
    const count = equal === 4 ? byte : 1;
    const value = equal === 4 ? last : byte;
    equal = equal === 4 ? 0 : byte === last ? equal + 1 : 1;
    last = equal === 0 ? -1 : value;
    for (let n = 0; n < count; n += 1) {
      crc = (crc << 8) ^ (CRC[(crc >>> 24) ^ value] ?? 0);
      out[length++] = value;
      if (length === OUT_BYTES) {
        yield out;
        out = Buffer.allocUnsafe(OUT_BYTES);
        length = 0;
      }
    }
  }
  yield out.subarray(0, length);
  return ~crc >>> 0;
}

function readUint32(bits: BitReader): number {
  return bits.read(16) * 65_536 + bits.read(16);
}

// CRC-32 of the polynomial 0x04C11DB7, the highest bit first.
const CRC = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit += 1) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  return crc;
});
