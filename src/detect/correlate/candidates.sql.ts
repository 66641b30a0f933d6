// Which groups can fire at all, by one aggregation over all events: most groups cannot, and sorting their events would be most of the work.
import type { CorrelationRule } from "../sigma/rule.ts";

/** SQL of `g`; undefined where any group can. Sound: a group that fires in some window is in it. */
export function candidatesSql(rule: CorrelationRule, rows: string): string | undefined {
  const having = boundsOf(rule);
  return having.length === 0
    ? undefined
    : `select g from (${rows}) group by g having ${having.join(" and ")}`;
}

function boundsOf(rule: CorrelationRule): string[] {
  const { type } = rule;
  if (rule.expression !== undefined) return [];
  if (type === "temporal" || type === "temporal_ordered") {
    const least = leastOf(rule);
    return least > 1 ? [`uniqExact(r) >= ${least}`] : [];
  }
  if (type === "event_count") {
    const least = leastOf(rule);
    return least > 1 ? [`count() >= ${least}`] : [];
  }
  if (type === "value_count") {
    const least = leastOf(rule);
    return least > 1 ? [`uniqExactIf(v, has_value) >= ${least}`] : [];
  }
  const number = "toFloat64(n)";
  const measure = type === "value_sum" ? `ifNull(sumIf(${number}, n > 0), 0)` : `max(${number})`;
  const low = `min(${number})`;
  return rule.conditions.flatMap(({ op, to }) => {
    if (op === "gt" || op === "gte") return [`${measure} >= ${to} - ${about(to)}`];
    if (op === "eq" && type !== "value_sum")
      return [`max(${number}) >= ${to} - ${about(to)}`, `${low} <= ${to} + ${about(to)}`];
    return op === "lt" || op === "lte"
      ? type === "value_sum"
        ? []
        : [`${low} <= ${to} + ${about(to)}`]
      : [];
  });
}

// Sums of floats are not exact: a little is left on either side.
function about(to: number): string {
  return String(Math.abs(to) * 1e-6 + 1e-6);
}

/** The smallest whole number that meets the conditions from below: 1 where none asks for more. */
function leastOf({ conditions }: CorrelationRule): number {
  const bounds = conditions.map(({ op, to }) => {
    if (op === "gt") return Math.floor(to) + 1;
    return op === "gte" || op === "eq" ? Math.ceil(to) : 1;
  });
  return Math.max(1, ...bounds);
}
