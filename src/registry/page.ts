import type { ClickFormat } from "../db/click.ts";

/** So many accounts lie between two durable cursors: a second's work, so that a process that dies every few seconds gets on. */
export const PAGE_ROWS = 100_000;

/** Why a row, or a value of it, could not be taken as it is. The ledger, the listing and the console use these words. */
export const REASONS = {
  "broken-record": "removed", // the wrong number of fields, or no JSON object
  "record-too-long": "removed",
  truncated: "removed", // the source ends within it
  "missing-key": "removed",
  "unusable-key": "removed", // longer than 500 octets, or with a NUL in it
  "duplicate-key": "removed", // a row before it (with `changed`: a newer one) has the key
  "no-address": "unreachable",
  "invalid-address": "unreachable",
  "invalid-guardian-address": "marked",
  "minor-without-guardian": "marked",
  "invalid-estate-address": "unreachable",
  "unreadable-birth-date": "marked",
  "invalid-phone": "marked",
  "unknown-country": "marked",
  "mixed-scripts": "marked", // letters that look alike of two scripts in an identifier
  "nul-byte": "marked", // taken out
  "wrong-encoding": "marked", // bytes that are not UTF-8 became U+FFFD
  "value-too-long": "marked", // cut at 4,000 octets
} as const satisfies Record<string, "removed" | "unreachable" | "marked">;

export type Reason = keyof typeof REASONS;

export type Broken = { readonly row: number; readonly reason: Reason };

/** A piece of a source as a local file that ClickHouse reads. */
export type Page = {
  readonly path: string;
  /** True for a copy of our own, which goes when it is loaded. */
  readonly disposable: boolean;
  readonly format: ClickFormat;
  /** ClickHouse's structure of the file. */
  readonly structure: string;
  /** Settings that reading it needs. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** A String expression over the file's columns for each column that is read. */
  readonly values: ReadonlyMap<string, string>;
  /** A String expression over the file's columns: the reason why a line is no row, or ''. */
  readonly flaw?: string;
  /** The part of the file that is this page, where it is not all of it, and a row's number in it. */
  readonly where?: string;
  readonly rowNumber?: string;
  /** The place in the source of the file's first line, from 1. */
  readonly firstRow: number;
  readonly lines: number;
  /** Lines of the file that stand for a record that is none; they are listed here instead. */
  readonly broken: readonly Broken[];
  /** True where every byte is UTF-8, none is NUL and no value is longer than 4,000 octets: the values need no look then. */
  readonly tidy: boolean;
  /** Where to go on after this page. */
  readonly cursor: string;
};
