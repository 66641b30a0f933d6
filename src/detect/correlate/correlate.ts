// What a correlation finds in the events that its rules matched. Set-based: nothing here loops over groups or events.
import { z } from "zod";
import type { Click } from "../../db/click.ts";
import type { EventPlace } from "../finding.ts";
import type { CorrelationRule } from "../sigma/rule.ts";
import type { CorrelateInput } from "./correlate-input.ts";
import { ENDS, endsIn, runsIn, upToBatch } from "./firing.ts";
import { gather, GATHER_LIMITS, type Gathered, type GatherLimits } from "./gather.ts";
import { FOUND_COLUMNS, listedSql } from "./hits.sql.ts";
import { Tables } from "./tables.ts";

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
  for (const slice of slices) {
    await using own = new Tables(click);
    const runs = await runsIn(own, slice, { rule: input.rule, small });
    const listed = listedSql(input, { rows: slice.rows, runs });
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

/**
 * SQL, as in `CorrelateInput.relations`, of a correlation that another one refers to: each window that fires is an event at its end, with the
 * values of the group under their names, the place of the event that it ends at, and, of batches, one after `afterBatch` where it fires because
 * of events of such. It stands in a table of `tables`.
 */
export async function firingRelation(
  tables: Tables,
  input: CorrelateInput,
  {
    fields,
    limits = GATHER_LIMITS,
  }: { readonly fields: readonly string[]; readonly limits?: GatherLimits },
): Promise<string> {
  const { rule, afterBatch } = input;
  const gathered = await gather(tables, { rule, relations: input.relations }, limits);
  const ended = await endsTable(tables, rule, gathered);
  const before =
    afterBatch === undefined
      ? undefined
      : await endsTable(tables, rule, upToBatch(gathered, afterBatch));
  const batch =
    before === undefined
      ? "batch"
      : `if((g, t) in (select g, t from ${before}), least(batch, toUInt64(${afterBatch})), greatest(batch, toUInt64(${afterBatch}) + 1))`;
  const values = fields.map((field) => {
    const at = rule.groupBy.indexOf(field);
    return at === -1 ? "null" : `toNullable(grp[${at + 1}])`;
  });
  return `(
    select fromUnixTimestamp64Micro(t, 'UTC') as time, source, place, ${batch} as batch,
      cast([${values.join(", ")}] as Array(Nullable(String))) as values
    from ${ended})`;
}

async function endsTable(
  tables: Tables,
  rule: CorrelationRule,
  gathered: Gathered,
): Promise<string> {
  const select = await endsIn(tables, rule, gathered);
  return await tables.make("ends", ENDS, { select, small: gathered.small });
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
