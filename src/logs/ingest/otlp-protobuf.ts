// ExportLogsServiceRequest in its binary encoding: opentelemetry/proto/collector/logs/v1/logs_service.proto. Fields that we do not know are
// passed over, as proto3 says; the numbers below are those of the .proto files.
import type { Json } from "../../core/canonical.ts";
import {
  DEEPEST,
  type JsonObject,
  MOST_VALUES,
  type OtlpGroup,
  type OtlpLogs,
  type OtlpRecord,
  TooDeep,
  TooMany,
} from "./otlp.ts";
import { BrokenMessage, fieldsOf, type WireField } from "./protobuf.ts";

/** Where a value stands, and how many more the request may hold. */
type Level = { readonly depth: number; readonly meter: Meter };
type Meter = { left: number };

/** @throws BrokenMessage where the bytes are no such message, TooMany where they hold more values than memory is given for */
export function readOtlpProtobuf(message: Buffer): OtlpLogs {
  const meter: Meter = { left: MOST_VALUES };
  const groups: OtlpGroup[] = [];
  let rejected = 0;
  for (const field of fieldsOf(message)) {
    if (field.number !== 1) continue;
    const read = resourceLogs(messageIn(field), meter);
    groups.push(...read.groups);
    rejected += read.rejected;
  }
  return { groups, rejected };
}

function resourceLogs(message: Buffer, meter: Meter): OtlpLogs {
  let resource: JsonObject = {};
  const scopes: Buffer[] = [];
  for (const field of fieldsOf(message)) {
    if (field.number === 1)
      resource = shallow(() => attributesIn(messageIn(field), 1, { depth: 1, meter }));
    else if (field.number === 2) scopes.push(messageIn(field));
  }
  const read = scopes.map((scope) => scopeLogs(scope, { resource, meter }));
  return {
    groups: read.map(({ group }) => group),
    rejected: read.reduce((sum, one) => sum + one.rejected, 0),
  };
}

function scopeLogs(
  message: Buffer,
  { resource, meter }: { resource: JsonObject; meter: Meter },
): { group: OtlpGroup; rejected: number } {
  let scope: JsonObject = {};
  const records: OtlpRecord[] = [];
  let rejected = 0;
  for (const field of fieldsOf(message)) {
    if (field.number === 1) scope = scopeOf(messageIn(field));
    if (field.number !== 2) continue;
    try {
      records.push(recordOf(messageIn(field), meter));
    } catch (error) {
      if (!(error instanceof TooDeep)) throw error;
      rejected += 1;
    }
  }
  return { group: { resource, scope, records }, rejected };
}

function scopeOf(message: Buffer): JsonObject {
  const scope: Record<string, Json> = {};
  for (const field of fieldsOf(message)) {
    if (field.number === 1) scope["name"] = textIn(field);
    else if (field.number === 2) scope["version"] = textIn(field);
  }
  return scope;
}

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

type Read = (record: Mutable<OtlpRecord>, field: WireField, meter: Meter) => void;

const READS: Readonly<Record<number, Read>> = {
  1: (record, field) => (record.timeNanos = nanosIn(field)),
  2: (record, field) => (record.severityNumber = Number(numberIn(field))),
  3: (record, field) => (record.severityText = textIn(field)),
  5: (record, field, meter) => (record.body = valueOf(messageIn(field), { depth: 1, meter })),
  9: (record, field) => (record.traceId = messageIn(field).toString("hex")),
  10: (record, field) => (record.spanId = messageIn(field).toString("hex")),
  11: (record, field) => (record.observedNanos = nanosIn(field)),
  12: (record, field) => (record.eventName = textIn(field)),
};

function recordOf(message: Buffer, meter: Meter): OtlpRecord {
  count(meter);
  const record: Mutable<OtlpRecord> = {
    timeNanos: "",
    observedNanos: "",
    severityNumber: 0,
    severityText: "",
    eventName: "",
    body: undefined,
    attributes: {},
    traceId: "",
    spanId: "",
  };
  for (const field of fieldsOf(message)) READS[field.number]?.(record, field, meter);
  record.attributes = attributesIn(message, 6, { depth: 1, meter });
  return record;
}

/** Key-value pairs in the field of that number. A key that stands twice keeps its last value. */
function attributesIn(message: Buffer, number: number, level: Level): JsonObject {
  const pairs: [string, Json][] = [];
  for (const field of fieldsOf(message))
    if (field.number === number) pairs.push(pairOf(messageIn(field), level));
  return Object.fromEntries(pairs);
}

function pairOf(message: Buffer, level: Level): [string, Json] {
  let key = "";
  let value: Json = null;
  for (const field of fieldsOf(message)) {
    if (field.number === 1) key = textIn(field);
    else if (field.number === 2) value = valueOf(messageIn(field), below(level));
  }
  return [key, value];
}

/** An AnyValue. Numbers that JSON cannot hold are text; bytes are base64, as in OTLP's JSON. */
function valueOf(message: Buffer, level: Level): Json {
  if (level.depth > DEEPEST) throw new TooDeep();
  count(level.meter);
  let value: Json = null;
  for (const field of fieldsOf(message)) value = oneOf(field, level) ?? value;
  return value;
}

function oneOf(field: WireField, level: Level): Json | undefined {
  switch (field.number) {
    case 1:
      return textIn(field);
    case 2:
      return numberIn(field) !== 0n;
    case 3:
      return integer(BigInt.asIntN(64, numberIn(field)));
    case 4:
      return double(fixedIn(field, 8).readDoubleLE());
    case 5:
      return arrayOf(messageIn(field), level);
    case 6:
      return attributesIn(messageIn(field), 1, level);
    case 7:
      return messageIn(field).toString("base64");
    default:
      return undefined;
  }
}

function arrayOf(message: Buffer, level: Level): Json[] {
  const values: Json[] = [];
  for (const field of fieldsOf(message))
    if (field.number === 1) values.push(valueOf(messageIn(field), below(level)));
  return values;
}

function below({ depth, meter }: Level): Level {
  return { depth: depth + 1, meter };
}

function count(meter: Meter): void {
  meter.left -= 1;
  if (meter.left < 0) throw new TooMany();
}

function integer(value: bigint): Json {
  const near = Number(value);
  return Number.isSafeInteger(near) ? near : String(value);
}

function double(value: number): Json {
  return Number.isFinite(value) ? value : String(value);
}

// A resource that is nested too deep is left out: its records are good without it.
function shallow(read: () => JsonObject): JsonObject {
  try {
    return read();
  } catch (error) {
    if (error instanceof TooDeep) return {};
    throw error;
  }
}

function messageIn(field: WireField): Buffer {
  if (field.wire !== 2) throw new BrokenMessage(`field ${field.number} has another type`);
  return field.value;
}

function textIn(field: WireField): string {
  return messageIn(field).toString("utf8");
}

function numberIn(field: WireField): bigint {
  if (field.wire !== 0) throw new BrokenMessage(`field ${field.number} has another type`);
  return field.value;
}

function fixedIn(field: WireField, bytes: 4 | 8): Buffer {
  if (field.wire !== (bytes === 8 ? 1 : 5))
    throw new BrokenMessage(`field ${field.number} has another type`);
  return field.value;
}

function nanosIn(field: WireField): string {
  const nanos = fixedIn(field, 8).readBigUInt64LE();
  return nanos === 0n ? "" : String(nanos);
}
