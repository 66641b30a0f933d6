import { findRecord, lineEnd } from "../../evidence/dump/delimited-record.ts";
import { type SniffedDialect, sniffDialect } from "../../evidence/dump/sniff-dialect.ts";

const ROWS = 200;
/** A longer head may end in the middle of a row. */
const CUT_BYTES = 1 << 17;
const MOST_WORDS = 5;

/** Whether nearly all of the first lines are rows of the same number of fields. Prose has commas too. */
export function isTabular(head: Buffer): boolean {
  const dialect = sniffDialect(head);
  if (dialect.name === "one column") return false;
  // A sentence is no name of a column.
  if (dialect.columns.some((name) => name.split(/\s+/).length > MOST_WORDS)) return false;
  const counts = fieldCounts(head, dialect);
  const fits = counts.filter((count) => count === dialect.columns.length).length;
  const share = fits / Math.max(1, counts.length);
  if (dialect.name === "colon") return share > 0.95 && counts.length >= 5 && !dialect.header;
  if (!dialect.header) return share >= 0.9 && counts.length >= 3 && !isProse(head, dialect);
  return share >= 0.9 ? counts.length >= 2 : share >= 0.5 && counts.length >= 3;
}

const MOST_IN_PROSE = 4;
const WORDY = 0.5;

// Sentences with as many commas each: a blank behind nearly every one, and words on both sides of it.
function isProse(head: Buffer, { delimiter, columns }: SniffedDialect): boolean {
  if (columns.length > MOST_IN_PROSE) return false;
  const lines = head.toString("utf8", 0, 65_536).split("\n", ROWS);
  const sign = String.fromCharCode(delimiter);
  const wordy = lines.filter((line) => {
    const parts = line.split(sign);
    return parts.length > 1 && parts.slice(1).every((part) => /^ \S+ /.test(part));
  });
  return wordy.length > lines.filter((line) => line.trim() !== "").length * WORDY;
}

/** Of each of the first records; 0 for one that is broken. */
function fieldCounts(head: Buffer, dialect: SniffedDialect): number[] {
  const counts: number[] = [];
  for (let from = 0; from < head.length && counts.length < ROWS;) {
    const found = findRecord(head, { from, final: true }, dialect);
    if (!found) break;
    const blank = head.toString("latin1", from, found.end).trim() === "";
    const whole = found.end < head.length || head.length < CUT_BYTES;
    if (!blank && whole) counts.push(found.problem === "" ? found.fields : 0);
    from = found.problem === "" ? found.end : lineEnd(head, from);
  }
  return counts;
}
