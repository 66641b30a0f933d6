import { CR, cutFlaw, type Cutter, LF, MOST_RECORD_BYTES, NOTHING, type Take } from "./record.ts";

// Enough of a line for `continues`: more would make long lines slow.
const START_BYTES = 256;

/**
 * One record a line, without its end; `continues`: consecutive lines that it matches, on their start, belong to the record before. A
 * record's place is the number of its first line. Empty lines are none.
 */
export function lineRecords(take: Take, continues?: string): Cutter {
  return new LineRecords(take, continues === undefined ? undefined : asRegExp(continues));
}

class LineRecords implements Cutter {
  readonly #take: Take;
  readonly #continues: RegExp | undefined;
  /** From the start of the record that is not over. */
  #rest = NOTHING;
  /** Within `#rest`: where its last line begins, which has no end yet; and the end of the record up to there, 0 without one. */
  #lineAt = 0;
  #recordEnd = 0;
  #place = 1;
  #line = 1;
  /** Bytes of the line that were left out. */
  #left = 0;

  constructor(take: Take, continues: RegExp | undefined) {
    this.#take = take;
    this.#continues = continues;
  }

  get held(): number {
    return this.#rest.length;
  }

  push(piece: Buffer): void {
    const rest = this.#rest.length;
    const bytes = rest === 0 ? piece : Buffer.concat([this.#rest, piece]);
    let start = 0;
    let lineAt = this.#lineAt;
    for (let end = bytes.indexOf(LF, rest); end >= 0; end = bytes.indexOf(LF, lineAt)) {
      start = this.#lineEnds(bytes, { start, lineAt, end });
      lineAt = end + 1;
      this.#line += 1;
    }
    this.#hold(bytes, start, lineAt);
  }

  end(): void {
    const bytes = this.#rest;
    const start = this.#lineEnds(bytes, { start: 0, lineAt: this.#lineAt, end: bytes.length });
    this.#emit(bytes, { from: start, to: this.#recordEnd, left: 0 });
    this.#rest = NOTHING;
    this.#lineAt = 0;
    this.#recordEnd = 0;
  }

  // The line from `lineAt` to `end` is whole. Answers where the record that is not over begins.
  #lineEnds(bytes: Buffer, at: { start: number; lineAt: number; end: number }): number {
    const { start, lineAt, end } = at;
    const to = this.#lineTo(bytes, lineAt, end);
    const left = this.#left;
    this.#left = 0;
    if (this.#continues === undefined) {
      this.#place = this.#line;
      this.#emit(bytes, { from: lineAt, to, left });
      return end + 1;
    }
    if (left === 0 && this.#recordEnd > start && this.#goesOn(bytes, { lineAt, to, start })) {
      this.#recordEnd = to;
      return start;
    }
    this.#emit(bytes, { from: start, to: this.#recordEnd, left: 0 });
    this.#place = this.#line;
    if (left > 0) this.#emit(bytes, { from: lineAt, to, left });
    this.#recordEnd = left > 0 ? 0 : to;
    return lineAt;
  }

  #lineTo(bytes: Buffer, lineAt: number, end: number): number {
    const most = lineAt + MOST_RECORD_BYTES;
    if (end > most || this.#left > 0) {
      this.#left += Math.max(0, end - most);
      return Math.min(end, most);
    }
    return end > lineAt && bytes[end - 1] === CR ? end - 1 : end;
  }

  #goesOn(
    bytes: Buffer,
    { lineAt, to, start }: { lineAt: number; to: number; start: number },
  ): boolean {
    if (to - start > MOST_RECORD_BYTES) return false;
    return (
      this.#continues?.test(bytes.toString("latin1", lineAt, Math.min(to, lineAt + START_BYTES))) ??
      false
    );
  }

  #emit(bytes: Buffer, { from, to, left }: { from: number; to: number; left: number }): void {
    if (to <= from) return;
    const flaw = left === 0 ? "" : cutFlaw(to - from + left);
    this.#take(this.#place, { bytes, from, to, flaw });
  }

  #hold(bytes: Buffer, start: number, lineAt: number): void {
    const from = Math.min(start, bytes.length);
    const most = Math.max(lineAt, from) + MOST_RECORD_BYTES;
    if (bytes.length > most) this.#left += bytes.length - most;
    this.#rest = Buffer.from(bytes.subarray(from, most));
    this.#lineAt = Math.max(0, lineAt - from);
    this.#recordEnd = Math.max(0, this.#recordEnd - from);
  }
}

// RE2's flags stand within the pattern, ours beside it.
function asRegExp(pattern: string): RegExp {
  const flags = /^\(\?([imsu]+)\)/.exec(pattern);
  return new RegExp(`^(?:${flags ? pattern.slice(flags[0].length) : pattern})`, flags?.[1] ?? "");
}
