// The judge itself, held to the specification's cases: what it says decides over the compiler in the other tests here.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DETECTION_CASES } from "../support/sigma/all-cases.ts";
import { CORRELATION_CASES } from "../support/sigma/correlation-cases.ts";
import { eventsOf, type Happenings, rulesOf } from "../support/sigma/correlation-case.ts";
import { correlate } from "../support/sigma/correlate.ts";
import { ruleOf } from "../support/sigma/detection-case.ts";
import { judge } from "../support/sigma/evaluate.ts";
import { lineOf } from "../support/sigma/event.ts";
import { VALUES_OF_PLACEHOLDERS } from "../support/sigma/value-cases.ts";

describe("the judge of sigma rules", () => {
  for (const { about, detection, matches, misses } of DETECTION_CASES) {
    test(about, () => {
      const matching = judge(ruleOf(detection, "case"), { placeholders: VALUES_OF_PLACEHOLDERS });
      for (const event of matches) assert.ok(matching(event), `must match ${lineOf(event)}`);
      for (const event of misses) assert.ok(!matching(event), `must not match ${lineOf(event)}`);
    });
  }
});

describe("the judge of sigma correlations", () => {
  for (const example of CORRELATION_CASES) {
    test(example.about, () => {
      const rules = rulesOf(example, "case");
      const hits = (happenings: Happenings): number =>
        correlate({ rules, name: "case", events: eventsOf(happenings) }).length;
      for (const happenings of example.matches) {
        assert.notEqual(hits(happenings), 0, `must match ${happenings}`);
      }
      for (const happenings of example.misses) {
        assert.equal(hits(happenings), 0, `must not match ${happenings}`);
      }
    });
  }
});
