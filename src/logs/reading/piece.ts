import { isUtf8 } from "node:buffer";
import type { Span } from "./record.ts";
import { repairUtf8 } from "./utf8.ts";

/** Of a piece: what ClickHouse reads as RowBinary. */
export const PIECE_STRUCTURE = "place UInt64, raw String, flaw String";

// A row beside its texts: place, and two lengths of at most five bytes.
const ROW_BYTES = 18;
const STRIDE = 100_000;

/** Records in memory, as rows for ClickHouse. Bytes that are no UTF-8 are read as Latin-1: rules and JSON want text. */
export class Piece {
  #bytes: Buffer;
  #length = 0;
  /** Ends of rows, one about every `STRIDE`. */
  #ends: number[] = [];
  records = 0;
  repaired = 0;
  /** Must the records to come be looked at, because not all of their bytes are ASCII? */
  check = true;

  constructor(bytes: number) {
    this.#bytes = Buffer.allocUnsafe(bytes);
  }

  get length(): number {
    return this.#length;
  }

  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** At most so many parts of about the same size, each of whole rows. */
  parts(most: number): Buffer[] {
    const ends = Array.from({ length: most }, (_, part) =>
      this.#endAfter((this.#length * (part + 1)) / most),
    );
    const starts = [0, ...ends.slice(0, -1)];
    return starts.flatMap((from, part) => {
      const to = ends[part] ?? this.#length;
      return to > from ? [this.#bytes.subarray(from, to)] : [];
    });
  }

  #endAfter(bytes: number): number {
    return this.#ends.find((end) => end >= bytes) ?? this.#length;
  }

  clear(): void {
    this.#length = 0;
    this.#ends = [];
    this.records = 0;
  }

  add(place: number, { bytes, from, to, flaw }: Span): void {
    if (this.check && !isUtf8(bytes.subarray(from, to))) {
      const repaired = repairUtf8(bytes.subarray(from, to));
      this.repaired += 1;
      this.#write(place, { bytes: repaired, from: 0, to: repaired.length, flaw });
    } else {
      this.#write(place, { bytes, from, to, flaw });
    }
    this.records += 1;
    if (this.#length >= (this.#ends.at(-1) ?? 0) + STRIDE) this.#ends.push(this.#length);
  }

  #write(place: number, { bytes, from, to, flaw }: Span): void {
    this.#room(ROW_BYTES + to - from + flaw.length * 3);
    this.#length = this.#bytes.writeUInt32LE(place % 2 ** 32, this.#length);
    this.#length = this.#bytes.writeUInt32LE(Math.floor(place / 2 ** 32), this.#length);
    this.#size(to - from);
    this.#length += bytes.copy(this.#bytes, this.#length, from, to);
    if (flaw === "") {
      this.#bytes[this.#length++] = 0;
      return;
    }
    this.#size(Buffer.byteLength(flaw));
    this.#length += this.#bytes.write(flaw, this.#length);
  }

  // LEB128
  #size(size: number): void {
    let left = size;
    for (; left > 127; left >>>= 7) this.#bytes[this.#length++] = (left & 127) | 128;
    this.#bytes[this.#length++] = left;
  }

  #room(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#length + more, this.#bytes.length * 1.25));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}
