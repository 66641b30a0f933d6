// Correlations and events at random: few groups and values, times that often are just inside or just outside a window.
import * as fc from "fast-check";
import { isoTime, ORIGIN } from "./correlation-case.ts";
import type { TimedEvent } from "./correlate.ts";
import type { Json } from "./event.ts";

export type AnyCorrelation = {
  /** The `correlation` section, as data. */
  readonly section: { readonly [key: string]: Json };
  /** The section of the correlation `inner` that it may refer to. */
  readonly inner: { readonly [key: string]: Json };
};

const DETECTIONS = ["a", "b", "c"] as const;
const timespan = fc.integer({ min: 1, max: 6 }).map((seconds) => `${seconds}s`);
const groupBy = fc.constantFrom<readonly string[]>(["user"], ["user", "host"], ["who"]);
const ALIASES = { who: { a: "user", b: "other", c: "n.user", inner: "user" } };
const op = fc.constantFrom("lt", "lte", "gt", "gte", "eq", "neq");

/** One comparison or a range. */
const comparisons = (to: fc.Arbitrary<number>): fc.Arbitrary<{ readonly [op: string]: number }> =>
  fc.oneof(
    fc.tuple(op, to).map(([name, number]) => ({ [name]: number })),
    fc
      .tuple(to, to)
      .map(([low, high]) => ({ gte: Math.min(low, high), lt: Math.max(low, high) + 1 })),
  );
const count = comparisons(fc.integer({ min: 0, max: 4 }));
const metric = comparisons(fc.constantFrom(-2, 0, 1, 1.5, 2, 3.25, 4, 6));

const eventCount = count.map((condition) => ({ type: "event_count", condition }));
const valueCount = fc
  .tuple(count, fc.constantFrom<string | readonly string[]>("value", "host", ["value", "host"]))
  .map(([condition, field]) => ({ type: "value_count", condition: { ...condition, field } }));
const metrics = fc
  .tuple(
    metric,
    fc.constantFrom("value_sum", "value_avg", "value_percentile", "value_median"),
    fc.constantFrom(0, 10, 25, 50, 90, 99.5, 100),
  )
  .map(([condition, type, percentile]) => ({
    type,
    condition: {
      ...condition,
      field: "value",
      ...(type === "value_percentile" ? { percentile } : {}),
    },
  }));

const temporal = (rules: readonly string[]): fc.Arbitrary<{ readonly [key: string]: Json }> => {
  const { expression } = fc.letrec<{ expression: string }>((tie) => ({
    expression: fc.oneof(
      { maxDepth: 2, depthSize: "small" },
      fc.constantFrom(...rules),
      tie("expression").map((inner) => `not ${inner}`),
      fc.tuple(tie("expression"), tie("expression")).map((pair) => pair.join(" and ")),
      fc.tuple(tie("expression"), tie("expression")).map((pair) => `(${pair.join(" or ")})`),
    ),
  }));
  return fc.oneof(
    fc.constantFrom({ type: "temporal" }, { type: "temporal_ordered" }),
    comparisons(fc.integer({ min: 1, max: rules.length })).map((condition) => ({
      type: "temporal",
      condition,
    })),
    expression.map((condition) => ({ type: "temporal", condition })),
  );
};

const section = (rules: readonly string[]): fc.Arbitrary<{ readonly [key: string]: Json }> =>
  fc
    .tuple(fc.oneof(eventCount, valueCount, metrics, temporal(rules)), timespan, groupBy)
    .map(([kind, span, groups]) => ({
      ...kind,
      rules,
      timespan: span,
      "group-by": groups,
      ...(groups.includes("who") ? { aliases: aliasesOf(rules) } : {}),
    }));

function aliasesOf(rules: readonly string[]): Json {
  const who = Object.entries(ALIASES.who).filter(([rule]) => rules.includes(rule));
  return { who: Object.fromEntries(who) };
}

export const anyCorrelation: fc.Arbitrary<AnyCorrelation> = fc
  .record({
    rules: fc.shuffledSubarray([...DETECTIONS, "inner"], { minLength: 1, maxLength: 3 }),
    inner: fc.tuple(count, timespan).map(([condition, span]) => ({
      type: "event_count",
      rules: ["a", "b"],
      "group-by": ["user", "host"],
      timespan: span,
      condition,
    })),
  })
  .chain(({ rules, inner }) => section(rules).map((made) => ({ section: made, inner })));

const value = fc.oneof(
  fc.constantFrom<Json>(1, 2, 3, -1, 0.5, "2", "none", null),
  fc.integer({ min: -5, max: 5 }),
);
const user = fc.constantFrom("x", "X y'", "\u{1F600}");

export const anyHistory: fc.Arbitrary<readonly TimedEvent[]> = fc
  .array(
    fc.record(
      {
        seconds: fc.integer({ min: 0, max: 15 }),
        microseconds: fc.constantFrom(0, 0, 0, 1, -1),
        kind: fc.constantFrom(...DETECTIONS),
        user,
        host: fc.constantFrom<Json>("h", "i", null),
        other: user,
        n: fc.record({ user }),
        value,
      },
      { requiredKeys: ["seconds", "microseconds", "kind", "user"] },
    ),
    { maxLength: 14 },
  )
  .map((happenings) =>
    happenings.map(({ seconds, microseconds, ...fields }, index) => {
      const at = ORIGIN + seconds * 1_000_000 + microseconds;
      return { at, place: index + 1, event: { time: isoTime(at), ...fields } };
    }),
  );
