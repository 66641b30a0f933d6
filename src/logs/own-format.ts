// A log of tocsin.yaml that says itself where things stand in its records.
import type { LogSettings } from "../config/logs-schema.ts";
import { TocsinError } from "../core/errors.ts";
import { quote } from "../db/click-bind.ts";
import { type Attribute, EVENT_COLUMNS, type EventColumn, STATUS } from "./event-columns.ts";
import type { Format } from "./format.ts";
import { formatOf } from "./formats.ts";
import { json } from "./formats/json.ts";
import { flag } from "./sql-words.ts";
import { anyTime } from "./time.sql.ts";

type Settings = Pick<
  LogSettings,
  "format" | "time" | "map" | "set" | "product" | "category" | "service"
>;

/**
 * How records of the log `name` are read. Undefined where it leaves that to their content.
 * @throws TocsinError `invalid` for a format or an attribute that there is none of, and for fields of a format that has its own
 */
export function logFormat(name: string, settings: Settings): Format | undefined {
  const base = settings.format === undefined ? undefined : formatOf(settings.format);
  if (settings.format !== undefined && base === undefined)
    throw new TocsinError(
      "invalid",
      `logs.${name}: there is no format ${settings.format}: docs/logs.md lists them`,
    );
  const { time, map, set } = settings;
  const source = sourceOf(settings);
  if (time === undefined && map === undefined && set === undefined)
    return base === undefined || Object.keys(source).length === 0 ? base : { ...base, ...source };
  return { ...ownFields(name, base ?? json, { time, map, set }), ...source };
}

function sourceOf({
  product,
  category,
  service,
}: Settings): Partial<Pick<Format, "product" | "category" | "service">> {
  const given = Object.entries({ product, category, service }).filter(
    ([, word]) => word !== undefined,
  );
  // What is written there is a word, whatever it begins with.
  return Object.fromEntries(given.map(([key, word]) => [key, `sql:${quote(word ?? "")}`]));
}

function ownFields(
  name: string,
  base: Format,
  { time, map = {}, set = {} }: Pick<Settings, "time" | "map" | "set">,
): Format {
  if (base.name !== "json" && base.name !== "csv")
    throw new TocsinError(
      "invalid",
      `logs.${name}: the format ${base.name} knows where things stand: time, map and set are for json and csv`,
    );
  const given = Object.entries(set).map(([key, value]) => [
    columnOf(name, key),
    quote(String(value)),
  ]);
  const read = Object.entries(map).map(([key, field]) => {
    const column = columnOf(name, key);
    return [column, valueOf(column, textAt(field))];
  });
  return {
    ...base,
    ...(time === undefined
      ? {}
      : { steps: { ...base.steps, first_time: textAt(time) }, time: anyTime("first_time") }),
    columns: { ...base.columns, ...Object.fromEntries([...given, ...read]) },
  };
}

function columnOf(log: string, attribute: string): EventColumn {
  const found = Object.hasOwn(EVENT_COLUMNS, attribute) && attribute !== "time";
  if (found) return EVENT_COLUMNS[attribute as Attribute].column; // a key of it, as was just seen
  throw new TocsinError(
    "invalid",
    attribute === "time"
      ? `logs.${log}: write the field of the time as time:, beside map`
      : `logs.${log}: events have no attribute ${attribute}: docs/logs.md lists them`,
  );
}

const SUCCESS = [
  "1",
  "success",
  "succeeded",
  "successful",
  "ok",
  "true",
  "yes",
  "allow",
  "allowed",
  "accepted",
  "granted",
  "pass",
  "passed",
];
const FAILURE = [
  "2",
  "failure",
  "failed",
  "fail",
  "error",
  "false",
  "no",
  "deny",
  "denied",
  "rejected",
  "refused",
  "invalid",
  "blocked",
];

function valueOf(column: EventColumn, text: string): string {
  if (column === "is_mfa") return flag(text);
  if (column !== "status_id") return text;
  const words = [...SUCCESS, ...FAILURE].map(quote).join(", ");
  const numbers = [...SUCCESS.map(() => STATUS.success), ...FAILURE.map(() => STATUS.failure)].join(
    ", ",
  );
  return `transform(lower(${text}), [${words}], [${numbers}], 0)`;
}

// A key that has dots itself comes before a walk along them.
function textAt(field: string): string {
  const keys = field.split(".");
  const whole = `JSONExtract(raw, ${quote(field)}, 'Nullable(String)')`;
  if (keys.length === 1) return `ifNull(${whole}, '')`;
  return `ifNull(coalesce(${whole}, JSONExtract(raw, ${keys.map(quote).join(", ")}, 'Nullable(String)')), '')`;
}
