import { isUtf8 } from "node:buffer";

/** Text of bytes of which some may be no UTF-8: those are read as Latin-1, so that each is still there. */
export function utf8Text(bytes: Buffer, from: number, to: number): string {
  const part = bytes.subarray(from, to);
  return (isUtf8(part) ? part : repairUtf8(part)).toString("utf8");
}

/** The same bytes as UTF-8, where each that is none has become the Latin-1 character of its value. */
export function repairUtf8(bytes: Buffer): Buffer {
  const out = Buffer.allocUnsafe(bytes.length * 2);
  let length = 0;
  for (let at = 0; at < bytes.length;) {
    const size = sequence(bytes, at);
    if (size > 0) {
      for (const end = at + size; at < end; at += 1) out[length++] = bytes[at] ?? 0;
    } else {
      const byte = bytes[at++] ?? 0;
      out[length++] = 0xc0 | (byte >> 6);
      out[length++] = 0x80 | (byte & 0x3f);
    }
  }
  return out.subarray(0, length);
}

// Length of the well-formed sequence (Unicode 16, table 3-7) that begins here; 0 without one.
function sequence(bytes: Buffer, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const size = sizeOf(first);
  const [low, high] = secondByte(first);
  const second = bytes[at + 1] ?? 0;
  if (second < low || second > high) return 0;
  for (let next = at + 2; next < at + size; next += 1) if (!isTrail(bytes[next])) return 0;
  return size;
}

function sizeOf(first: number): number {
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}

function isTrail(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

function secondByte(first: number): readonly [number, number] {
  switch (first) {
    case 0xe0:
      return [0xa0, 0xbf];
    case 0xed:
      return [0x80, 0x9f];
    case 0xf0:
      return [0x90, 0xbf];
    case 0xf4:
      return [0x80, 0x8f];
    default:
      return [0x80, 0xbf];
  }
}
