// Goes through delimited text record by record in bounded memory, and says of each whether it is whole.
import { isUtf8 } from "node:buffer";
import { type Dialect, findRecord, type FoundRecord, lineEnd } from "./delimited-record.ts";
import type { SetAsideCount } from "./set-aside.ts";

/** A longer record is taken for a quote that was never closed. */
const LONGEST_RECORD = 1 << 20;

export type ScanInput = {
  readonly dialect: Dialect;
  readonly columns: number;
  readonly setAside: SetAsideCount;
  /** Is given each record that is not whole, its bytes for as long as the call. */
  readonly broken?: ((record: Buffer, number: number) => void) | undefined;
};

/** Records are numbered from 1, the broken ones too; blank lines are not records. */
export type Whole = { readonly bytes: Buffer; readonly number: number };

export async function* wholeRecords(
  chunks: AsyncIterable<Buffer>,
  input: ScanInput,
): AsyncGenerator<Whole[]> {
  const scan = new Scan(input);
  for await (const chunk of chunks) {
    const found = scan.take(chunk, false);
    if (found.length > 0) yield found;
  }
  const last = scan.take(Buffer.alloc(0), true);
  if (last.length > 0) yield last;
}

/** The number of rows, whole or not; the chunks themselves are passed on by the caller. */
export class Scan {
  readonly #input: ScanInput;
  #held: Buffer = Buffer.alloc(0);
  #number = 0;

  constructor(input: ScanInput) {
    this.#input = input;
  }

  get rows(): number {
    return this.#number;
  }

  /** The whole records that this chunk completes. With `final`, what is left is a record too. */
  take(chunk: Buffer, final: boolean): Whole[] {
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    // Bytes that are fine as a whole are fine in each record: two native passes instead of two a record.
    const region = final ? bytes : bytes.subarray(0, bytes.lastIndexOf(10) + 1);
    const clean = isUtf8(region) && !region.includes(0);
    const whole: Whole[] = [];
    let from = 0;
    while (from < bytes.length) {
      const found = this.#next(bytes, from, final);
      if (!found) break;
      const record = bytes.subarray(from, found.end);
      from = found.end;
      if (isBlank(record)) continue;
      this.#number += 1;
      const problem = this.#problemOf(found, record, clean);
      if (problem === undefined) whole.push({ bytes: record, number: this.#number });
      else {
        this.#input.setAside.add(problem, this.#number);
        this.#input.broken?.(record, this.#number);
      }
    }
    this.#held = from === 0 && bytes.length > 0 ? bytes : Buffer.from(bytes.subarray(from));
    return whole;
  }

  // A quote that does not close takes its first line with it and no more.
  #next(bytes: Buffer, from: number, final: boolean): FoundRecord | undefined {
    const found = findRecord(bytes, { from, final }, this.#input.dialect);
    if (found) {
      const tooLong = found.end - from > LONGEST_RECORD;
      const broken = found.problem === "open quote" || found.problem === "stray quote" || tooLong;
      return broken
        ? { ...found, problem: found.problem || "open quote", end: lineEnd(bytes, from) }
        : found;
    }
    if (bytes.length - from <= LONGEST_RECORD) return undefined;
    return { end: lineEnd(bytes, from), fields: 0, problem: "open quote" };
  }

  #problemOf(found: FoundRecord, record: Buffer, clean: boolean): string | undefined {
    if (found.problem === "open quote")
      return record.length > LONGEST_RECORD ? "longer than 1 MiB" : "a quote that does not close";
    if (found.problem === "stray quote") return "text after a closing quote";
    if (found.problem === "stray carriage return") return "a carriage return within the row";
    if (found.fields !== this.#input.columns)
      return found.fields < this.#input.columns ? "too few fields" : "too many fields";
    if (clean) return undefined;
    if (record.includes(0)) return "a NUL byte";
    return isUtf8(record) ? undefined : "not UTF-8";
  }
}

function isBlank(record: Buffer): boolean {
  return (
    record.length <= 2 &&
    (record.length === 0 || record[0] === 10 || (record[0] === 13 && record[1] === 10))
  );
}
