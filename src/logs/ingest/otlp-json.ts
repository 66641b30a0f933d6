// ExportLogsServiceRequest in OTLP's JSON encoding: protobuf's JSON mapping, with trace and span ids in hexadecimal and enums as numbers.
// https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
import type { Json } from "../../core/canonical.ts";
import { get, itemsOf, textOf } from "../../config/raw.ts";
import {
  DEEPEST,
  type JsonObject,
  type OtlpGroup,
  type OtlpLogs,
  type OtlpRecord,
  TooDeep,
} from "./otlp.ts";

/** Undefined where the text is no such document. Members that we do not know are passed over. */
export function readOtlpJson(text: string): OtlpLogs | undefined {
  const document = parsed(text);
  const resources = get(document, "resourceLogs");
  if (document === undefined || (resources !== undefined && !Array.isArray(resources)))
    return undefined;
  const groups: OtlpGroup[] = [];
  let rejected = 0;
  for (const resourceLogs of itemsOf(resources)) {
    const resource = sharedOf(get(get(resourceLogs, "resource"), "attributes"));
    for (const scopeLogs of itemsOf(get(resourceLogs, "scopeLogs"))) {
      const records: OtlpRecord[] = [];
      for (const record of itemsOf(get(scopeLogs, "logRecords"))) {
        const read = recordOf(record);
        if (read === undefined) rejected += 1;
        else records.push(read);
      }
      groups.push({ resource, scope: scopeOf(get(scopeLogs, "scope")), records });
    }
  }
  return { groups, rejected };
}

// A document that is an object; anything else is none of ours.
function parsed(text: string): unknown {
  try {
    const document: unknown = JSON.parse(text);
    return typeof document === "object" && document !== null && !Array.isArray(document)
      ? document
      : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function sharedOf(attributes: unknown): JsonObject {
  try {
    return attributesOf(attributes, 1);
  } catch (error) {
    if (error instanceof TooDeep) return {};
    throw error;
  }
}

function scopeOf(scope: unknown): JsonObject {
  const name = textOf(get(scope, "name"));
  const version = textOf(get(scope, "version"));
  return { ...(name === undefined ? {} : { name }), ...(version === undefined ? {} : { version }) };
}

function recordOf(record: unknown): OtlpRecord | undefined {
  const text = (key: string): string => textOf(get(record, key)) ?? "";
  const body = get(record, "body");
  try {
    return {
      timeNanos: nanosOf(get(record, "timeUnixNano")),
      observedNanos: nanosOf(get(record, "observedTimeUnixNano")),
      severityNumber: Number(get(record, "severityNumber") ?? 0) || 0,
      severityText: text("severityText"),
      eventName: text("eventName"),
      body: body === undefined || body === null ? undefined : valueOf(body, 1),
      attributes: attributesOf(get(record, "attributes"), 1),
      traceId: text("traceId"),
      spanId: text("spanId"),
    };
  } catch (error) {
    if (error instanceof TooDeep) return undefined;
    throw error;
  }
}

function attributesOf(pairs: unknown, depth: number): JsonObject {
  return Object.fromEntries(
    itemsOf(pairs).map((pair) => [
      textOf(get(pair, "key")) ?? "",
      valueOf(get(pair, "value"), depth + 1),
    ]),
  );
}

/** An AnyValue: an object with one member, named for its type. */
function valueOf(value: unknown, depth: number): Json {
  if (depth > DEEPEST) throw new TooDeep();
  const string = textOf(get(value, "stringValue"));
  if (string !== undefined) return string;
  const flag = get(value, "boolValue");
  if (typeof flag === "boolean") return flag;
  const integer = get(value, "intValue");
  if (integer !== undefined) return integerOf(integer);
  const double = get(value, "doubleValue");
  if (double !== undefined) return doubleOf(double);
  const array = get(value, "arrayValue");
  if (array !== undefined)
    return itemsOf(get(array, "values")).map((one) => valueOf(one, depth + 1));
  const list = get(value, "kvlistValue");
  if (list !== undefined) return attributesOf(get(list, "values"), depth);
  return textOf(get(value, "bytesValue")) ?? null;
}

// 64-bit numbers come as text or as numbers.
function integerOf(value: unknown): Json {
  const near = Number(value);
  if (Number.isSafeInteger(near)) return near;
  return typeof value === "string" && /^-?\d{1,20}$/.test(value) ? value : null;
}

// Also "NaN", "Infinity" and "-Infinity", as protobuf's JSON has them.
function doubleOf(value: unknown): Json {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  const near = typeof value === "string" ? Number(value) : Number.NaN;
  return Number.isFinite(near) ? near : (textOf(value) ?? null);
}

function nanosOf(value: unknown): string {
  if (typeof value === "number") return value > 0 ? value.toFixed(0) : "";
  return typeof value === "string" && /^[1-9]\d{0,19}$/.test(value) ? value : "";
}
