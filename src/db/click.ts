import type { z } from "zod";

/** ClickHouse, embedded or given. One SQL dialect, one interface; parameters are ClickHouse's own `{name:Type}`. */
export interface Click {
  /** Rows of a small result (at most 100,000), each parsed. */
  query<Row extends z.ZodType>(row: Row, sql: string, params?: Params): Promise<z.output<Row>[]>;
  /** Rows of a large result in batches, in bounded memory. */
  stream<Row extends z.ZodType>(
    row: Row,
    sql: string,
    params?: Params,
  ): AsyncIterable<z.output<Row>[]>;
  command(sql: string, params?: Params): Promise<void>;
  /**
   * `insert into ${into} ${select}`, where the select reads the table `source`, which is the local file `path` in
   * `format` with `structure`. Embedded: `file(…)`; over HTTP: `input(…)` with the file as the body. Several files of one folder are one
   * table, in no order: the embedded engine reads each on a core of its own, where one file is read on one.
   */
  load(input: {
    into: string;
    select: (source: string) => string;
    path: string | readonly string[];
    format: ClickFormat;
    structure: string;
    params?: Params;
    /** Query settings, appended to the statement. */
    settings?: Readonly<Record<string, string | number>>;
  }): Promise<void>;
  /** Writes the result of a select into a new local file. */
  unload(input: {
    select: string;
    path: string;
    format: ClickFormat;
    params?: Params;
  }): Promise<void>;
  close(): Promise<void>;
}

export type Params = Readonly<Record<string, unknown>>;

export type ClickFormat =
  | "CSV"
  | "CSVWithNames"
  | "TSV"
  | "TSVWithNames"
  | "JSONEachRow"
  | "Parquet"
  | "LineAsString"
  | "RawBLOB"
  | "RowBinary";
