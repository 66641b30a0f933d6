// Sliding windows as sums over edges: an event comes at t and has gone just after t + timespan, so what is in the window that ends at t is the
// running sum of what came and went. Sorted once and linear, where a window function with a moving frame begins anew for every event.
//
// Every statement reads `rows`: (g UInt64, t Int64, r UInt8, v UInt64, has_value Bool, n Nullable(Decimal(76, 18))), t in microseconds. It yields
// (g, t, measure Float64), one row a group and moment at which an event of it is and the condition holds.
import type { Comparison, CorrelationRule, RuleExpression } from "../sigma/rule.ts";

export type Windows = {
  readonly rule: CorrelationRule;
  /** A table or a subquery in parentheses. */
  readonly rows: string;
};

const OPERATOR = {
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

export function spanOf(rule: CorrelationRule): string {
  return String(Math.round(rule.timespanMs * 1_000));
}

/** At equal times what comes stands before what goes: both ends of a window belong to it. */
const RUNNING = "over (partition by g order by t, gone)";

/** One moment, however many events are at it. */
function moments(measure: string, { from, where }: { from: string; where: string }): string {
  return `select g, t, toFloat64(any(${measure})) as measure from ${from} where gone = 0 and ${where} group by g, t`;
}

/** Events in the window. */
export function eventCountSql({ rule, rows }: Windows): string {
  const edges = `(
    select g, t, 0 as gone, 1 as d from ${rows}
    union all select g, t + ${spanOf(rule)}, 1, -1 from ${rows})`;
  const from = `(select g, t, gone, sum(d) ${RUNNING} as m from ${edges})`;
  return moments("m", { from, where: limitsSql(rule.conditions, "m") });
}

/** `key` is in the window from t until its last event has gone: one edge at each end of such a stretch. */
function stretchesSql({ rule, rows }: Windows, key: string): string {
  const span = spanOf(rule);
  const neighbours = `(
    select g, t, ${key} as of, ${key === "v" ? "has_value" : "true"} as counts,
      lag(toNullable(t)) over (partition by g, of, counts order by t) as before,
      lead(toNullable(t)) over (partition by g, of, counts order by t) as next
    from ${rows})`;
  return `(
    select g, t, 0 as gone, of, toInt8(counts and (before is null or before + ${span} < t)) as d from ${neighbours}
    union all
    select g, t + ${span}, 1, of, toInt8(-1) from ${neighbours}
    where counts and (next is null or next > t + ${span}))`;
}

/** Distinct values in the window. */
export function valueCountSql(windows: Windows): string {
  const from = `(select g, t, gone, sum(d) ${RUNNING} as m from ${stretchesSql(windows, "v")})`;
  return moments("m", { from, where: limitsSql(windows.rule.conditions, "m") });
}

/** Rules, by their place from 1, that have matched in the window: how many, or which. */
export function temporalSql(windows: Windows): string {
  const { rule } = windows;
  const present = rule.rules.map(
    (_, index) => `sum(if(of = ${index + 1}, d, 0)) ${RUNNING} > 0 as p${index + 1}`,
  );
  const from = `(select g, t, gone, ${present.join(", ")} from ${stretchesSql(windows, "r")})`;
  const measure = rule.rules.map((_, index) => `p${index + 1}`).join(" + ");
  const where =
    rule.expression === undefined
      ? limitsSql(rule.conditions, `(${measure})`)
      : expressionSql(rule.expression, rule.rules);
  return moments(measure, { from, where });
}

function expressionSql(expression: RuleExpression, rules: readonly string[]): string {
  if ("rule" in expression) return `p${rules.indexOf(expression.rule) + 1}`;
  if ("not" in expression) return `(not ${expressionSql(expression.not, rules)})`;
  const [parts, word] = "and" in expression ? [expression.and, " and "] : [expression.or, " or "];
  return `(${parts.map((part) => expressionSql(part, rules)).join(word)})`;
}

const NEVER = "toInt64(-9000000000000000000)";

/**
 * How many of the rules, from the first on, came one after the other (or at once) in the window. s(j) is the latest moment at which a chain of the
 * first j rules that has ended by now can have begun; it is in the window where that is.
 */
export function temporalOrderedSql({ rule, rows }: Windows): string {
  const over = "over (partition by g order by t)";
  const levels = rule.rules.map((_, index) => `s${index + 1}`);
  const from = levels.reduce((inner, level, index) => {
    const begun = index === 0 ? "t" : levels[index - 1];
    const earlier = levels.slice(0, index);
    return `(select ${["g", "t", "r", ...earlier].join(", ")}, max(if(r = ${index + 1}, ${begun}, ${NEVER})) ${over} as ${level} from ${inner})`;
  }, rows);
  const measure = `(${levels.map((level) => `(${level} >= t - ${spanOf(rule)})`).join(" + ")})`;
  return `select g, t, toFloat64(any(${measure})) as measure from ${from} where ${limitsSql(rule.conditions, measure)} group by g, t`;
}

/** Sum or average of the numbers in the window; without any number there is none. */
export function valueSumSql({ rule, rows }: Windows): string {
  const edges = `(
    select g, t, 0 as gone, n is not null as c, ifNull(n, toDecimal256(0, 18)) as d from ${rows}
    union all
    select g, t + ${spanOf(rule)}, 1, toInt8(-1), -assumeNotNull(n) from ${rows} where n is not null)`;
  const from = `(select g, t, gone, sum(d) ${RUNNING} as total, sum(toInt64(c)) ${RUNNING} as many from ${edges})`;
  const limits = rule.conditions
    .map(({ op, to }) => {
      const limit = `toDecimal256('${decimal(to)}', 18)`;
      return `total ${OPERATOR[op]} ${rule.type === "value_sum" ? limit : `${limit} * many`}`;
    })
    .join(" and ");
  const measure = rule.type === "value_sum" ? "toFloat64(total)" : "toFloat64(total) / many";
  return moments(measure, { from, where: `many > 0 and ${limits}` });
}

/** Without an exponent. */
function decimal(value: number): string {
  const text = String(value);
  return text.includes("e") ? value.toFixed(18) : text;
}

/**
 * Percentiles, linear between the two nearest values (as `quantileExactInclusive` and NumPy have it). Whether both of those are below a limit, or
 * neither is, follows from counts; only where the limit lies between them are the window's values looked at: `exact` does, from buckets of a
 * timespan each, at the cost of the values of two windows a moment.
 */
export function percentileSql({ rule, rows }: Windows): string {
  const numbers = numbersSql(rows);
  const below = rule.conditions.flatMap(({ to }, index) => [
    `sum(if(x < ${to}, d, 0)) ${RUNNING} as l${index}`,
    `sum(if(x <= ${to}, d, 0)) ${RUNNING} as e${index}`,
  ]);
  const edges = `(
    select g, t, 0 as gone, 1 as d, x from ${numbers}
    union all select g, t + ${spanOf(rule)}, 1, -1, x from ${numbers}
    union all select g, t, 0, 0, 0 from ${rows} where n is null)`;
  const q = quantileOf(rule);
  const counted = `(select g, t, gone, sum(d) ${RUNNING} as many, ${below.join(", ")} from ${edges})`;
  const at = `(select g, t, many, floor((many - 1) * ${q}) as lo, ceil((many - 1) * ${q}) as hi,
      ${rule.conditions.map((_, index) => `l${index}, e${index}`).join(", ")}
    from ${counted} where gone = 0 and many > 0)`;
  const verdicts = rule.conditions.map((limit, index) => verdictSql(limit, index));
  const judged = `(select g, t, [${verdicts.join(", ")}] as verdicts from ${at} group by g, t, verdicts)`;
  const open = `(select g, t from ${judged} where not has(verdicts, 0) and has(verdicts, 2))`;
  const exact = exactSql({ rule, numbers, moments: open });
  return `
    select g, t, nan as measure from ${judged} where not has(verdicts, 0) and not has(verdicts, 2)
    union all
    select g, t, measure from (${exact}) where ${limitsSql(rule.conditions, "measure")}`;
}

/** 0 no, 1 yes, 2 not known by counting. `l` values are below the limit, `e` at it or below. */
function verdictSql({ op }: Limit, index: number): string {
  const [l, e] = [`l${index}`, `e${index}`];
  const isBelow = `${l} > hi`;
  const isNotBelow = `${l} <= lo`;
  const isAbove = `${e} <= lo`;
  const isNotAbove = `${e} > hi`;
  const isEqual = `(${isNotBelow} and ${isNotAbove})`;
  const isOther = `(${isBelow} or ${isAbove})`;
  const [yes, no] = (
    {
      lt: [isBelow, isNotBelow],
      gte: [isNotBelow, isBelow],
      lte: [isNotAbove, isAbove],
      gt: [isAbove, isNotAbove],
      eq: [isEqual, isOther],
      neq: [isOther, isEqual],
    } as const satisfies Record<Comparison, readonly [string, string]>
  )[op];
  return `multiIf(${yes}, 1, ${no}, 0, 2)`;
}

type Exact = {
  readonly rule: CorrelationRule;
  /** (g, t, x) */
  readonly numbers: string;
  /** (g, t) */
  readonly moments: string;
};

/** The percentile at each of the moments (g, t), at the cost of the values of two windows a moment. */
export function percentileAtSql({ rule, rows }: Windows, at: string): string {
  return exactSql({ rule, numbers: numbersSql(rows), moments: at });
}

function numbersSql(rows: string): string {
  return `(select g, t, toFloat64(n) as x from ${rows} where n is not null)`;
}

function quantileOf({ percentile }: CorrelationRule): number {
  return (percentile ?? 50) / 100;
}

function exactSql({ rule, numbers, moments: at }: Exact): string {
  const span = spanOf(rule);
  const wanted = `(select g, t as at, ${bucketSql(span)} - b as bucket from ${at} array join [0, 1] as b)`;
  const given = `(select g, t as its, x, ${bucketSql(span)} as bucket from ${numbers})`;
  return `
    select g, at as t, quantileExactInclusive(${quantileOf(rule)})(x) as measure
    from ${given} as given inner join ${wanted} as wanted using (g, bucket)
    where its >= at - ${span} and its <= at
    group by g, at`;
}

// Of a time before 1970 too: division rounds towards zero.
function bucketSql(span: string): string {
  return `intDiv(t + 100000000000000000, ${span})`;
}
