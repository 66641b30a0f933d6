// What every kind of source gives: its columns, a statement of which version it is, and its rows in pages.
import type { Json } from "../core/canonical.ts";
import type { Page } from "./page.ts";

export type ReadInput = {
  /** Where a refresh that was interrupted goes on; undefined at the start. */
  readonly from: { readonly cursor: string; readonly rows: number } | undefined;
  /** Only rows whose `changed` is this or later, as the source wrote it. */
  readonly since: string | undefined;
  readonly columns: readonly string[];
  readonly key: string;
  readonly changed: string | undefined;
  /** Rows to a page, where it is not the usual number. */
  readonly pageRows: number | undefined;
  readonly write: (pieces: readonly Uint8Array[]) => Promise<string>;
  readonly signal: AbortSignal;
};

export interface Source extends AsyncDisposable {
  /** Every column that the source has. Reads no row. */
  columns(): Promise<readonly string[]>;
  /** What is read, so that two readings can be told apart: a file's digest, a database's snapshot. */
  version(): Promise<Json>;
  /** True where an interrupted reading of `begun` may go on with what this source holds now. */
  goesOn(begun: Json): Promise<boolean>;
  /** In order; the next page is made while the last one is loaded. */
  pages(input: ReadInput): AsyncIterable<Page>;
  /** Reads a few rows for a check and keeps none: an error if there is one. */
  probe(input: Omit<ReadInput, "write">): Promise<void>;
  /** Deletions show only by absence, and a change column makes reading a part possible. */
  readonly incremental: boolean;
}
