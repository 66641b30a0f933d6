// OpenTelemetry's log data model, whichever encoding it came in, and the records that we keep of it.
import type { Json } from "../../core/canonical.ts";
import type { Format } from "../format.ts";

export type JsonObject = { readonly [key: string]: Json };

export type OtlpRecord = {
  /** ns since 1970, as text: no number holds them. Empty where not told. */
  readonly timeNanos: string;
  readonly observedNanos: string;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly eventName: string;
  /** Undefined where there is none. */
  readonly body: Json | undefined;
  readonly attributes: JsonObject;
  readonly traceId: string;
  readonly spanId: string;
};

export type OtlpGroup = {
  readonly resource: JsonObject;
  readonly scope: JsonObject;
  readonly records: readonly OtlpRecord[];
};

export type OtlpLogs = {
  readonly groups: readonly OtlpGroup[];
  /** Records that were left out, the others being good: values nested deeper than `DEEPEST`. */
  readonly rejected: number;
};

/** Levels of a value; ClickHouse reads 1,024 of JSON. */
export const DEEPEST = 64;

/** Records and values of one request: two bytes of it may ask for a hundred of memory. */
export const MOST_VALUES = 1_000_000;

export class TooMany extends Error {
  override readonly name = "TooMany";
}

/** A value that is nested too deep: its record is rejected, the others are taken. */
export class TooDeep extends Error {
  override readonly name = "TooDeep";
}

/**
 * The records of a stream in `format`. Of `otlp` a record is the whole log record as one JSON object; of any other format it is the body: the
 * line that the collector read. @throws TooMany where they are larger than `most` bytes: each record repeats its resource
 */
export function otlpRecords(logs: OtlpLogs, format: Format, most: number): Buffer[] {
  const whole = format.name === "otlp";
  const made: Buffer[] = [];
  let left = most;
  for (const { resource, scope, records } of logs.groups) {
    const shared = `"resource":${JSON.stringify(resource)},"scope":${JSON.stringify(scope)}`;
    for (const record of records) {
      const text =
        whole || record.body === undefined ? wholeRecord(record, shared) : bodyOf(record.body);
      const bytes = Buffer.from(text);
      left -= bytes.length;
      if (left < 0) throw new TooMany();
      made.push(bytes);
    }
  }
  return made;
}

function bodyOf(body: Json): string {
  return typeof body === "string" ? body : JSON.stringify(body);
}

function wholeRecord(record: OtlpRecord, shared: string): string {
  const own = JSON.stringify({
    time_unix_nano: record.timeNanos,
    observed_time_unix_nano: record.observedNanos,
    severity_number: record.severityNumber,
    severity_text: record.severityText,
    event_name: record.eventName,
    trace_id: record.traceId,
    span_id: record.spanId,
    body: record.body ?? null,
    attributes: record.attributes,
  });
  return `${own.slice(0, -1)},${shared}}`;
}
