// Which windows fire, slice by slice and piece by piece, so that each statement's memory is bounded.
import type { CorrelationRule, CorrelationType } from "../sigma/rule.ts";
import type { Gathered, Piece, Slice } from "./gather.ts";
import { remeasuredSql, runsSql, singleSql } from "./hits.sql.ts";
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

type Of = { readonly rule: CorrelationRule; readonly small: boolean };

/** A subquery of (g, t, measure) of the windows of a piece that fire. */
async function firingIn(tables: Tables, piece: Piece, { rule, small }: Of): Promise<string> {
  const keep: Keep = async (columns, select) =>
    await tables.make("level", columns, { select, small });
  const firing = await WINDOWS[rule.type]({ rule, rows: piece.rows }, keep);
  return piece.after === undefined
    ? `(${firing})`
    : `(select g, t, measure from (${firing}) where t > ${piece.after})`;
}

const RUNS = "(g UInt64, b Int64, e Int64, measure Float64)";

/** A subquery of the runs of a slice: (g, b, e, measure), no two of a group within a timespan. */
export async function runsIn(tables: Tables, slice: Slice, of: Of): Promise<string> {
  const [first, ...others] = slice.pieces;
  if (first === undefined) throw new RangeError("a slice has at least one piece");
  if (others.length === 0) return `(${await runsOfPiece(tables, first, of)})`;
  const select: string[] = [];
  for (const piece of slice.pieces) {
    await using own = new Tables(tables.click);
    const runs = await runsOfPiece(own, piece, of);
    select.push(await tables.make("runs", RUNS, { select: runs, small: of.small }));
  }
  const all = select.map((table) => `select g, b, e, measure from ${table}`).join(" union all ");
  return `(${runsSql(of.rule, `(${all})`)})`;
}

async function runsOfPiece(tables: Tables, piece: Piece, of: Of): Promise<string> {
  const { rule, small } = of;
  const firing = await firingIn(tables, piece, of);
  if (rule.percentile === undefined) return runsSql(rule, singleSql(firing));
  // Which windows fire is told by counting; what a percentile is, only its values tell.
  const select = `select g, t, measure from ${firing}`;
  const fired = await tables.make("fired", "(g UInt64, t Int64, measure Float64)", {
    select,
    small,
  });
  const runs = await tables.make("runs", RUNS, {
    select: runsSql(rule, singleSql(fired)),
    small,
  });
  const chosen = await tables.make("chosen", "(g UInt64, t Int64)", {
    select: chosenSql(fired, runs),
    small,
  });
  return remeasuredSql(rule, runs, `(${percentileAtSql({ rule, rows: piece.rows }, chosen)})`);
}

const MOST_VALUES = 20_000_000;
/** What a window costs besides its values. */
const WINDOW = 20;

/** Firing windows to tell the percentile of: the last of each run, and as many of the others as there may be. */
function chosenSql(fired: string, runs: string): string {
  const step = `(select greatest(1, ceil(sum(measure + ${WINDOW}) / ${MOST_VALUES})) from ${fired})`;
  return `
    select distinct g, t from (
      select g, t from ${fired} where sipHash64(t) % ${step} = 0
      union all select g, e as t from ${runs})`;
}

/** Rows at the end of a window that fires, one a window, of each piece. Selects of `ENDS`. */
export async function endsIn(
  tables: Tables,
  rule: CorrelationRule,
  { slices, small }: Gathered,
): Promise<string[]> {
  const selects: string[] = [];
  for (const piece of slices.flatMap(({ pieces }) => pieces)) {
    const firing = await firingIn(tables, piece, { rule, small });
    selects.push(`
      select r.g as g, r.t as t, argMin(r.source, (r.source, r.place)) as source, argMin(r.place, (r.source, r.place)) as place,
        max(r.batch) as batch, any(r.grp) as grp
      from ${piece.rows} as r inner join (select distinct g, t from ${firing}) as f on r.g = f.g and r.t = f.t group by r.g, r.t`);
  }
  return selects;
}

export const ENDS =
  "(g UInt64, t Int64, source String, place UInt64, batch UInt64, grp Array(String))";

/** What was there up to a batch. */
export function upToBatch({ slices, small }: Gathered, batch: number): Gathered {
  const earlier = (rows: string): string => `(select ${ROWS} from ${rows} where batch <= ${batch})`;
  return {
    slices: slices.map((slice) => ({
      rows: earlier(slice.rows),
      pieces: slice.pieces.map((piece) => ({ ...piece, rows: earlier(piece.rows) })),
    })),
    small,
  };
}
