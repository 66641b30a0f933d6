import { CR, cutFlaw, type Cutter, LF, MOST_RECORD_BYTES, NOTHING, type Take } from "./record.ts";
import { type Scan, scanValue, startScan } from "./scan-json.ts";

/**
 * JSON values one after the other, pretty-printed or not, or the elements of one array; with `inside`, the elements of the array below
 * that key of each document. A record's place is the line it begins on, or the next number where several begin on one.
 *
 * What is broken ends with its line, so that the rest is read as if it were not there: a value that never closes is its first line, and
 * the lines after it are looked at one by one.
 */
export function jsonRecords(take: Take, inside?: string): Cutter {
  return new JsonRecords(take, inside);
}

/** Where we are: between values; between elements of the array that holds the records; after it, in its document. */
type Level = "top" | "elements" | "tail";

const OPEN = 0x7b;
const CLOSE = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const COMMA = 0x2c;
const SPACE = 0x20;
const TAB = 9;
const RECORD_SEPARATOR = 0x1e; // RFC 7464
const BETWEEN: ReadonlySet<number> = new Set([LF, CR, SPACE, TAB, COMMA, RECORD_SEPARATOR]);

class JsonRecords implements Cutter {
  readonly #take: Take;
  readonly #inside: Buffer | undefined;
  #level: Level = "top";
  /** Did the array stand alone, and not below a key of a document? */
  #bare = true;
  #rest = NOTHING;
  /** Of the value that `#rest` begins with. */
  #scan: Scan | undefined;
  #line = 1;
  #place = 0;
  /** Bytes of `#rest` in which every line is a record of its own: a value that never closed went through them. */
  #byLine = 0;
  readonly #lineEnd = new Sign(Buffer.from("\n"));
  /** On a line with one of these more may begin than one value. */
  readonly #doubts: readonly Sign[];
  /** Of a line that is longer than a record may be. */
  #cut: { length: number } | undefined;

  constructor(take: Take, inside: string | undefined) {
    this.#take = take;
    this.#inside = inside === undefined ? undefined : Buffer.from(JSON.stringify(inside));
    const doubts = [
      "}{",
      "} {",
      "}\t{",
      "}\u001E",
      ...(inside === undefined ? [] : [JSON.stringify(inside)]),
    ];
    this.#doubts = doubts.map((sign) => new Sign(Buffer.from(sign)));
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
    for (const sign of [this.#lineEnd, ...this.#doubts]) sign.reset();
    while (at < bytes.length) {
      const next = this.#step(bytes, at, final);
      if (next === undefined) break;
      this.#byLine = Math.max(0, this.#byLine - (next - at));
      at = next;
    }
    this.#rest = Buffer.from(bytes.subarray(at, this.#cut ? at + MOST_RECORD_BYTES : undefined));
  }

  // One value, or one byte between values. Undefined where more bytes are needed to tell.
  #step(bytes: Buffer, at: number, final: boolean): number | undefined {
    if (this.#cut) return this.#skipCut(bytes, at, final);
    if (this.#level === "tail") return this.#tail(bytes, at, final);
    const byte = bytes[at] ?? 0;
    if (byte === LF) this.#line += 1;
    if (BETWEEN.has(byte)) return at + 1;
    return this.#byLine > 0 ? this.#oneLine(bytes, at, final) : this.#begin(bytes, at, final);
  }

  #begin(bytes: Buffer, at: number, final: boolean): number | undefined {
    const byte = bytes[at];
    if (byte === OPEN) return this.#object(bytes, at, final);
    if (byte === OPEN_ARRAY && this.#level === "top") return this.#enter("bare", at + 1);
    if (byte === CLOSE_ARRAY && this.#level === "elements") return this.#leave(at + 1);
    return this.#oneLine(bytes, at, final);
  }

  #enter(how: "bare" | "inside", next: number): number {
    this.#level = "elements";
    this.#bare = how === "bare";
    return next;
  }

  #leave(next: number): number {
    this.#level = this.#bare ? "top" : "tail";
    return next;
  }

  #object(bytes: Buffer, at: number, final: boolean): number | undefined {
    if (this.#scan === undefined) {
      const line = this.#wholeLine(bytes, at);
      if (line !== undefined) return line;
    }
    const scan = (this.#scan ??= startScan(at));
    // In a bare array or at the top, a document may hold the records.
    const found = scanValue(bytes, scan, this.#level === "top" ? this.#inside : undefined);
    if (found === "more" && bytes.length - at <= MOST_RECORD_BYTES && !final) {
      scan.at -= at;
      return undefined;
    }
    this.#scan = undefined;
    if (found === "inside") {
      this.#line += scan.lines;
      return this.#enter("inside", scan.at);
    }
    if (found === "whole") {
      this.#emit(bytes, at, scan.at);
      this.#line += scan.lines;
      return scan.at;
    }
    this.#byLine = (found === "more" ? bytes.length : scan.at) - at;
    return this.#oneLine(bytes, at, final);
  }

  // A line at the top that begins with `{` and ends with `}`, with `{` on the next, is one value, or is broken whatever follows: 2 GB/s, where
  // looking at each byte gives 300 MB/s. Not so where two values may stand on it.
  #wholeLine(bytes: Buffer, at: number): number | undefined {
    const end = this.#lineEnd.from(bytes, at);
    if (this.#level !== "top" || bytes[end + 1] !== OPEN) return undefined;
    let to = end;
    while (to > at && isBlank(bytes[to - 1])) to -= 1;
    if (bytes[to - 1] !== CLOSE) return undefined;
    if (this.#doubts.some((sign) => sign.from(bytes, at) < to)) return undefined;
    this.#emit(bytes, at, to);
    return end;
  }

  #oneLine(bytes: Buffer, at: number, final: boolean): number | undefined {
    const to = this.#lineEnd.from(bytes, at);
    if (to === bytes.length && !final) {
      if (bytes.length - at <= MOST_RECORD_BYTES) return undefined;
      this.#cut = { length: 0 };
      return at;
    }
    if (to - at > MOST_RECORD_BYTES) {
      this.#cut = { length: 0 };
      return at;
    }
    this.#emit(bytes, at, withoutBlanks(bytes, at, to));
    if (this.#level === "elements" && bytes[to - 1] === CLOSE_ARRAY) this.#leave(to);
    return to;
  }

  // The first part is the record, the rest is counted up to the line's end; told when that is known.
  #skipCut(bytes: Buffer, at: number, final: boolean): number | undefined {
    const kept = Math.min(bytes.length, at + MOST_RECORD_BYTES);
    const end = bytes.indexOf(LF, kept);
    if (end < 0 && !final) {
      if (this.#cut) this.#cut.length += bytes.length - kept;
      return undefined;
    }
    const to = end < 0 ? bytes.length : end;
    const flaw = cutFlaw(to - at + (this.#cut?.length ?? 0));
    this.#cut = undefined;
    this.#place = Math.max(this.#place + 1, this.#line);
    this.#take(this.#place, { bytes, from: at, to: kept, flaw });
    return to;
  }

  #tail(bytes: Buffer, at: number, final: boolean): number | undefined {
    const scan = (this.#scan ??= { ...startScan(at), depth: 1 });
    const found = scanValue(bytes, scan, undefined);
    this.#line += scan.lines;
    scan.lines = 0;
    if (found === "more") {
      const stopped = scan.at;
      if (final) return bytes.length;
      if (stopped === at || stopped === bytes.length) scan.at = 0;
      return stopped === at ? undefined : stopped;
    }
    this.#scan = undefined;
    this.#level = "top";
    return scan.at;
  }

  #emit(bytes: Buffer, from: number, to: number): void {
    this.#place = Math.max(this.#place + 1, this.#line);
    this.#take(this.#place, { bytes, from, to, flaw: "" });
  }
}

function isBlank(byte: number | undefined): boolean {
  return byte === CR || byte === SPACE || byte === COMMA || byte === TAB;
}

function withoutBlanks(bytes: Buffer, from: number, end: number): number {
  let to = end;
  while (to > from && (bytes[to - 1] === CR || bytes[to - 1] === SPACE)) to -= 1;
  return to;
}

/** Where something stands next, looked for once however many values begin before it. */
class Sign {
  readonly #sign: Buffer;
  #next = -1;

  constructor(sign: Buffer) {
    this.#sign = sign;
  }

  /** The bytes are other ones now. */
  reset(): void {
    this.#next = -1;
  }

  /** Their end where it stands nowhere. */
  from(bytes: Buffer, at: number): number {
    if (this.#next < at) {
      const next = bytes.indexOf(this.#sign, at);
      this.#next = next < 0 ? bytes.length : next;
    }
    return this.#next;
  }
}
