// Sample records through one format, as rows of `events`; and which formats claim them. No table, no file.
import { z } from "zod";
import { EVENT_COLUMNS, type EventColumn } from "../../src/logs/event-columns.ts";
import { eventSelect } from "../../src/logs/event-select.sql.ts";
import type { Format } from "../../src/logs/format.ts";
import { testClick } from "./context.ts";

type Value = string | number | boolean | null;

/** A row of `events`; `time` is ISO 8601 in UTC. */
export type EventRow = Readonly<Record<EventColumn, Value>> & {
  readonly place: number;
  readonly time: string;
  readonly time_known: boolean;
  readonly format: string;
  readonly broken: string;
  readonly product: string;
  readonly category: string;
  readonly service: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly raw: string;
};

export type ReadLinesInput = {
  readonly format: Format;
  /** Whole records. */
  readonly lines: readonly string[];
  /** UTC by default. */
  readonly zone?: string;
  /** 2026-11-25T12:00:00Z by default. */
  readonly now?: Date;
};

const NOW = new Date("2026-11-25T12:00:00Z");

/** One row a record that is not empty, in their order. Where no time is told, it is 1970. */
export async function readLines(input: ReadLinesInput): Promise<EventRow[]> {
  const click = await testClick();
  const sql = `select * from (${eventSelect(input.format, LINES)}) order by c_place`;
  return await click.query(Row, sql, {
    lines: input.lines,
    source: "sample",
    batch: 0,
    zone: input.zone ?? "UTC",
    now: input.now ?? NOW,
    arrival: new Date(0),
  });
}

/** For each record the names of the formats that claim it, the one with the highest rank first. */
export async function claimsOf(
  formats: readonly Format[],
  lines: readonly string[],
): Promise<string[][]> {
  const click = await testClick();
  const claimed = formats.map(({ claims }) => `toBool(${claims})`);
  const rows = await click.query(
    z.object({ claimed: z.array(z.boolean()) }),
    `select [${claimed.join(", ")}] as claimed from ${LINES} order by place`,
    { lines },
  );
  return rows.map((row) =>
    formats
      .filter((_, index) => row.claimed[index])
      .toSorted((one, other) => other.rank - one.rank)
      .map(({ name }) => name),
  );
}

const LINES =
  "(select arrayJoin(arrayEnumerate({lines:Array(String)} as the_lines)) as place, the_lines[place] as raw, '' as flaw)";

const Value = z.union([z.string(), z.number(), z.boolean(), z.null()]);

const columns = Object.fromEntries(
  Object.values(EVENT_COLUMNS).map(({ column }) => [`c_${column}`, Value]),
);

const Row = z
  .looseObject({
    ...columns,
    c_place: z.number(),
    c_time: z.string(),
    c_time_known: z.boolean(),
    c_format: z.string(),
    c_broken: z.string(),
    c_product: z.string(),
    c_category: z.string(),
    c_service: z.string(),
    c_fields: z.record(z.string(), z.string()),
    c_raw: z.string(),
  })
  .transform(asRow);

function asRow(row: Record<string, unknown>): EventRow {
  const named = Object.entries(row).map(([name, value]) => [name.slice("c_".length), value]);
  return Object.fromEntries(named) as EventRow; // the schema above has just checked every column
}
