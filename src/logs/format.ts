// What a log format is: one small file in one of the three folders of formats, with its fixture beside it. Everything it does is SQL over one text
// column, because ClickHouse reads 800 MB/s on two cores and a loop of ours would not read 100.
import type { EventColumn } from "./event-columns.ts";

/** How the bytes of a file become records. */
export type Records =
  /** One a line. Consecutive lines that `continues` (RE2, on the start of a line) matches belong to the record before. */
  | { readonly by: "line"; readonly continues?: string }
  /** JSON values one after the other, pretty-printed or not, or one array of them. */
  | { readonly by: "json" }
  /** The same, or documents that hold their records in an array below one of these keys: CloudTrail's `Records`. */
  | { readonly by: "json"; readonly inside: readonly string[] }
  /** Delimited, the names in the first line; a record is then the JSON object of its row. */
  | { readonly by: "csv" };

/** Where a field of a Sigma rule is found in this format's events. */
export type FieldPlace =
  | { readonly in: "column"; readonly column: EventColumn }
  /** A key of the column `fields`. */
  | { readonly in: "fields"; readonly key: string }
  /** A path into `raw`, which is JSON. An array on the way, or at the end, stands for each of its elements. */
  | { readonly in: "json"; readonly path: readonly string[] };

export type Format = {
  /** kebab-case: what `--format` takes and the column `format` holds. */
  readonly name: string;
  /** `sshd, sudo and PAM lines of a syslog` */
  readonly about: string;
  readonly records: Records;
  /** Is `raw` JSON? Then rules read fields out of it, and records that are no JSON are broken. */
  readonly json: boolean;
  /**
   * SQL, Bool, over the column `raw` of a sample's records: is this record surely of this format? The format that claims
   * most of a sample is taken; where two claim a record, the more special one has the higher `rank`.
   */
  readonly claims: string;
  readonly rank: number;
  /** Steps before the columns: name → SQL over `raw` and earlier steps. Computed once a record. */
  readonly steps?: Readonly<Record<string, string>>;
  /**
   * SQL, String, of why this record is not of the format; empty where it is. Broken records are kept with this reason.
   * A record of `json` that is no valid JSON is broken before this is asked.
   */
  readonly broken?: string;
  /** SQL, Nullable(DateTime64(6, 'UTC')). May use `{zone:String}` (an IANA name) and `{now:DateTime64(6)}` for a missing year. */
  readonly time: string;
  /** Sigma's log source: constants, or SQL where it differs by record (`sql:` before it). */
  readonly product: string;
  readonly category: string;
  readonly service: string;
  /** SQL of each column that the format can tell; the others stay empty. Over `raw` and the steps. */
  readonly columns: Readonly<Partial<Record<EventColumn | "fields", string>>>;
  /**
   * Where a field that a Sigma rule names is found, in order: the first that is there is it. None: no event of this
   * format has such a field.
   */
  readonly fieldPlaces: (field: string) => readonly FieldPlace[];
};
