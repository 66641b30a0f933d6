// Sliding windows as sums over edges: an event comes at t and has gone a microsecond after t + timespan, so what is in the window that ends at t
// is the running sum of what came and went. Sorted once and linear, where a window function with a moving frame begins anew for every event.
//
// Every statement reads `rows`: (g UInt64, t Int64, r UInt8, v UInt64, has_value Bool, n Nullable(Decimal(76, 18))), t in microseconds. It yields
// (g, t, measure Float64), a row for each event at whose moment the condition holds of its group: sorted, as it comes out of the running sum.
import type { Comparison, CorrelationRule, RuleExpression } from "../sigma/rule.ts";

export type Windows = {
  readonly rule: CorrelationRule;
  /** A table or a subquery in parentheses. */
  readonly rows: string;
};

export const OPERATOR = {
  lt: "<",
  lte: "<=",
  gt: ">",
  gte: ">=",
  eq: "=",
  neq: "!=",
} as const satisfies Record<Comparison, string>;

type Limit = CorrelationRule["conditions"][number];

/** All limits hold of the expression. */
export function limitsSql(limits: readonly Limit[], expression: string): string {
  return limits.map(({ op, to }) => `${expression} ${OPERATOR[op]} ${to}`).join(" and ") || "true";
}

/** Microseconds. */
export function spanOf(rule: CorrelationRule): string {
  return String(Math.round(rule.timespanMs * 1_000));
}

/** All that is at the same moment counts at each of its rows. */
const RUNNING = "over (partition by g order by t)";

function moments(measure: string, { from, where }: { from: string; where: string }): string {
  return `select g, t, toFloat64(${measure}) as measure from ${from} where not gone and ${where}`;
}

/** Events in the window. */
export function eventCountSql({ rule, rows }: Windows): string {
  const edges = `(
    select g, t, false as gone, toInt8(1) as d from ${rows}
    union all select g, t + ${spanOf(rule)} + 1, true, toInt8(-1) from ${rows})`;
  const from = `(select g, t, gone, sum(d) ${RUNNING} as m from ${edges})`;
  return moments("m", { from, where: limitsSql(rule.conditions, "m") });
}

/** `key` is in the window from t until its last event has gone: one edge at each end of such a stretch. */
function stretchesSql({ rule, rows }: Windows, key: "r" | "v"): string {
  const span = spanOf(rule);
  const counts = key === "v" ? "has_value" : "true";
  // Each reading of the neighbours sorts all: both edges of a row come out of one.
  return `(
    select g, edge.1 as t, edge.2 as gone, of, edge.3 as d
    from (
      select g, of, arrayFilter(e -> not e.2 or e.3 != 0, [
        (t, false, toInt8(counts and (before is null or before + ${span} < t))),
        (t + ${span} + 1, true, toInt8(-(counts and (next is null or next > t + ${span}))))]) as edges
      from (
        select g, t, ${key} as of, ${counts} as counts,
          lag(toNullable(t)) over (partition by g, of, counts order by t) as before,
          lead(toNullable(t)) over (partition by g, of, counts order by t) as next
        from ${rows}))
    array join edges as edge)`;
}

/** Distinct values in the window. */
export function valueCountSql(windows: Windows): string {
  const from = `(select g, t, gone, sum(d) ${RUNNING} as m from ${stretchesSql(windows, "v")})`;
  return moments("m", { from, where: limitsSql(windows.rule.conditions, "m") });
}

/** Rules that have matched in the window: how many, or which. */
export function temporalSql(windows: Windows): string {
  const { rule } = windows;
  const named = rule.expression === undefined ? [] : rulesIn(rule.expression);
  const columns = named.map((id) => {
    const place = placeOf(rule, id);
    return `, sum(if(of = ${place}, d, 0)) ${RUNNING} > 0 as p${place}`;
  });
  const from = `(select g, t, gone, sum(d) ${RUNNING} as m${columns.join("")} from ${stretchesSql(windows, "r")})`;
  const limits = limitsSql(rule.conditions, "m");
  const where =
    rule.expression === undefined ? limits : `${limits} and ${holdsSql(rule, rule.expression)}`;
  return moments("m", { from, where });
}

/** A rule's place among those that are correlated, from 1. */
export function placeOf(rule: CorrelationRule, id: string): number {
  return rule.rules.indexOf(id) + 1;
}

function rulesIn(expression: RuleExpression): string[] {
  if ("rule" in expression) return [expression.rule];
  if ("not" in expression) return rulesIn(expression.not);
  const parts = "and" in expression ? expression.and : expression.or;
  return [...new Set(parts.flatMap(rulesIn))];
}

function holdsSql(rule: CorrelationRule, expression: RuleExpression): string {
  if ("rule" in expression) return `p${placeOf(rule, expression.rule)}`;
  if ("not" in expression) return `(not ${holdsSql(rule, expression.not)})`;
  const [parts, word] = "and" in expression ? [expression.and, " and "] : [expression.or, " or "];
  return `(${parts.map((part) => holdsSql(rule, part)).join(word)})`;
}

/** Sum or average of the numbers in the window, exact to 18 decimal places; without any number there is none. */
export function valueSumSql({ rule, rows }: Windows): string {
  const edges = `(
    select g, t, false as gone, toInt8(n is not null) as c, ifNull(n, toDecimal256(0, 18)) as d from ${rows}
    union all
    select g, t + ${spanOf(rule)} + 1, true, toInt8(-1), -assumeNotNull(n) from ${rows} where n is not null)`;
  const from = `(select g, t, gone, sum(d) ${RUNNING} as total, sum(c) ${RUNNING} as many from ${edges})`;
  const limits = rule.conditions
    .map(({ op, to }) => {
      const limit = `toDecimal256('${decimal(to)}', 18)`;
      const least = rule.type === "value_sum" ? limit : `${limit} * toDecimal256(many, 0)`;
      return `total ${OPERATOR[op]} ${least}`;
    })
    .join(" and ");
  const measure = rule.type === "value_sum" ? "toFloat64(total)" : "toFloat64(total) / many";
  return moments(measure, { from, where: `many > 0 and ${limits}` });
}

/** Sums stay below 10^47, whatever is summed: a limit beyond it says no less when it is nearer. */
const MOST = 1e47;

/** Without an exponent, which `toFixed` writes from 10^21 on. */
function decimal(value: number): string {
  const near = Math.max(-MOST, Math.min(MOST, value));
  const text = String(near);
  if (!text.includes("e")) return text;
  return Math.abs(near) < 1 ? near.toFixed(18) : String(BigInt(near));
}
