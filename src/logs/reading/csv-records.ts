import {
  type Dialect,
  fieldsOf,
  findRecord,
  type FoundRecord,
} from "../../evidence/dump/delimited-record.ts";
import { utf8Text } from "./utf8.ts";
import { type Cutter, LF, MOST_RECORD_BYTES, NOTHING, type Take } from "./record.ts";

/**
 * Delimited text, the names in its first record: a record is the JSON object of its row, every value a text. A row of another width is a flaw
 * and keeps what it has. A record's place is the line it begins on.
 */
export function csvRecords(take: Take, dialect: Dialect): Cutter {
  return new CsvRecords(take, dialect);
}

/** A quote that closes nowhere within this is a stray one. */
const MOST_ROW_BYTES = 1 << 20;

class CsvRecords implements Cutter {
  readonly #take: Take;
  readonly #dialect: Dialect;
  #rest = NOTHING;
  #names: readonly string[] | undefined;
  #line = 1;
  /** Bytes in which a line is a row, whatever its quotes say: one that never closes went through them. */
  #byLine = 0;

  constructor(take: Take, dialect: Dialect) {
    this.#take = take;
    this.#dialect = dialect;
  }

  get held(): number {
    return this.#rest.length;
  }

  push(piece: Buffer): void {
    this.#read(this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]), false);
  }

  end(): void {
    this.#read(this.#rest, true);
    this.#rest = NOTHING;
  }

  #read(bytes: Buffer, final: boolean): void {
    let at = 0;
    while (at < bytes.length) {
      const next = this.#row(bytes, at, final);
      if (next === undefined) break;
      this.#byLine = Math.max(0, this.#byLine - (next - at));
      at = next;
    }
    this.#rest = Buffer.from(bytes.subarray(at));
  }

  // Answers where the next row begins; undefined where more bytes are needed to tell.
  #row(bytes: Buffer, at: number, final: boolean): number | undefined {
    if (this.#byLine === 0) {
      const found = findRecord(bytes, { from: at, final }, this.#dialect);
      if (found && found.problem !== "open quote" && isWhole(bytes, found, final)) {
        this.#keep(bytes, { from: at, to: found.end }, found.problem);
        return found.end;
      }
      if (!final && bytes.length - at <= MOST_ROW_BYTES) return undefined;
      this.#byLine = bytes.length - at;
    }
    const end = bytes.indexOf(LF, at) + 1;
    if (end === 0 && !final && bytes.length - at <= MOST_RECORD_BYTES) return undefined;
    const to = Math.min(end === 0 ? bytes.length : end, at + MOST_RECORD_BYTES);
    this.#keep(bytes, { from: at, to }, "a quote that does not close");
    return to;
  }

  #keep(bytes: Buffer, { from, to }: { from: number; to: number }, problem: string): void {
    const place = this.#line;
    this.#line += lineEnds(bytes, from, to);
    const text = utf8Text(bytes, from, to);
    if (text.trim() === "") return;
    const fields = fieldsOf(text, this.#dialect);
    if (this.#names === undefined) {
      this.#names = namesOf(fields);
      return;
    }
    const record = Buffer.from(JSON.stringify(asObject(this.#names, fields)));
    const flaw = problem === "" ? widthFlaw(this.#names.length, fields.length) : problem;
    this.#take(place, { bytes: record, from: 0, to: record.length, flaw });
  }
}

// What is wrong with a row ends with its line, which may end in a later piece.
function isWhole(bytes: Buffer, { end, problem }: FoundRecord, final: boolean): boolean {
  return problem === "" || final || bytes[end - 1] === LF;
}

function widthFlaw(names: number, fields: number): string {
  return names === fields ? "" : `${fields} fields where the first line names ${names}`;
}

function namesOf(fields: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return fields.map((field, at) => {
    const name = field === "" ? `column_${at + 1}` : field;
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return times === 1 ? name : `${name}_${times}`;
  });
}

function asObject(names: readonly string[], fields: readonly string[]): Record<string, string> {
  return Object.fromEntries(fields.map((field, at) => [names[at] ?? `column_${at + 1}`, field]));
}

function lineEnds(bytes: Buffer, from: number, to: number): number {
  let count = 0;
  for (let at = bytes.indexOf(LF, from); at >= 0 && at < to; at = bytes.indexOf(LF, at + 1))
    count += 1;
  return count;
}
