// What a correlation finds in the events that its rules matched. Set-based: nothing here loops over groups or events.
import { z } from "zod";
import type { Click } from "../../db/click.ts";
import type { EventPlace } from "../finding.ts";
import type { CorrelationRule, CorrelationType } from "../sigma/rule.ts";
import type { CorrelateInput } from "./correlate-input.ts";
import { gather, GATHER_LIMITS, type Gathered, type GatherLimits } from "./gather.ts";
import { FOUND_COLUMNS, hitsSql, listedSql, remeasuredSql } from "./hits.sql.ts";
import { type Keep, temporalOrderedSql } from "./ordered.sql.ts";
import { percentileAtSql, percentileSql } from "./percentile.sql.ts";
import { ROWS } from "./rows.sql.ts";
import { Tables } from "./tables.ts";
import {
  eventCountSql,
  temporalSql,
  valueCountSql,
  valueSumSql,
  type Windows,
} from "./windows.sql.ts";

/** Windows of one group that overlap or touch, from the first event of the first to the last event of the last. */
export type CorrelationHit = {
  /** The correlation's id. */
  readonly rule: string;
  /** By the names of `group-by`. */
  readonly group: readonly { readonly name: string; readonly value: string }[];
  /** ISO 8601, UTC, microseconds. */
  readonly first: string;
  readonly last: string;
  /** Different events. One of another correlation is a window of it that fires. */
  readonly count: number;
  /** Of these, events of batches after `afterBatch`; all of them where none is given. */
  readonly fresh: number;
  /**
   * What was compared, where it went furthest: up, or down where the condition has upper limits alone. Of an expression over rules, how many
   * of them matched. Of percentiles where more than 20 million values would have to be looked at for it, the furthest of every k-th window.
   */
  readonly value: number;
  /** The first hundred, in the order of time. */
  readonly events: readonly EventPlace[];
};

const WINDOWS: Readonly<
  Record<CorrelationType, (windows: Windows, keep: Keep) => string | Promise<string>>
> = {
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
  limits: GatherLimits = GATHER_LIMITS,
): AsyncGenerator<CorrelationHit[]> {
  await using tables = new Tables(click);
  const { slices, small } = await gather(tables, input, limits);
  for (const rows of slices) {
    await using own = new Tables(click);
    const hits = await hitsOf(own, input.rule, { rows, small });
    const listed = listedSql(input, { rows, hits });
    for await (const found of small ? [await click.query(Row, listed)] : large(click, own, listed))
      if (found.length > 0) yield found.map((row) => hitOf(input.rule, row));
  }
}

// A stream's statement works in small blocks: what it takes to find the hits is done before.
async function* large(
  click: Click,
  tables: Tables,
  listed: string,
): AsyncGenerator<z.output<typeof Row>[]> {
  const found = await tables.make("found", FOUND_COLUMNS, { select: listed });
  yield* click.stream(Row, `select grp, first, last, count, fresh, measure, events from ${found}`);
}

type Slice = { readonly rows: string; readonly small: boolean };

/** SQL of (g, t, measure). */
async function firingSql(
  tables: Tables,
  rule: CorrelationRule,
  { rows, small }: Slice,
): Promise<string> {
  const keep: Keep = async (columns, select) =>
    await tables.make("level", columns, { select, small });
  return await WINDOWS[rule.type]({ rule, rows }, keep);
}

/** SQL of (g, since, t, measure). */
async function hitsOf(
  tables: Tables,
  rule: CorrelationRule,
  { rows, small }: Slice,
): Promise<string> {
  const firing = await firingSql(tables, rule, { rows, small });
  if (rule.percentile === undefined) return hitsSql(rule, `(${firing})`);
  // Which windows fire is told by counting; what a percentile is, only its values tell.
  const fired = await tables.make("firing", MOMENTS, { select: firing, small });
  const hits = await tables.make("hits", "(g UInt64, since Int64, t Int64, measure Float64)", {
    select: hitsSql(rule, fired),
    small,
  });
  const chosen = await tables.make("chosen", "(g UInt64, t Int64)", {
    select: chosenSql(fired, hits),
    small,
  });
  return remeasuredSql(rule, hits, `(${percentileAtSql({ rule, rows }, chosen)})`);
}

const MOMENTS = "(g UInt64, t Int64, measure Float64)";
const MOST_VALUES = 20_000_000;
/** What a window costs besides its values. */
const WINDOW = 20;

/** Firing windows to tell the percentile of: the last of each hit, and as many of the others as there may be. */
function chosenSql(firing: string, hits: string): string {
  const step = `(select greatest(1, ceil(sum(measure + ${WINDOW}) / ${MOST_VALUES})) from ${firing})`;
  return `
    select distinct g, t from (
      select g, t from (select g, t, row_number() over (partition by g order by t) as place from ${firing}) where place % ${step} = 0
      union all select g, t from ${hits})`;
}

/**
 * SQL, as in `CorrelateInput.relations`, of a correlation that another one refers to: each window that fires is an event at its end, with the
 * values of the group under their names, the place of the event that it ends at, and, of batches, one after `afterBatch` where it fires because
 * of events of such. It stands in a table of `tables`.
 */
export async function firingRelation(
  tables: Tables,
  input: CorrelateInput,
  fields: readonly string[],
): Promise<string> {
  const { rule, afterBatch } = input;
  const gathered = await gather(tables, { rule, relations: input.relations }, GATHER_LIMITS);
  const firing = await firingIn(tables, rule, gathered);
  const before =
    afterBatch === undefined ? undefined : await firingIn(tables, rule, upTo(gathered, afterBatch));
  const batch =
    before === undefined
      ? "batch"
      : `if((g, t) in ${before}, least(batch, toUInt64(${afterBatch})), greatest(batch, toUInt64(${afterBatch}) + 1))`;
  const values = fields.map((field) => {
    const at = rule.groupBy.indexOf(field);
    return at === -1 ? "null" : `toNullable(grp[${at + 1}])`;
  });
  const ends = gathered.slices.map(
    (rows) => `
      select r.g as g, r.t as t, argMin(r.source, (r.source, r.place)) as source, argMin(r.place, (r.source, r.place)) as place,
        max(r.batch) as batch, any(r.grp) as grp
      from ${rows} as r inner join ${firing} as f on r.g = f.g and r.t = f.t group by r.g, r.t`,
  );
  const ended = await tables.make(
    "ends",
    "(g UInt64, t Int64, source String, place UInt64, batch UInt64, grp Array(String))",
    { select: ends, small: gathered.small },
  );
  return `(
    select fromUnixTimestamp64Micro(t, 'UTC') as time, source, place, ${batch} as batch,
      cast([${values.join(", ")}] as Array(Nullable(String))) as values
    from ${ended})`;
}

/** A table of (g, t) of the windows that fire. */
async function firingIn(
  tables: Tables,
  rule: CorrelationRule,
  { slices, small }: Gathered,
): Promise<string> {
  const select: string[] = [];
  for (const rows of slices)
    select.push(`select distinct g, t from (${await firingSql(tables, rule, { rows, small })})`);
  return await tables.make("firing", "(g UInt64, t Int64)", { select, small });
}

function upTo({ slices, small }: Gathered, batch: number): Gathered {
  const earlier = slices.map((rows) => `(select ${ROWS} from ${rows} where batch <= ${batch})`);
  return { slices: earlier, small };
}

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
