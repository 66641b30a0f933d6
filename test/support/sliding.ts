// Sigma correlations over events that rules have matched, as the specification says it and no quicker: for each event of a group all events of the
// group are looked at for whether they are in its window. It shares nothing with src/detect/correlate but the words for a rule.
import type {
  CorrelationRule,
  CorrelationType,
  RuleExpression,
} from "../../src/detect/sigma/rule.ts";

/** An event that a rule matched. */
export type Matched = {
  /** The rule's id. */
  readonly rule: string;
  /** Microseconds. */
  readonly at: number;
  readonly place: number;
  readonly batch: number;
  /** Of the fields of `group-by`, in their order. */
  readonly group: readonly (string | null)[];
  /** Of the fields that are counted or summed. */
  readonly values: readonly (string | null)[];
};

export type SlidingHit = {
  readonly group: readonly string[];
  readonly first: number;
  readonly last: number;
  readonly count: number;
  readonly value: number;
  readonly places: readonly number[];
};

/** A window that fires: it ends at `at`. */
export type Firing = {
  readonly group: readonly string[];
  readonly at: number;
  readonly measure: number;
  readonly within: readonly Matched[];
};

/** Every firing window, by group, in the order of time. */
export function firings(rule: CorrelationRule, events: readonly Matched[]): Firing[] {
  return groupsOf(events).flatMap(({ group, members }) => {
    const moments = [...new Set(members.map(({ at }) => at))].toSorted((a, b) => a - b);
    return moments.flatMap((at) => {
      const begin = at - rule.timespanMs * 1000;
      const within = members.filter((event) => event.at >= begin && event.at <= at);
      const measure = measureOf(rule, within);
      const fires =
        measure !== undefined &&
        rule.conditions.every(({ op, to }) => COMPARE[op](measure, to)) &&
        (rule.expression === undefined || holds(rule, rule.expression, within));
      return fires ? [{ group, at, measure, within }] : [];
    });
  });
}

const COMPARE = {
  lt: (a: number, b: number) => a < b,
  lte: (a: number, b: number) => a <= b,
  gt: (a: number, b: number) => a > b,
  gte: (a: number, b: number) => a >= b,
  eq: (a: number, b: number) => a === b,
  neq: (a: number, b: number) => a !== b,
} as const;

/** An event that lacks a value of `group-by` is in no group. */
function groupsOf(events: readonly Matched[]) {
  const groups = new Map<string, { group: string[]; members: Matched[] }>();
  for (const event of events) {
    const group = event.group.filter((value) => value !== null);
    if (group.length < event.group.length) continue;
    const key = JSON.stringify(group);
    const known = groups.get(key) ?? { group, members: [] };
    known.members.push(event);
    groups.set(key, known);
  }
  return [...groups.values()];
}

function measureOf(rule: CorrelationRule, within: readonly Matched[]): number | undefined {
  return MEASURES[rule.type](rule, within);
}

type Measure = (rule: CorrelationRule, within: readonly Matched[]) => number | undefined;

const MEASURES = {
  event_count: (_, within) => within.length,
  value_count: (_, within) => {
    const whole = within.filter(({ values }) => !values.includes(null));
    return new Set(whole.map(({ values }) => JSON.stringify(values))).size;
  },
  temporal: (_, within) => new Set(within.map((event) => event.rule)).size,
  temporal_ordered: (rule, within) =>
    rule.expression === undefined
      ? inOrder(rule.rules, within)
      : largestInOrder(rule, rule.expression, within),
  value_sum: numeric,
  value_avg: numeric,
  value_percentile: numeric,
  value_median: numeric,
} as const satisfies Record<CorrelationType, Measure>;

function numeric(rule: CorrelationRule, within: readonly Matched[]): number | undefined {
  const numbers = within.flatMap(({ values }) => numberOf(values[0] ?? null) ?? []);
  if (numbers.length === 0) return undefined;
  const units = within.flatMap(({ values }) => unitsOf(values[0] ?? null) ?? []);
  const sum = units.reduce((total, unit) => total + unit, 0n);
  if (rule.type === "value_sum") return Number(sum) / 1e18;
  if (rule.type === "value_avg") return Number(sum / BigInt(units.length)) / 1e18;
  return percentile(numbers, rule.percentile ?? 50);
}

function numberOf(text: string | null): number | undefined {
  const isNumber = text !== null && /^[-+]?\d+(\.\d+)?(e[-+]?\d+)?$/i.test(text.trim());
  return isNumber && Math.abs(Number(text)) < 1e38 ? Number(text) : undefined;
}

/** In units of 10^-18: sums of these are exact. */
function unitsOf(text: string | null): bigint | undefined {
  if (text === null || numberOf(text) === undefined) return undefined;
  const [, sign, whole = "", part = "", exponent = "0"] =
    /^([-+]?)(\d+)(?:\.(\d+))?(?:e([-+]?\d+))?$/i.exec(text.trim()) ?? [];
  const places = 18 + Number(exponent) - part.length;
  const digits = BigInt(whole + part);
  const units = places >= 0 ? digits * 10n ** BigInt(places) : digits / 10n ** BigInt(-places);
  return sign === "-" ? -units : units;
}

/** Of the values in order, counted from 0, the one at (n - 1) * percent / 100, or in proportion between the two next to it. */
function percentile(numbers: readonly number[], percent: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const position = ((sorted.length - 1) * percent) / 100;
  const below = sorted[Math.floor(position)] ?? 0;
  const above = sorted[Math.ceil(position)] ?? 0;
  return below + (above - below) * (position - Math.floor(position));
}

/** How many of the rules, from the first on, matched one after the other or at once. */
function inOrder(rules: readonly string[], within: readonly Matched[]): number {
  let after = -Infinity;
  for (const [index, rule] of rules.entries()) {
    const times = within.filter((event) => event.rule === rule && event.at >= after);
    if (times.length === 0) return index;
    after = Math.min(...times.map(({ at }) => at));
  }
  return rules.length;
}

function holds(
  rule: CorrelationRule,
  expression: RuleExpression,
  within: readonly Matched[],
): boolean {
  if (rule.type === "temporal_ordered") return largestInOrder(rule, expression, within) >= 0;
  const seen = new Set(within.map((event) => event.rule));
  return isTrue(expression, (id) => seen.has(id));
}

/**
 * One of the ways to make the expression hold: the rules that it wants matched in the order given, and those that it does not want are not in the
 * window. Ways that want more than another one are none. How many rules it wants at most; -1 where there is none.
 */
function largestInOrder(
  rule: CorrelationRule,
  expression: RuleExpression,
  within: readonly Matched[],
): number {
  const all = waysOf(expression, true);
  const least = all.filter((one) => !all.some((other) => other !== one && isLess(other, one)));
  const sizes = least
    .filter(
      ({ want, avoid }) =>
        !within.some((event) => avoid.has(event.rule)) &&
        inOrder(
          rule.rules.filter((id) => want.has(id)),
          within,
        ) === want.size,
    )
    .map(({ want }) => want.size);
  return Math.max(-1, ...sizes);
}

type Way = { readonly want: ReadonlySet<string>; readonly avoid: ReadonlySet<string> };

function isLess(a: Way, b: Way): boolean {
  const isWithin = a.want.isSubsetOf(b.want) && a.avoid.isSubsetOf(b.avoid);
  return isWithin && a.want.size + a.avoid.size < b.want.size + b.avoid.size;
}

function waysOf(expression: RuleExpression, wanted: boolean): Way[] {
  if ("not" in expression) return waysOf(expression.not, !wanted);
  if ("rule" in expression) {
    const [one, none] = [new Set([expression.rule]), new Set<string>()];
    return [wanted ? { want: one, avoid: none } : { want: none, avoid: one }];
  }
  const parts = ("and" in expression ? expression.and : expression.or).map((part) =>
    waysOf(part, wanted),
  );
  if ("and" in expression !== wanted) return parts.flat();
  return parts.reduce((some, more) =>
    some.flatMap((a) =>
      more
        .map((b) => ({ want: a.want.union(b.want), avoid: a.avoid.union(b.avoid) }))
        .filter(({ want, avoid }) => want.isDisjointFrom(avoid)),
    ),
  );
}

function isTrue(expression: RuleExpression, present: (id: string) => boolean): boolean {
  if ("rule" in expression) return present(expression.rule);
  if ("not" in expression) return !isTrue(expression.not, present);
  return "and" in expression
    ? expression.and.every((part) => isTrue(part, present))
    : expression.or.some((part) => isTrue(part, present));
}

/** Firing windows of a group that touch are one hit. */
export function slidingHits(rule: CorrelationRule, events: readonly Matched[]): SlidingHit[] {
  const hits: Firing[][] = [];
  for (const firing of firings(rule, events)) {
    const before = hits.at(-1)?.at(-1);
    const touches =
      before?.group === firing.group && firing.at - rule.timespanMs * 1000 <= before.at;
    if (touches) hits.at(-1)?.push(firing);
    else hits.push([firing]);
  }
  return hits.map((members) => hitOf(rule, members));
}

function hitOf(rule: CorrelationRule, members: readonly Firing[]): SlidingHit {
  const within = members
    .flatMap((firing) => firing.within)
    .toSorted((a, b) => a.at - b.at || a.place - b.place);
  const times = within.map(({ at }) => at);
  const measures = members.map(({ measure }) => measure);
  const upperOnly =
    rule.conditions.length > 0 && rule.conditions.every(({ op }) => op === "lt" || op === "lte");
  const places = [...new Set(within.map(({ place }) => place))];
  return {
    group: members[0]?.group ?? [],
    first: Math.min(...times),
    last: Math.max(...times),
    count: places.length,
    value: upperOnly ? Math.min(...measures) : Math.max(...measures),
    places: places.slice(0, 100),
  };
}
