// The specification's cases through the real path: rules read from files, compiled, run over rows of ClickHouse.
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import type { Click } from "../../src/db/click.ts";
import { eventTables } from "../support/event-tables.ts";
import { DETECTION_CASES } from "../support/sigma/all-cases.ts";
import { ruleOf } from "../support/sigma/detection-case.ts";
import { judge } from "../support/sigma/evaluate.ts";
import { lineOf } from "../support/sigma/event.ts";
import { type Matched, matchAll, readText, takeIn } from "../support/sigma/real-path.ts";
import { VALUES_OF_PLACEHOLDERS } from "../support/sigma/value-cases.ts";

const idOf = (index: number): string =>
  `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`;

describe("sigma rules do what the specification says", () => {
  let click: Click;
  let matched: Matched;
  const events = DETECTION_CASES.flatMap(({ matches, misses }) => [...matches, ...misses]);

  before(async () => {
    click = await eventTables();
    const yaml = DETECTION_CASES.map(({ detection }, index) => ruleOf(detection, idOf(index)));
    const read = await readText(yaml.join("\n---\n"), VALUES_OF_PLACEHOLDERS);
    const errors = read.problems.filter(({ severity }) => severity === "error");
    assert.deepEqual(errors, []);
    await takeIn(click, "conformance", events);
    matched = await matchAll(click, read.rules, "conformance");
    assert.deepEqual(matched.problems, []);
  });

  let start = 1;
  for (const [index, { about, matches, misses }] of DETECTION_CASES.entries()) {
    const first = start;
    start += matches.length + misses.length;
    test(about, () => {
      const places = matched.places.get(idOf(index)) ?? new Set();
      for (const [at, event] of matches.entries()) {
        assert.ok(places.has(first + at), `must match ${lineOf(event)}`);
      }
      for (const [at, event] of misses.entries()) {
        assert.ok(!places.has(first + matches.length + at), `must not match ${lineOf(event)}`);
      }
    });
  }

  test("every rule agrees with the judge on the events of all the others", () => {
    for (const [index, { about, detection }] of DETECTION_CASES.entries()) {
      const matches = judge(ruleOf(detection, "judged"), { placeholders: VALUES_OF_PLACEHOLDERS });
      const places = matched.places.get(idOf(index)) ?? new Set();
      for (const [at, event] of events.entries()) {
        assert.equal(places.has(at + 1), matches(event), `${about}: ${lineOf(event)}`);
      }
    }
  });
});
