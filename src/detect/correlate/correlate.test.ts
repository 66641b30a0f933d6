import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { z } from "zod";
import { testClick } from "../../../test/support/context.ts";
import {
  correlationRule,
  happened,
  ORIGIN,
  relationsFor,
} from "../../../test/support/correlation-rule.ts";
import { SLIDING_CASES } from "../../../test/support/sliding-cases.ts";
import { type Matched, type SlidingHit, slidingHits } from "../../../test/support/sliding.ts";
import type { CorrelationRule } from "../sigma/rule.ts";
import { correlate, type CorrelationHit, firingRelation } from "./correlate.ts";
import { wantedFields } from "./correlate-input.ts";
import { Tables } from "./tables.ts";

async function found(
  rule: CorrelationRule,
  events: readonly Matched[],
  afterBatch?: number,
): Promise<CorrelationHit[]> {
  const relations = relationsFor(rule, events);
  const input = { rule, relations, ...(afterBatch === undefined ? {} : { afterBatch }) };
  return (await Array.fromAsync(correlate(await testClick(), input))).flat();
}

function simple(hits: readonly CorrelationHit[]): SlidingHit[] {
  return hits
    .map(({ group, first, last, count, value, events }) => ({
      group: group.map((one) => one.value),
      first: microseconds(first),
      last: microseconds(last),
      count,
      value,
      places: events.map(({ place }) => place),
    }))
    .toSorted((a, b) => a.first - b.first || (String(a.group) < String(b.group) ? -1 : 1));
}

function microseconds(iso: string): number {
  assert.match(iso, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  return Date.parse(`${iso.slice(0, 23)}Z`) * 1000 + Number(iso.slice(23, 26));
}

function rounded(hits: readonly SlidingHit[]): SlidingHit[] {
  return hits.map((hit) => ({ ...hit, value: Number(hit.value.toPrecision(12)) }));
}

describe("a correlation finds", () => {
  for (const [about, cases] of Object.entries(SLIDING_CASES)) {
    test(about, async () => {
      for (const [given, text, spans] of cases) {
        const rule = correlationRule(given);
        const hits = simple(await found(rule, happened(text)));
        const said = hits.map(
          ({ first, last, value }) => `${(first - ORIGIN) / 1e6}–${(last - ORIGIN) / 1e6} ${value}`,
        );
        assert.deepEqual(said, spans, `${JSON.stringify(given)} on ${text}`);
        assert.deepEqual(rounded(hits), rounded(slidingHits(rule, happened(text))), text);
      }
    });
  }
});

async function firingsOf(
  rule: CorrelationRule,
  events: readonly Matched[],
  { fields, afterBatch }: { readonly fields: readonly string[]; readonly afterBatch?: number },
) {
  const click = await testClick();
  await using tables = new Tables(click);
  const relations = relationsFor(rule, events);
  const input = { rule, relations, ...(afterBatch === undefined ? {} : { afterBatch }) };
  const relation = await firingRelation(tables, input, { fields });
  return await click.query(
    z.object({
      at: z.number(),
      place: z.number(),
      batch: z.number(),
      values: z.array(z.string().nullable()),
    }),
    `select toUnixTimestamp64Micro(time) - ${ORIGIN} as at, place, batch, values from ${relation} order by time, values`,
  );
}

test("a correlation that another one refers to is an event at the end of each window that fires", async () => {
  const rule = correlationRule({ groupBy: ["user", "host"] });
  const events = happened("0 a x h, 1 a x h, 2 a x h, 2 a x h, 3 a x h, 3 a x i, 14 a x h");
  assert.deepEqual(await firingsOf(rule, events, { fields: ["host", "other", "user"] }), [
    { at: 2_000_000, place: 3, batch: 1, values: ["h", null, "x"] },
    { at: 3_000_000, place: 5, batch: 1, values: ["h", null, "x"] },
  ]);
});

test("of a chain, only windows that fire because of a new batch are new", async () => {
  const events = happened("0 a x, 1 a x batch=2, 2 a x, 3 a x, 4 a x, 20 a x batch=2");
  const batches = await firingsOf(correlationRule({}), events, { fields: ["user"], afterBatch: 1 });
  assert.deepEqual(
    batches.map(({ at, batch }) => [at / 1e6, batch]),
    [
      [2, 2],
      [3, 1],
      [4, 1],
    ],
    "three events were there at 3 without the late one",
  );
});

test("an alias names each rule's own field, in the order in which they are asked for", () => {
  const rule = correlationRule({
    rules: ["a", "b"],
    groupBy: ["who", "host"],
    valueFields: ["v"],
    aliases: new Map([["who", new Map([["a", "user"]])]]),
  });
  assert.deepEqual(wantedFields(rule, "a"), ["user", "host", "v"]);
  assert.deepEqual(wantedFields(rule, "b"), ["who", "host", "v"]);
});

test("only hits that an event of a later batch is part of, wherever in time it is", async () => {
  const text =
    "0 a x batch=1, 1 a x batch=1, 2 a x batch=1, 30 a x batch=1, 31 a x batch=2, 32 a x batch=1, 60 a x batch=2";
  const hits = await found(correlationRule({}), happened(text), 1);
  assert.deepEqual(
    hits.map(({ events, count, fresh }) => [events.map(({ place }) => place), count, fresh]),
    [[[4, 5, 6], 3, 1]],
  );
});

test("a hit lists its first hundred events and counts all, one that several rules matched once", async () => {
  const click = await testClick();
  const rule = correlationRule({ rules: ["a", "b", "c"], conditions: [{ op: "gte", to: 600 }] });
  const relation = (times: number): string => `(
    select fromUnixTimestamp64Micro(toInt64(${ORIGIN} + number), 'UTC') as time, 'log' as source, number + 1 as place,
      toUInt64(0) as batch, cast(['x'] as Array(Nullable(String))) as values from numbers(${times}))`;
  const relations = new Map([
    ["a", relation(250)],
    ["b", relation(250)],
    ["c", relation(110)],
  ]);
  const [hit, ...others] = (await Array.fromAsync(correlate(click, { rule, relations }))).flat();
  assert.equal(others.length, 0);
  assert.equal(hit?.count, 250);
  assert.equal(hit.value, 610);
  assert.deepEqual(
    hit.events.map(({ place }) => place),
    Array.from({ length: 100 }, (_, n) => n + 1),
  );
});
