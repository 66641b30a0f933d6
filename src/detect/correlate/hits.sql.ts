import type { CorrelationRule } from "../sigma/rule.ts";
import { spanOf } from "./windows.sql.ts";

/** Windows that fire (g, t, measure) as runs of one each. */
export function singleSql(firing: string): string {
  return `(select g, t as b, t as e, measure from ${firing})`;
}

/**
 * Runs (g, b, e, measure) of firing windows, from the end of the first window to that of the last. Those of a group that overlap or touch become
 * one.
 */
export function runsSql(rule: CorrelationRule, runs: string): string {
  return `
    select g, min(own_b) as b, max(own_e) as e, ${furthest(rule)}(own) as measure from (
      select g, own_b, own_e, own, sum(begins) over (partition by g order by own_b) as run from (
        select g, b as own_b, e as own_e, measure as own, lag(toNullable(e)) over (partition by g order by b) as before,
          toUInt8(before is null or before < b - ${spanOf(rule)}) as begins
        from ${runs}))
    group by g, run`;
}

/** The runs with the measure that went furthest of those at moments (g, t, measure). */
export function remeasuredSql(rule: CorrelationRule, runs: string, moments: string): string {
  return `
    select r.g as g, r.b as b, r.e as e, ${furthest(rule)}(m.measure) as measure
    from ${moments} as m asof inner join ${runs} as r on m.g = r.g and m.t <= r.e
    where m.t >= r.b group by r.g, r.b, r.e`;
}

/** Less is worse only where nothing but upper limits is asked for. */
function furthest({ conditions }: CorrelationRule): "max" | "min" {
  const isDownward = conditions.every(({ op }) => op === "lt" || op === "lte");
  return conditions.length > 0 && isDownward ? "min" : "max";
}

const EVENTS = 100;

export const FOUND_COLUMNS = `(
  grp Array(String), first String, last String, count UInt64, fresh UInt64, measure Float64, events Array(Tuple(String, String, UInt64)))`;

/** Each run with its events, from `timespan` before its first window ends: a row belongs to the first run of its group that ends at it or later. */
export function listedSql(
  { rule, afterBatch }: { readonly rule: CorrelationRule; readonly afterBatch?: number },
  { rows, runs }: { readonly rows: string; readonly runs: string },
): string {
  // An event that several rules matched has a row for each.
  const rules = rule.rules.length;
  const isFresh = afterBatch === undefined ? "true" : `r.batch > ${afterBatch}`;
  const count = rules === 1 ? "count()" : "uniqExact(sipHash64(r.source, r.place))";
  const fresh =
    rules === 1 ? `countIf(${isFresh})` : `uniqExactIf(sipHash64(r.source, r.place), ${isFresh})`;
  return `
    select any(r.grp) as grp, ${isoSql("min(r.t)")} as first, ${isoSql("max(r.t)")} as last,
      ${count} as count, ${fresh} as fresh, any(h.measure) as measure,
      arrayMap(x -> (${isoSql("x.1")}, x.2, x.3),
        arraySlice(arrayDistinct(groupArraySorted(${EVENTS * rules})((r.t, toString(r.source), r.place))), 1, ${EVENTS})) as events
    from ${rows} as r asof inner join ${runs} as h on r.g = h.g and r.t <= h.e
    where r.t >= h.b - ${spanOf(rule)}
    group by h.g, h.e
    ${afterBatch === undefined ? "" : `having max(r.batch) > ${afterBatch}`}`;
}

function isoSql(microseconds: string): string {
  return `formatDateTime(fromUnixTimestamp64Micro(${microseconds}, 'UTC'), '%Y-%m-%dT%H:%i:%S.%fZ')`;
}
