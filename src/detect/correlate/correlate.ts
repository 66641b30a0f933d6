// What a correlation finds in the events that its rules matched. Set-based: nothing here loops over groups or events.
import { z } from "zod";
import type { Click } from "../../db/click.ts";
import type { EventPlace } from "../finding.ts";
import type { CorrelationRule, CorrelationType } from "../sigma/rule.ts";
import { candidatesSql } from "./candidates.sql.ts";
import type { CorrelateInput } from "./correlate-input.ts";
import { hitsSql, listedSql } from "./hits.sql.ts";
import { ROW_COLUMNS, ROWS, rowsSql } from "./rows.sql.ts";
import {
  eventCountSql,
  percentileAtSql,
  percentileSql,
  temporalOrderedSql,
  temporalSql,
  valueCountSql,
  valueSumSql,
  type Windows,
} from "./windows.sql.ts";
import { Tables } from "./tables.ts";

/** Windows of one group that overlap, from the first event of the first to the last event of the last. */
export type CorrelationHit = {
  /** The correlation's id. */
  readonly rule: string;
  /** By the names of `group-by`. */
  readonly group: readonly { readonly name: string; readonly value: string }[];
  /** ISO 8601, UTC, microseconds. */
  readonly first: string;
  readonly last: string;
  readonly count: number;
  /** Of these, events of batches after `afterBatch`; all of them where none is given. */
  readonly fresh: number;
  /** What was compared, where it went furthest. */
  readonly value: number;
  /** The first hundred, in the order of time. */
  readonly events: readonly EventPlace[];
};

export const WINDOWS: Readonly<Record<CorrelationType, (windows: Windows) => string>> = {
  event_count: eventCountSql,
  value_count: valueCountSql,
  temporal: temporalSql,
  temporal_ordered: temporalOrderedSql,
  value_sum: valueSumSql,
  value_avg: valueSumSql,
  value_percentile: percentileSql,
  value_median: percentileSql,
};

/**
 * Every hit, in batches, in no order. A window is looked at where an event of the group is, and holds all from `timespan` before it on, both
 * ends included. An event without one of the group's values is in no group.
 */
export async function* correlate(
  click: Click,
  input: CorrelateInput,
): AsyncGenerator<CorrelationHit[]> {
  await using tables = new Tables(click);
  const rows = await gather(tables, input);
  const firing = await tables.make("firing", "(g UInt64, t Int64, measure Float64)", {
    select: WINDOWS[input.rule.type]({ rule: input.rule, rows }),
  });
  const folded = await tables.make("hits", HIT_COLUMNS, { select: hitsSql(input.rule, firing) });
  const hits = await measured(tables, input.rule, { rows, hits: folded });
  for await (const found of click.stream(Row, listedSql(rows, hits, input.afterBatch)))
    yield found.map((row) => hitOf(input.rule, row));
}

/**
 * SQL, as in `CorrelateInput.relations`, of a correlation that another one refers to: each window that fires is an event at its end, with the
 * values of the group under their names. It stands in a table of `tables`.
 */
export async function firingRelation(
  tables: Tables,
  input: CorrelateInput,
  fields: readonly string[],
): Promise<string> {
  const { rule } = input;
  const rows = await gather(tables, input);
  const firing = await tables.make("firing", "(g UInt64, t Int64, measure Float64)", {
    select: WINDOWS[rule.type]({ rule, rows }),
  });
  const values = fields.map((field) => {
    const at = rule.groupBy.indexOf(field);
    return at === -1 ? "null" : `toNullable(grp[${at + 1}])`;
  });
  return `(
    select fromUnixTimestamp64Micro(t, 'UTC') as time, toString(source) as source, place, batch,
      cast([${values.join(", ")}] as Array(Nullable(String))) as values
    from (
      select r.g as g, r.t as t, argMin(r.source, (r.source, r.place)) as source, argMin(r.place, (r.source, r.place)) as place,
        max(r.batch) as batch, any(r.grp) as grp
      from ${rows} as r inner join ${firing} as f on r.g = f.g and r.t = f.t group by r.g, r.t))`;
}

/** The rows of groups that can fire at all. @returns a table */
async function gather(tables: Tables, input: CorrelateInput): Promise<string> {
  const all = rowsSql(input);
  const candidates = candidatesSql(input.rule, all);
  if (candidates === undefined) return await tables.make("rows", ROW_COLUMNS, { select: all });
  const groups = await tables.make("groups", "(g UInt64)", { select: candidates, order: "g" });
  return await tables.make("rows", ROW_COLUMNS, {
    select: `select ${ROWS} from (${all}) where g in ${groups}`,
  });
}

// Which windows fire is told by counting; what a percentile is, only its values tell. It is told of the end of each hit.
async function measured(
  tables: Tables,
  rule: CorrelationRule,
  { rows, hits }: { readonly rows: string; readonly hits: string },
): Promise<string> {
  if (rule.percentile === undefined) return hits;
  const exact = percentileAtSql({ rule, rows }, hits);
  return await tables.make("measured", HIT_COLUMNS, {
    select: `select h.g, h.since, h.t, m.measure from ${hits} as h inner join (${exact}) as m on h.g = m.g and h.t = m.t`,
  });
}

const HIT_COLUMNS = "(g UInt64, since Int64, t Int64, measure Float64)";

const Row = z.object({
  grp: z.array(z.string()),
  first: z.string(),
  last: z.string(),
  count: z.number(),
  fresh: z.number(),
  measure: z.number(),
  events: z.array(z.tuple([z.string(), z.string(), z.number()])),
});

function hitOf(rule: CorrelationRule, row: z.output<typeof Row>): CorrelationHit {
  return {
    rule: rule.id,
    group: rule.groupBy.map((name, index) => ({ name, value: row.grp[index] ?? "" })),
    first: row.first,
    last: row.last,
    count: row.count,
    fresh: row.fresh,
    value: row.measure,
    events: row.events.map(([time, source, place]) => ({ source, place, time })),
  };
}
