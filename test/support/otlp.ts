// OTLP log requests in both encodings, written from the .proto files and not with the code under test.

export type OtlpLog = {
  readonly body: OtlpValue;
  readonly nanos?: bigint;
  readonly attributes?: Readonly<Record<string, OtlpValue>>;
};

export type OtlpValue =
  | string
  | number
  | boolean
  | bigint
  | readonly OtlpValue[]
  | { readonly [key: string]: OtlpValue };

export function otlpProtobuf(
  resource: Readonly<Record<string, OtlpValue>>,
  logs: readonly OtlpLog[],
): Buffer {
  const scopeLogs = Buffer.concat([
    message(1, text(1, "test.scope")),
    ...logs.map((log) => message(2, logRecord(log))),
  ]);
  const resourceLogs = Buffer.concat([message(1, pairs(1, resource)), message(2, scopeLogs)]);
  return message(1, resourceLogs);
}

function logRecord({ body, nanos, attributes = {} }: OtlpLog): Buffer {
  const time = Buffer.alloc(8);
  time.writeBigUInt64LE(nanos ?? 0n);
  return Buffer.concat([
    Buffer.from([(1 << 3) | 1]),
    time,
    Buffer.from([2 << 3, 9]),
    text(3, "INFO"),
    message(5, value(body)),
    pairs(6, attributes),
    message(9, Buffer.alloc(16, 0xab)),
  ]);
}

function pairs(field: number, of: Readonly<Record<string, OtlpValue>>): Buffer {
  return Buffer.concat(
    Object.entries(of).map(([key, one]) =>
      message(field, Buffer.concat([text(1, key), message(2, value(one))])),
    ),
  );
}

function value(of: OtlpValue): Buffer {
  if (typeof of === "string") return text(1, of);
  if (typeof of === "boolean") return Buffer.from([2 << 3, of ? 1 : 0]);
  if (typeof of === "bigint")
    return Buffer.concat([Buffer.from([3 << 3]), varint(BigInt.asUintN(64, of))]);
  if (typeof of === "number") {
    const double = Buffer.alloc(8);
    double.writeDoubleLE(of);
    return Buffer.concat([Buffer.from([(4 << 3) | 1]), double]);
  }
  if (isList(of)) return message(5, Buffer.concat(of.map((one) => message(1, value(one)))));
  return message(6, pairs(1, of));
}

function isList(
  of: readonly OtlpValue[] | { readonly [key: string]: OtlpValue },
): of is readonly OtlpValue[] {
  return Array.isArray(of);
}

function text(field: number, of: string): Buffer {
  return message(field, Buffer.from(of));
}

function message(field: number, bytes: Buffer): Buffer {
  return Buffer.concat([varint(BigInt((field << 3) | 2)), varint(BigInt(bytes.length)), bytes]);
}

function varint(of: bigint): Buffer {
  const bytes: number[] = [];
  let left = of;
  for (; left > 127n; left >>= 7n) bytes.push(Number(left & 127n) | 128);
  bytes.push(Number(left));
  return Buffer.from(bytes);
}

/** The same request in OTLP's JSON. */
export function otlpJson(
  resource: Readonly<Record<string, OtlpValue>>,
  logs: readonly OtlpLog[],
): string {
  return JSON.stringify({
    resourceLogs: [
      {
        resource: { attributes: jsonPairs(resource) },
        scopeLogs: [
          {
            scope: { name: "test.scope" },
            logRecords: logs.map(({ body, nanos, attributes = {} }) => ({
              timeUnixNano: String(nanos ?? 0n),
              severityNumber: 9,
              severityText: "INFO",
              body: jsonValue(body),
              attributes: jsonPairs(attributes),
              traceId: "ab".repeat(16),
            })),
          },
        ],
      },
    ],
  });
}

function jsonPairs(of: Readonly<Record<string, OtlpValue>>): object[] {
  return Object.entries(of).map(([key, one]) => ({ key, value: jsonValue(one) }));
}

function jsonValue(of: OtlpValue): object {
  if (typeof of === "string") return { stringValue: of };
  if (typeof of === "boolean") return { boolValue: of };
  if (typeof of === "bigint") return { intValue: String(of) };
  if (typeof of === "number") return { doubleValue: of };
  if (isList(of)) return { arrayValue: { values: of.map(jsonValue) } };
  return { kvlistValue: { values: jsonPairs(of) } };
}
