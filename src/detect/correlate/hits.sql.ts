import type { CorrelationRule } from "../sigma/rule.ts";
import { spanOf } from "./windows.sql.ts";

/**
 * Firing windows of a group that overlap or touch are one hit: (g, since, t, measure), from `since` to `t`, both included. No two hits of a
 * group have an event in common.
 */
export function hitsSql(rule: CorrelationRule, firing: string): string {
  const span = spanOf(rule);
  return `
    select g, min(at) - ${span} as since, max(at) as t, ${furthest(rule)}(reached) as measure from (
      select g, at, reached, sum(begins) over (partition by g order by at) as hit from (
        select g, t as at, measure as reached, lag(toNullable(t)) over (partition by g order by t) as before,
          toUInt8(before is null or before < t - ${span}) as begins
        from ${firing}))
    group by g, hit`;
}

/** The hits with the measure that went furthest of those at moments (g, t, measure). */
export function remeasuredSql(rule: CorrelationRule, hits: string, moments: string): string {
  return `
    select h.g as g, h.since as since, h.t as t, ${furthest(rule)}(m.measure) as measure
    from ${moments} as m asof inner join ${hits} as h on m.g = h.g and m.t <= h.t
    where m.t >= h.since group by h.g, h.since, h.t`;
}

/** Less is worse only where nothing but upper limits is asked for. */
function furthest({ conditions }: CorrelationRule): "max" | "min" {
  const isDownward = conditions.every(({ op }) => op === "lt" || op === "lte");
  return conditions.length > 0 && isDownward ? "min" : "max";
}

const EVENTS = 100;

export const FOUND_COLUMNS = `(
  grp Array(String), first String, last String, count UInt64, fresh UInt64, measure Float64, events Array(Tuple(String, String, UInt64)))`;

/** The hits with their events: a row belongs to the first hit of its group that ends at it or later, where that has begun. */
export function listedSql(
  { rule, afterBatch }: { readonly rule: CorrelationRule; readonly afterBatch?: number },
  { rows, hits }: { readonly rows: string; readonly hits: string },
): string {
  // An event that several rules matched has a row for each.
  const rules = rule.rules.length;
  const isFresh = afterBatch === undefined ? "true" : `r.batch > ${afterBatch}`;
  const count = rules === 1 ? "count()" : "uniqExact(r.source, r.place)";
  const fresh =
    rules === 1 ? `countIf(${isFresh})` : `uniqExactIf((r.source, r.place), ${isFresh})`;
  return `
    select any(r.grp) as grp, ${isoSql("min(r.t)")} as first, ${isoSql("max(r.t)")} as last,
      ${count} as count, ${fresh} as fresh, any(h.measure) as measure,
      arrayMap(x -> (${isoSql("x.1")}, x.2, x.3),
        arraySlice(arrayDistinct(groupArraySorted(${EVENTS * rules})((r.t, toString(r.source), r.place))), 1, ${EVENTS})) as events
    from ${rows} as r asof inner join (${hits}) as h on r.g = h.g and r.t <= h.t
    where r.t >= h.since
    group by h.g, h.t
    ${afterBatch === undefined ? "" : `having max(r.batch) > ${afterBatch}`}`;
}

function isoSql(microseconds: string): string {
  return `formatDateTime(fromUnixTimestamp64Micro(${microseconds}, 'UTC'), '%Y-%m-%dT%H:%i:%S.%fZ')`;
}
