// Which groups can fire at all, by aggregations over all events: most groups cannot, and sorting their events would be most of the work.
import type { CorrelationRule, CorrelationType, RuleExpression } from "../sigma/rule.ts";

/** SQL of `g`, of rows. */
export type Candidates = (rows: string) => string;

/**
 * The cheapest first: a group that fires in some window is among all of them, however many other events it has. None where any group can fire.
 */
export function candidatesOf(rule: CorrelationRule): readonly Candidates[] {
  return CANDIDATES[rule.type](rule);
}

const CANDIDATES = {
  event_count: (rule) => atLeast("count()", leastOf(rule)),
  value_count: (rule) => [...atLeast("count()", leastOf(rule)), ...valuesAtLeast(leastOf(rule))],
  temporal: rulesSeen,
  temporal_ordered: rulesSeen,
  value_sum: ({ conditions }) => conditions.flatMap(sumReaches).map(having),
  value_avg: ({ conditions }) => conditions.flatMap(valueReaches).map(having),
  value_percentile: ({ conditions }) => conditions.flatMap(valueReaches).map(having),
  value_median: ({ conditions }) => conditions.flatMap(valueReaches).map(having),
} as const satisfies Record<CorrelationType, (rule: CorrelationRule) => readonly Candidates[]>;

export function having(condition: string): Candidates {
  return (rows) => `select g from ${rows} group by g having ${condition}`;
}

function atLeast(measure: string, least: number): Candidates[] {
  return least > 1 ? [having(`${measure} >= ${least}`)] : [];
}

/** Pairs of group and value first: a set of values for each of a million groups reached 600 MB, and took half as long again. */
function valuesAtLeast(least: number): Candidates[] {
  if (least <= 1) return [];
  return [
    (rows) =>
      `select g from (select g, v from ${rows} where has_value group by g, v) group by g having count() >= ${least}`,
  ];
}

function rulesSeen(rule: CorrelationRule): Candidates[] {
  const least = leastOf(rule);
  if (rule.expression === undefined)
    return [...atLeast("count()", least), ...atLeast("uniqExact(r)", least)];
  const needed = neededRules(rule.expression).map((id) => rule.rules.indexOf(id) + 1);
  return needed.length === 0 ? [] : [having(`hasAll(groupUniqArray(r), [${needed.join(", ")}])`)];
}

/** Those without which the expression cannot hold. */
function neededRules(expression: RuleExpression): string[] {
  if ("rule" in expression) return [expression.rule];
  if ("not" in expression) return [];
  if ("and" in expression) return [...new Set(expression.and.flatMap(neededRules))];
  const [first = [], ...others] = expression.or.map(neededRules);
  return first.filter((id) => others.every((needed) => needed.includes(id)));
}

type Limit = CorrelationRule["conditions"][number];

const NUMBER = "toFloat64(n)";

/** A sum is at most that of what is positive, and at least that of what is negative. */
function sumReaches({ op, to }: Limit): string[] {
  const most = `ifNull(sumIf(${NUMBER}, n > 0), 0) >= ${to} - ${about(to)}`;
  const least = `ifNull(sumIf(${NUMBER}, n < 0), 0) <= ${to} + ${about(to)}`;
  return ranged(op, { most, least });
}

/** An average or a percentile lies between the least and the greatest value. */
function valueReaches({ op, to }: Limit): string[] {
  const most = `max(${NUMBER}) >= ${to} - ${about(to)}`;
  const least = `min(${NUMBER}) <= ${to} + ${about(to)}`;
  return ranged(op, { most, least });
}

function ranged(op: Limit["op"], { most, least }: Record<"most" | "least", string>): string[] {
  if (op === "gt" || op === "gte") return [most];
  if (op === "lt" || op === "lte") return [least];
  return op === "eq" ? [most, least] : [];
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
