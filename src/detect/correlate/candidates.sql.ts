// Which groups can fire at all, by aggregations over all events: most groups cannot, and sorting their events would be most of the work.
import type { CorrelationRule, CorrelationType, RuleExpression } from "../sigma/rule.ts";

/**
 * Conditions on the events of a group, the cheapest first: a group that fires in some window meets all of them, however many other events it
 * has. None where any group can fire.
 */
export function candidateConditions(rule: CorrelationRule): readonly string[] {
  return CONDITIONS[rule.type](rule);
}

const CONDITIONS = {
  event_count: (rule) => atLeast("count()", leastOf(rule)),
  value_count: (rule) => [
    ...atLeast("count()", leastOf(rule)),
    ...atLeast("uniqExactIf(v, has_value)", leastOf(rule)),
  ],
  temporal: rulesSeen,
  temporal_ordered: rulesSeen,
  value_sum: ({ conditions }) => conditions.flatMap(sumReaches),
  value_avg: ({ conditions }) => conditions.flatMap(valueReaches),
  value_percentile: ({ conditions }) => conditions.flatMap(valueReaches),
  value_median: ({ conditions }) => conditions.flatMap(valueReaches),
} as const satisfies Record<CorrelationType, (rule: CorrelationRule) => readonly string[]>;

function atLeast(measure: string, least: number): string[] {
  return least > 1 ? [`${measure} >= ${least}`] : [];
}

function rulesSeen(rule: CorrelationRule): string[] {
  const least = leastOf(rule);
  if (rule.expression === undefined)
    return [...atLeast("count()", least), ...atLeast("uniqExact(r)", least)];
  const needed = neededRules(rule.expression).map((id) => rule.rules.indexOf(id) + 1);
  return needed.length === 0 ? [] : [`hasAll(groupUniqArray(r), [${needed.join(", ")}])`];
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
