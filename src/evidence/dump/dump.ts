// What a structured dump becomes before it is read: one or more tables, each in a file that ClickHouse reads as it is.
import type { ClickFormat } from "../../db/click.ts";

/** Why a row was set aside, counted, with the numbers of the first ones. */
export type SetAside = {
  readonly reason: string;
  /** The place of the document, where several are read together. */
  readonly at?: string;
  readonly count: number;
  readonly rows: readonly number[];
};

export type DumpTable = {
  /** Of the table in a SQL dump; '' elsewhere. */
  readonly name: string;
  readonly columns: readonly string[];
  readonly path: string;
  readonly format: ClickFormat;
  readonly settings: Readonly<Record<string, string | number>>;
  /** True where the file's first column is each row's number; false where rows are numbered as they come. */
  readonly numbered: boolean;
  /** Added to the number in the file, 0 by default. */
  readonly offset?: number;
  /** True where the one column is text of no form, a piece a row. */
  readonly prose?: true;
  /** The number of the first row, less one. Rows of a dump with several tables are numbered through. */
  readonly before: number;
  /** The number of the last row. */
  readonly last: number;
  readonly rows: number;
  /** The first rows, for recognition. */
  readonly sample: readonly (readonly string[])[];
};

export type Dump = {
  /** As people call it: `CSV, comma, gzip`. */
  readonly format: string;
  readonly tables: readonly DumpTable[];
  readonly setAside: readonly SetAside[];
};
