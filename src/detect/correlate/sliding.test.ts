// Random correlations over random events: what ClickHouse finds and what the straightforward evaluator says are the same. Many histories are one
// reading: each is a group of its own.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { testClick } from "../../../test/support/context.ts";
import { correlationRule, ORIGIN, relationsFor } from "../../../test/support/correlation-rule.ts";
import { type Matched, type SlidingHit, slidingHits } from "../../../test/support/sliding.ts";
import { COMPARISONS, type CorrelationRule, type RuleExpression } from "../sigma/rule.ts";
import { correlate, type CorrelationHit } from "./correlate.ts";
import { couldFire } from "./could-fire.ts";

const RULES = ["a", "b", "c"];

const { expression } = fc.letrec<{ expression: RuleExpression }>((tie) => {
  const parts = fc.array(tie("expression"), { minLength: 1, maxLength: 3 });
  return {
    expression: fc.oneof(
      { maxDepth: 3, depthSize: "small" },
      fc.constantFrom(...RULES).map((rule) => ({ rule })),
      tie("expression").map((not) => ({ not })),
      parts.map((and) => ({ and })),
      parts.map((or) => ({ or })),
    ),
  };
});

const limits = (to: fc.Arbitrary<number>) =>
  fc.array(fc.record({ op: fc.constantFrom(...COMPARISONS), to }), { minLength: 1, maxLength: 2 });
const counted = limits(fc.integer({ min: 0, max: 5 }));
const measured = limits(fc.constantFrom(-3, -0.5, 0, 0.3, 1, 1.5, 2, 2.75, 4, 7));

const kind: fc.Arbitrary<Partial<CorrelationRule>> = fc.oneof(
  counted.map((conditions) => ({ type: "event_count" as const, conditions })),
  fc.record({
    type: fc.constant("value_count" as const),
    conditions: counted,
    valueFields: fc.constantFrom(["v"], ["v", "w"]),
  }),
  fc.record({
    type: fc.constantFrom("temporal" as const, "temporal_ordered" as const),
    conditions: counted,
  }),
  fc.record({
    type: fc.constantFrom("temporal" as const, "temporal_ordered" as const),
    conditions: fc.constant([]),
    expression,
  }),
  fc.record({
    type: fc.constantFrom("value_sum" as const, "value_avg" as const),
    conditions: measured,
    valueFields: fc.constant(["v"]),
  }),
  fc.record({
    type: fc.constantFrom("value_percentile" as const, "value_median" as const),
    conditions: measured,
    valueFields: fc.constant(["v"]),
    percentile: fc.constantFrom(0, 7, 25, 50, 90, 99.5, 100),
  }),
);

const anyRule = fc
  .record({
    kind,
    rules: fc.shuffledSubarray(RULES, { minLength: 3 }),
    seconds: fc.integer({ min: 1, max: 6 }),
  })
  .map(({ kind: made, rules, seconds }) =>
    correlationRule({ rules, groupBy: ["history", "user"], timespanMs: seconds * 1000, ...made }),
  );

const value = fc.constantFrom(
  "1",
  "2",
  "3",
  "-1",
  "0.5",
  "2.25",
  "0.1",
  "0.2",
  "none",
  "",
  "-",
  "0x10",
  "1e1",
  "9e99",
  null,
);

const anyHistory = fc.array(
  fc.record({
    rule: fc.constantFrom(...RULES),
    seconds: fc.integer({ min: 0, max: 14 }),
    microseconds: fc.constantFrom(0, 0, 0, 1, -1),
    user: fc.constantFrom("x", "x", "Y\\'", null),
    values: fc.tuple(value, value),
    batch: fc.integer({ min: 1, max: 3 }),
  }),
  { maxLength: 14 },
);
type History = typeof anyHistory extends fc.Arbitrary<infer Of> ? Of : never;

function eventsOf(rule: CorrelationRule, histories: readonly History[]): Matched[] {
  let place = 0;
  return histories.flatMap((history, index) =>
    history.map((one) => ({
      rule: one.rule,
      at: ORIGIN + one.seconds * 1_000_000 + one.microseconds,
      place: (place += 1),
      batch: one.batch,
      group: [String(index), one.user],
      values: one.values.slice(0, rule.valueFields.length),
    })),
  );
}

const seen = (hits: readonly SlidingHit[]): string[] =>
  hits.map((hit) => JSON.stringify({ ...hit, value: Number(hit.value.toPrecision(9)) })).toSorted();

function asSliding({
  group,
  first,
  last,
  count,
  value: reached,
  events,
}: CorrelationHit): SlidingHit {
  const microseconds = (iso: string): number =>
    Date.parse(`${iso.slice(0, 23)}Z`) * 1000 + Number(iso.slice(23, 26));
  return {
    group: group.map((one) => one.value),
    first: microseconds(first),
    last: microseconds(last),
    count,
    value: reached,
    places: events.map(({ place }) => place),
  };
}

/** As for many events: groups left out beforehand, several slices of several pieces, tables on disk. */
const LARGE = { small: -1, slice: 60, piece: 20, groups: 50 };

async function found(
  rule: CorrelationRule,
  events: readonly Matched[],
  { isLarge, afterBatch }: { readonly isLarge: boolean; readonly afterBatch?: number },
): Promise<CorrelationHit[]> {
  const relations = relationsFor(rule, events);
  const input = { rule, relations, ...(afterBatch === undefined ? {} : { afterBatch }) };
  const hits = correlate(await testClick(), input, isLarge ? LARGE : undefined);
  return (await Array.fromAsync(hits)).flat();
}

const histories = fc.array(anyHistory, { minLength: 1, maxLength: 60, size: "max" });

for (const isLarge of [false, true]) {
  const how = isLarge ? "in slices" : "at once";
  test(`ClickHouse and the evaluator find the same hits, ${how}`, async () => {
    await fc.assert(
      fc.asyncProperty(anyRule, histories, async (rule, all) => {
        const events = eventsOf(rule, all);
        const hits = await found(rule, events, { isLarge });
        assert.deepEqual(seen(hits.map(asSliding)), seen(slidingHits(rule, events)));
        const input = { rule, relations: relationsFor(rule, events) };
        assert.ok(hits.length === 0 || (await couldFire(await testClick(), [input])).length === 1);
      }),
      { numRuns: 60, interruptAfterTimeLimit: 10_000 },
    );
  });

  test(`after a batch, whatever its times, those hits are found that an event of it is part of, ${how}`, async () => {
    await fc.assert(
      fc.asyncProperty(
        anyRule,
        histories,
        fc.integer({ min: 0, max: 3 }),
        async (rule, all, after) => {
          const events = eventsOf(rule, all);
          const batchOf = new Map(events.map(({ place, batch }) => [place, batch]));
          const expected = slidingHits(rule, events).filter(({ places }) =>
            places.some((place) => (batchOf.get(place) ?? 0) > after),
          );
          const hits = await found(rule, events, { isLarge, afterBatch: after });
          assert.deepEqual(seen(hits.map(asSliding)), seen(expected));
        },
      ),
      { numRuns: 15, interruptAfterTimeLimit: 4_000 },
    );
  });
}
