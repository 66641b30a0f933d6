import type { Format } from "../format.ts";
import { anyTime } from "../time.sql.ts";

/** JSON of any application: nothing is known of it but its time, and rules read its fields by their paths. */
export const json: Format = {
  name: "json",
  about: "JSON of any application, one value a line or documents",
  records: { by: "json" },
  json: true,
  claims: "isValidJSON(raw) and startsWith(trimLeft(raw), '{')",
  rank: 0,
  steps: { first_time: firstTime() },
  time: anyTime("first_time"),
  product: "",
  category: "",
  service: "",
  columns: {},
  // A key that has the dots itself comes before a walk along them.
  fieldPlaces: (field) => [
    { in: "json", path: [field] },
    ...(field.includes(".") ? [{ in: "json" as const, path: field.split(".") }] : []),
  ],
};

// The usual names of a record's time, the more surely meant first.
function firstTime(): string {
  const names = [
    "@timestamp",
    "timestamp",
    "time",
    "ts",
    "eventTime",
    "event_time",
    "datetime",
    "date",
    "created_at",
    "createdAt",
    "Timestamp",
    "TimeStamp",
    "Time",
    "_time",
    "@t",
    "t",
    "DateTime",
    "Datetime",
    "Date",
    "EventTime",
    "TimeCreated",
    "TimeGenerated",
    "Event DateTime",
    "published",
    "occurred_at",
    "logged_at",
    "start_time",
    "startTime",
  ];
  const tuple = names.map((name) => `\`${name}\` Nullable(String)`).join(", ");
  const values = names.map((_, index) => `t.${index + 1}`).join(", ");
  return `ifNull(coalesce(${values.replaceAll("t.", `(JSONExtract(raw, 'Tuple(${tuple})') as t).`)}), '')`;
}
