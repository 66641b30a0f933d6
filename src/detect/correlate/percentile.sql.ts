// Percentiles, linear between the two nearest values, as NumPy and `quantileExactInclusive` have it: of n values in order, counted from 0, the one at
// (n - 1) * p / 100, or what lies in proportion between its neighbours.
//
// Which side of a limit a percentile is on follows from how many values are below the limit, and where the limit lies between two neighbours, from
// the greatest value below it and the least above it. So no window's values are sorted. A greatest value has no edges that could be taken away
// again, so each window is put together from two halves: time is cut into buckets as long as the timespan, and the window [t - timespan, t] is
// the end of one bucket and the beginning of the next. Two sorts and running maxima, linear whatever the values are.
import type { CorrelationRule } from "../sigma/rule.ts";
import { OPERATOR, spanOf, type Windows } from "./windows.sql.ts";

/**
 * (g, t, measure) of the windows that fire, where `measure` is how many values one has to look at to tell the percentile itself: those of two
 * buckets.
 */
export function percentileSql({ rule, rows }: Windows): string {
  const holds = rule.conditions.map((limit, index) => limitSql(limit, index)).join(" and ");
  return `
    select g, t, toFloat64(any(cost)) as measure from ${countedSql({ rule, rows })}
    where many > 0 and ${holds || "true"} group by g, t`;
}

const NEUTRAL = { sum: "0", max: "-inf", min: "inf" } as const;

/** Of both halves, over the values of which `where` holds: how many, or the greatest or least. */
function halvesSql(name: string, where: string, how: keyof typeof NEUTRAL): string[] {
  const of = how === "sum" ? "1" : "x";
  const over = "over (partition by g, bucket order by s";
  return [
    `${how}(if(now and ${where}, ${of}, ${NEUTRAL[how]})) ${over}) as ${name}_now`,
    `${how}(if(not now and ${where}, ${of}, ${NEUTRAL[how]})) ${over} desc) as ${name}_before`,
  ];
}

/** For each moment of an event: how many values its window has, and on each side of each limit how many and which one is nearest. */
function countedSql({ rule, rows }: Windows): string {
  const span = spanOf(rule);
  const halves = `(
    select g, ${bucketSql(span)} + half.1 as bucket, t + half.1 * ${span} as s, not half.1 as now, n is not null as is_number,
      toFloat64(ifNull(n, 0)) as x
    from ${rows} array join [tuple(0), tuple(1)] as half
    where is_number or now)`;
  const sides = rule.conditions.map(({ to }, index) => ({
    made: [
      ...halvesSql(`below${index}`, `is_number and x < ${to}`, "sum"),
      ...halvesSql(`upto${index}`, `is_number and x <= ${to}`, "sum"),
      ...halvesSql(`under${index}`, `is_number and x < ${to}`, "max"),
      ...halvesSql(`over${index}`, `is_number and x > ${to}`, "min"),
    ],
    told: [
      `below${index}_now + below${index}_before as below${index}`,
      `upto${index}_now + upto${index}_before as upto${index}`,
      `greatest(under${index}_now, under${index}_before) as under${index}`,
      `least(over${index}_now, over${index}_before) as over${index}`,
    ],
  }));
  const made = [...halvesSql("many", "is_number", "sum"), ...sides.flatMap((side) => side.made)];
  const told = ["many_now + many_before as many", ...sides.flatMap((side) => side.told)];
  return `(
    select g, s as t, cost, ${told.join(", ")},
      ${positionOf(rule, "many")} as position, floor(position) as lo, ceil(position) as hi
    from (
      select g, s, now, sum(toUInt64(is_number)) over (partition by g, bucket) as cost, ${made.join(", ")} from ${halves})
    where now)`;
}

type Limit = CorrelationRule["conditions"][number];

/**
 * The value at a place among those in order is below the limit where more than so many are; else it is the limit where more than so many are up to
 * it. The nearest value stands for those on its side: it is the value itself where the limit lies between `lo` and `hi`, and elsewhere the side
 * alone decides.
 */
function limitSql({ op, to }: Limit, index: number): string {
  const at = (place: string): string =>
    `multiIf(below${index} > ${place}, under${index}, upto${index} > ${place}, ${to}, over${index})`;
  return `${at("lo")} + (${at("hi")} - ${at("lo")}) * (position - lo) ${OPERATOR[op]} ${to}`;
}

/** Not the quotient first: 100 times 0.07 is more than 7. */
function positionOf({ percentile }: CorrelationRule, many: string): string {
  return `(${many} - 1) * ${percentile ?? 50} / 100`;
}

// Of a time before 1970 too: division rounds towards zero.
function bucketSql(span: string): string {
  return `intDiv(t + 100000000000000000, ${span})`;
}

/** (g, t, measure): the percentile at each of the moments (g, t), at the cost of the values of two buckets a moment. */
export function percentileAtSql({ rule, rows }: Windows, at: string): string {
  const span = spanOf(rule);
  const wanted = `(select g, t as at, ${bucketSql(span)} - b as bucket from ${at} array join [0, 1] as b)`;
  const given = `(select g, t as its, toFloat64(n) as x, ${bucketSql(span)} as bucket from ${rows} where n is not null)`;
  return `
    select g, at as t, sorted[lo + 1] + (sorted[hi + 1] - sorted[lo + 1]) * (position - lo) as measure
    from (
      select g, at, arraySort(groupArray(x)) as sorted, ${positionOf(rule, "length(sorted)")} as position,
        toUInt64(floor(position)) as lo, toUInt64(ceil(position)) as hi
      from ${given} as given inner join ${wanted} as wanted using (g, bucket)
      where its >= at - ${span} and its <= at
      group by g, at)`;
}
