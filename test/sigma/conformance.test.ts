// The specification's cases through the real path: rules read, compiled, run over rows of ClickHouse.
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { eventTables } from "../support/event-tables.ts";
import { DETECTION_CASES } from "../support/sigma/all-cases.ts";
import { caseId, ruleOf } from "../support/sigma/detection-case.ts";
import { judge } from "../support/sigma/evaluate.ts";
import { lineOf } from "../support/sigma/event.ts";
import { compile, CONFORMANCE, placesOf, readText, takeIn } from "../support/sigma/real-path.ts";
import { VALUES_OF_PLACEHOLDERS } from "../support/sigma/value-cases.ts";

const placeholders = VALUES_OF_PLACEHOLDERS;

describe("sigma rules do what the specification says", () => {
  let found: ReadonlyMap<string, ReadonlySet<number>>;
  const events = DETECTION_CASES.flatMap(({ matches, misses }) => [...matches, ...misses]);
  const texts = DETECTION_CASES.map(({ detection }, index) => ruleOf(detection, caseId(index)));

  before(async () => {
    const click = await eventTables();
    await takeIn(click, "conformance", events);
    const rules = readText(texts.join("\n---\n"), { placeholders });
    found = await placesOf(click, await compile(click, rules, [CONFORMANCE]), "conformance");
  });

  let start = 1;
  for (const [index, { about, matches, misses }] of DETECTION_CASES.entries()) {
    const first = start;
    start += matches.length + misses.length;
    test(about, () => {
      const places = found.get(caseId(index)) ?? new Set();
      for (const [at, event] of matches.entries()) {
        assert.ok(places.has(first + at), `must match ${lineOf(event)}`);
      }
      for (const [at, event] of misses.entries()) {
        assert.ok(!places.has(first + matches.length + at), `must not match ${lineOf(event)}`);
      }
    });
  }

  test("every rule agrees with the judge on the events of all the others", () => {
    for (const [index, text] of texts.entries()) {
      const matches = judge(text, { placeholders });
      const places = found.get(caseId(index)) ?? new Set();
      for (const [at, event] of events.entries()) {
        assert.equal(places.has(at + 1), matches(event), `${text}\n${lineOf(event)}`);
      }
    }
  });
});
