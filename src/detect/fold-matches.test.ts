import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import type { Match } from "./compile/find-matches.ts";
import { foldMatches, MOST_EVENTS } from "./fold-matches.ts";
import type { DetectionRule } from "./sigma/rule.ts";

const RULE: DetectionRule = {
  kind: "detection",
  id: "5f0e0b6a-0000-4000-8000-000000000001",
  name: undefined,
  title: "Sign-in that failed",
  level: "low",
  status: undefined,
  description: undefined,
  author: undefined,
  tags: ["attack.t1110"],
  references: [],
  falsepositives: [],
  fields: [],
  at: { file: "rules/failed.yml", line: 1, column: 1 },
  logsource: { product: "linux", category: undefined, service: undefined },
  taxonomy: "sigma",
  condition: { leaf: { field: "a", test: { kind: "null" } } },
};
const RULES = new Map([[RULE.id, RULE]]);

function match(place: number, who: string, source = "a.log"): Match {
  const time = `2026-11-25T00:00:${String(place % 60).padStart(2, "0")}.000000Z`;
  return { rule: RULE.id, source, place, time, entities: [{ name: "user.name", value: who }] };
}

test("hits on one person in one source are one finding, from the first to the last, whatever their order", () => {
  const folding = foldMatches(RULES);
  assert.deepEqual(folding.add([match(30, "ada"), match(10, "ada"), match(20, "bela")]), []);
  const [ada, bela] = folding.end();
  assert.equal(ada?.count, 2);
  assert.equal(ada?.first, "2026-11-25T00:00:10.000000Z");
  assert.equal(ada?.last, "2026-11-25T00:00:30.000000Z");
  assert.deepEqual(
    ada?.events.map(({ place }) => place),
    [10, 30],
  );
  assert.equal(bela?.count, 1);
  assert.deepEqual(folding.end(), []);
});

test("the same hits in another order are the same findings", () => {
  const matches = Array.from({ length: 300 }, (_, place) => match(place, `p${place % 3}`));
  fc.assert(
    fc.property(fc.shuffledSubarray(matches, { minLength: 300 }), (shuffled) => {
      const [one, other] = [foldMatches(RULES), foldMatches(RULES)];
      one.add(matches);
      other.add(shuffled);
      const byUid = (folding: typeof one) =>
        folding.end().toSorted((a, b) => (a.uid < b.uid ? -1 : 1));
      assert.deepEqual(byUid(one), byUid(other));
    }),
    { numRuns: 20 },
  );
});

test("a finding lists its first hundred events and counts all", () => {
  const folding = foldMatches(RULES);
  folding.add(Array.from({ length: 1_000 }, (_, place) => match(59 - (place % 60), "ada")));
  const [finding] = folding.end();
  assert.equal(finding?.count, 1_000);
  assert.equal(finding?.events.length, MOST_EVENTS);
  assert.equal(finding?.events[0]?.time, "2026-11-25T00:00:00.000000Z");
});

test("when too many are open, findings come early and none is lost", () => {
  const folding = foldMatches(RULES);
  let early = 0;
  for (let from = 0; from < 120_000; from += 10_000)
    early += folding.add(
      Array.from({ length: 10_000 }, (_, at) => match(1, `p${from + at}`)),
    ).length;
  assert.ok(early > 0);
  assert.equal(early + folding.end().length, 120_000);
});
