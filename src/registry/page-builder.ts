// Collects the lines of a page as pieces of the buffers that they came in, without copying them.
import { isUtf8 } from "node:buffer";
import { PAGE_ROWS, type Broken, type Reason } from "./page.ts";

const PAGE_BYTES = 64 * 1024 * 1024;
/** Longer values are cut (page-select.sql.ts); a line that is no longer holds none. */
const TIDY_LINE = 4_000;

export type PageBuilder = {
  /** A line with its end, `[from, to)` of `buffer`. */
  add(buffer: Buffer, from: number, to: number): void;
  /** `placeholder` keeps the place of a line that is no record, so that all others keep theirs. */
  addBroken(reason: Reason, placeholder: Buffer): void;
  readonly full: boolean;
  readonly lines: number;
  take(): BuiltPage;
};

export type BuiltPage = {
  readonly pieces: readonly Buffer[];
  readonly firstRow: number;
  readonly lines: number;
  readonly broken: readonly Broken[];
  readonly tidy: boolean;
};

/** A page ends after 100,000 lines, 64 MiB or 2,000 broken lines, whichever comes first. */
export function pageBuilder(rowsBefore: number, pageRows = PAGE_ROWS): PageBuilder {
  let firstRow = rowsBefore + 1;
  let pieces: Buffer[] = [];
  let run: { buffer: Buffer; from: number; to: number } | undefined;
  let [lines, bytes, longest] = [0, 0, 0];
  let broken: Broken[] = [];
  const flush = (): void => {
    if (run) pieces.push(run.buffer.subarray(run.from, run.to));
    run = undefined;
  };
  return {
    add: (buffer, from, to) => {
      if (run?.buffer === buffer && run.to === from) run.to = to;
      else {
        flush();
        run = { buffer, from, to };
      }
      lines += 1;
      bytes += to - from;
      if (to - from > longest) longest = to - from;
    },
    addBroken: (reason, placeholder) => {
      flush();
      pieces.push(placeholder);
      broken.push({ row: firstRow + lines, reason });
      lines += 1;
    },
    get full() {
      return lines >= pageRows || bytes >= PAGE_BYTES || broken.length >= 2_000;
    },
    get lines() {
      return lines;
    },
    take: () => {
      flush();
      const tidy =
        longest <= TIDY_LINE && pieces.every((piece) => isUtf8(piece) && !piece.includes(0));
      const built = { pieces, firstRow, lines, broken, tidy };
      firstRow += lines;
      [pieces, broken, lines, bytes, longest] = [[], [], 0, 0, 0];
      return built;
    },
  };
}
