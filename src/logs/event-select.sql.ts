// What a format says, as one select that makes rows of `events` out of records.
import { quote } from "../db/click-bind.ts";
import { EVENT_COLUMNS, type EventColumn } from "./event-columns.ts";
import type { Format } from "./format.ts";
import { canonicalIp } from "./ip.sql.ts";
import { usableTime } from "./time.sql.ts";

/**
 * Parameters of the select. `zone` is of times that name none; `now` is of the file, for a missing year; `arrival` stands
 * where a record tells no time.
 */
export type EventParams = {
  readonly source: string;
  readonly batch: number;
  readonly zone: string;
  readonly now: Date;
  readonly arrival: Date;
};

const NUMBERS: Readonly<Partial<Record<EventColumn, string>>> = {
  class_uid: "UInt32",
  activity_id: "UInt8",
  status_id: "UInt8",
  src_endpoint_port: "UInt16",
  dst_endpoint_port: "UInt16",
  http_response_code: "UInt16",
  traffic_bytes_out: "UInt64",
  process_pid: "UInt32",
};

const ADDRESSES: ReadonlySet<EventColumn> = new Set(["src_endpoint_ip", "dst_endpoint_ip"]);

type OcsfColumn = Exclude<EventColumn, "time">;

const OCSF: readonly OcsfColumn[] = Object.values(EVENT_COLUMNS)
  .map(({ column }) => column)
  .filter((column) => column !== "time");

/** The columns of `events`, in the order of the select. */
export const ROW_COLUMNS: readonly string[] = [
  "source",
  "place",
  "batch",
  "time",
  "time_known",
  "format",
  "broken",
  "product",
  "category",
  "service",
  ...OCSF,
  "fields",
  "raw",
];

/** Of a statement with the select in it. */
export const SELECT_SETTINGS = { query_plan_merge_expressions: 0 } as const;

/**
 * SQL, one row a record, its columns those of `events` with `c_` before the name. `from` is a table or a subquery with `place` UInt64, `raw`
 * String and `flaw` String: why the record could not be taken as it stood, mostly empty.
 */
export function eventSelect(format: Format, from: string): string {
  const columns = [...OCSF, "fields" as const].map((column) => columnOf(format, column));
  return `
    select {source:String} as c_source, place as c_place, {batch:UInt64} as c_batch,
      ifNull(the_time, {arrival:DateTime64(6)}) as c_time, toBool(the_time is not null) as c_time_known, ${quote(format.name)} as c_format,
      ${brokenOf(format)} as c_broken, ${wordOf(format.product)} as c_product, ${wordOf(format.category)} as c_category,
      ${wordOf(format.service)} as c_service, ${columns.join(", ")}, raw as c_raw
    from (select *, ${usableTime("told_time")} as the_time from (${timed(format, from)}))`;
}

// A level for each step. Within one expression, what a branch needs lazily is computed again for every branch that needs it: with
// `SELECT_SETTINGS` levels stay apart, and each step is computed once (0.8 s instead of 1.7 s for 300 MB of JSON; a chain of ten steps with
// branches would never end).
function timed(format: Format, from: string): string {
  const steps = {
    ...format.steps,
    told_time: `cast(${format.time} as Nullable(DateTime64(6, 'UTC')))`,
  };
  return Object.entries(steps).reduce(
    (inner, [name, sql]) => `select *, (${sql}) as ${name} from (${inner})`,
    records(format, from),
  );
}

// An integer above 2^64 - 1 makes the parser refuse a whole record: as text the record is as good as any.
function records(format: Format, from: string): string {
  if (!format.json) return `select place, raw, flaw, true as good from ${from} where raw != ''`;
  // Twice: neighbours in an array share a comma, so one pass sees every other one.
  const repaired = quoteIntegers(quoteIntegers("line"));
  const line = `select place, raw as line, flaw, isValidJSON(raw) as good_line from ${from} where raw != ''`;
  return `
    select place, if(good_line, line, if(isValidJSON(${repaired}), ${repaired}, line)) as raw, flaw, good_line or isValidJSON(raw) as good
    from (${line})`;
}

function quoteIntegers(json: string): string {
  return String.raw`replaceRegexpAll(${json}, '([:\\[,]\\s*)(-?[0-9]{19,})(\\s*[,}\\]])', '\\1"\\2"\\3')`;
}

function brokenOf({ json, broken }: Format): string {
  const conditions = ["flaw != '', flaw"];
  if (json) {
    conditions.push(`not good, if(${DEEP}, 'JSON nested deeper than 1,024', 'no valid JSON')`);
    conditions.push("not startsWith(trimLeft(raw), '{'), 'no JSON object'");
  }
  return `multiIf(${conditions.join(", ")}, ${broken ?? "''"})`;
}

const DEEP = "length(extractAll(raw, '[\\\\[{]')) > 1024";

function wordOf(word: string): string {
  return word.startsWith("sql:") ? word.slice("sql:".length) : quote(word);
}

function columnOf(format: Format, column: OcsfColumn | "fields"): string {
  return `${typed(format.columns[column], column)} as c_${column}`;
}

function typed(sql: string | undefined, column: OcsfColumn | "fields"): string {
  if (column === "fields") return sql ?? "cast(map() as Map(LowCardinality(String), String))";
  if (column === "is_mfa")
    return sql === undefined ? "cast(null as Nullable(Bool))" : `cast(${sql} as Nullable(Bool))`;
  const number = NUMBERS[column];
  if (number !== undefined)
    return sql === undefined
      ? `cast(0 as ${number})`
      : `accurateCastOrDefault(${sql}, ${quote(number)})`;
  if (sql === undefined) return "''";
  return ADDRESSES.has(column) ? canonicalIp(`ifNull(${sql}, '')`) : `ifNull(${sql}, '')`;
}
