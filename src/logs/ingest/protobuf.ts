// Protocol Buffers' wire format, as much of it as reading takes: https://protobuf.dev/programming-guides/encoding/

export class BrokenMessage extends Error {
  override readonly name = "BrokenMessage";
}

export type WireField =
  | { readonly number: number; readonly wire: 0; readonly value: bigint }
  | { readonly number: number; readonly wire: 1 | 2 | 5; readonly value: Buffer };

/** The fields of one message, in the order in which they stand. @throws BrokenMessage */
export function* fieldsOf(message: Buffer): Generator<WireField> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = message[at];
      if (byte === undefined) throw new BrokenMessage("a number is cut off");
      at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new BrokenMessage("a number is longer than ten bytes");
  };
  // Most tags and lengths are a byte or two: no need of a bigint.
  const small = (): number => {
    const byte = message[at];
    if (byte !== undefined && byte < 0x80) {
      at += 1;
      return byte;
    }
    const value = varint();
    if (value > 0xffff_ffffn) throw new BrokenMessage("a length or tag is too large");
    return Number(value);
  };
  const bytes = (length: number): Buffer => {
    if (at + length > message.length) throw new BrokenMessage("a field is cut off");
    at += length;
    return message.subarray(at - length, at);
  };
  while (at < message.length) {
    const tag = small();
    const number = tag >>> 3;
    const wire = tag & 7;
    if (number === 0) throw new BrokenMessage("a field has the number 0");
    if (wire === 0) yield { number, wire, value: varint() };
    else if (wire === 1) yield { number, wire, value: bytes(8) };
    else if (wire === 2) yield { number, wire, value: bytes(small()) };
    else if (wire === 5) yield { number, wire, value: bytes(4) };
    else throw new BrokenMessage(`there is no wire type ${wire} in proto3`);
  }
}

/** One length-delimited field. */
export function writeField(number: number, value: Uint8Array | string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([writeVarint((number << 3) | 2), writeVarint(bytes.length), bytes]);
}

export function writeNumber(number: number, value: number): Buffer {
  return Buffer.concat([writeVarint(number << 3), writeVarint(value)]);
}

/** Of a whole number from 0 to 2^53 - 1. */
export function writeVarint(value: number): Buffer {
  const bytes: number[] = [];
  let left = value;
  for (; left >= 0x80; left = Math.floor(left / 0x80)) bytes.push((left % 0x80) | 0x80);
  bytes.push(left);
  return Buffer.from(bytes);
}
