// Events as if a format had read them, for tests of what looks at events.
import { randomBytes } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Click } from "../../src/db/click.ts";
import { type ColumnKind, EVENT_COLUMNS, type EventColumn } from "../../src/logs/event-columns.ts";

export type PutEvent = {
  readonly raw: string;
  readonly fields?: Readonly<Record<string, string>>;
  /** Nothing is in the columns that are not named. */
  readonly columns?: Readonly<Partial<Record<EventColumn, string | number | boolean>>>;
};

export type PutEvents = {
  readonly source: string;
  readonly format: string;
  readonly product?: string;
  readonly category?: string;
  readonly service?: string;
  readonly batch?: number;
  /** Of the first; 1 by default. */
  readonly place?: number;
  readonly events: readonly PutEvent[];
};

const TYPE = {
  text: "String",
  number: "UInt64",
  flag: "Nullable(Bool)",
  time: "DateTime64(6, 'UTC')",
} as const satisfies Record<ColumnKind, string>;

/** Their times are a second apart, from 2026-11-01, where they name none. */
export async function putEvents(click: Click, input: PutEvents): Promise<void> {
  const from = input.place ?? 1;
  const { source, format, product = "", category = "", service = "", batch = 0 } = input;
  const constant = { source, format, product, category, service, batch };
  const rows = input.events.map(({ raw, fields = {}, columns = {} }, index) => ({
    ...constant,
    raw,
    fields,
    place: from + index,
    time: new Date(Date.UTC(2026, 10, 1) + (from + index) * 1_000).toISOString(),
    ...columns,
  }));
  const names = new Set(rows.flatMap((row) => Object.keys(row)));
  const columns = [...names].map((name) => `${name} ${typeOf(name)}`).join(", ");
  const path = join(tmpdir(), `tocsin-put-${randomBytes(6).toString("hex")}.ndjson`);
  writeFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  try {
    await click.load({
      into: `events (${[...names].join(", ")}, time_known)`,
      select: (file) => `select ${[...names].join(", ")}, true from ${file}`,
      path,
      format: "JSONEachRow",
      structure: columns,
    });
  } finally {
    rmSync(path);
  }
}

function typeOf(name: string): string {
  if (name === "fields") return "Map(String, String)";
  if (name === "place" || name === "batch") return "UInt64";
  const known = Object.values(EVENT_COLUMNS).find(({ column }) => column === name);
  return TYPE[known?.kind ?? "text"];
}
