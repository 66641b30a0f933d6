import { spanOf } from "./windows.sql.ts";
import type { CorrelationRule } from "../sigma/rule.ts";

/**
 * Firing windows of a group that overlap or touch are one hit: (g, since, t, measure), from `since` to `t`, both included. No two hits of a
 * group have an event in common.
 */
export function hitsSql(rule: CorrelationRule, firing: string): string {
  const span = spanOf(rule);
  const furthest = isUpward(rule) ? "max" : "min";
  return `
    select g, min(t) - ${span}, max(t), ${furthest}(measure) from (
      select g, t, measure, sum(begins) over (partition by g order by t) as hit from (
        select g, t, measure, lag(toNullable(t)) over (partition by g order by t) as before,
          toUInt8(before is null or before < t - ${span}) as begins
        from ${firing}))
    group by g, hit`;
}

/** Does more of what is compared make it worse? */
function isUpward({ conditions }: CorrelationRule): boolean {
  return !conditions.some(({ op }) => op === "lt" || op === "lte");
}

const EVENTS = 100;

/** The hits with their events. */
export function listedSql(rows: string, hits: string, afterBatch: number | undefined): string {
  // A row belongs to the first hit of its group that ends at it or later, where that has begun.
  return `
    select any(r.grp) as grp, ${isoSql("min(r.t)")} as first, ${isoSql("max(r.t)")} as last,
      uniqExact(r.source, r.place) as count, uniqExactIf((r.source, r.place), r.batch > ${afterBatch ?? -1}) as fresh, any(h.measure) as measure,
      arrayMap(x -> (${isoSql("x.1")}, x.2, x.3),
        arraySlice(arrayDistinct(groupArraySorted(${2 * EVENTS})((r.t, toString(r.source), r.place))), 1, ${EVENTS})) as events
    from ${rows} as r asof inner join ${hits} as h on r.g = h.g and r.t <= h.t
    where r.t >= h.since
    group by h.g, h.t
    ${afterBatch === undefined ? "" : `having max(r.batch) > ${afterBatch}`}`;
}

function isoSql(microseconds: string): string {
  return `formatDateTime(fromUnixTimestamp64Micro(${microseconds}, 'UTC'), '%Y-%m-%dT%H:%i:%S.%fZ')`;
}
