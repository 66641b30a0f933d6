// Damaged rules: reading, compiling and running them never throws and never takes long; what is wrong has a place.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as fc from "fast-check";
import { compileRules } from "../../src/detect/compile/compile-rules.ts";
import { relationsIn, runCorrelations } from "../../src/detect/correlate/run-correlations.ts";
import { readRuleTexts } from "../../src/detect/sigma/read-rules.ts";
import type { DetectionRule, Rule, RuleProblem } from "../../src/detect/sigma/rule.ts";
import { eventTables } from "../support/event-tables.ts";
import { sharedData } from "../support/shared-data.ts";
import { DETECTION_CASES } from "../support/sigma/all-cases.ts";
import { CORRELATION_CASES } from "../support/sigma/correlation-cases.ts";
import { eventsOf, rulesOf } from "../support/sigma/correlation-case.ts";
import { caseId, ruleOf } from "../support/sigma/detection-case.ts";
import { anyDamage, damaged } from "../support/sigma/mutate.ts";
import { CONFORMANCE, placesOf, takeIn } from "../support/sigma/real-path.ts";
import { ruleFiles } from "../support/sigma/regression-cases.ts";

const corpus = sharedData("sigma");
const options = { placeholders: new Map([["Servers", ["srv*"]]]) };
/** SigmaHQ's rules where they are there, and the specification's cases. */
const DETECTIONS = [
  ...DETECTION_CASES.map(({ detection }, index) => ruleOf(detection, caseId(index))),
  ...(corpus === undefined ? [] : ruleFiles(corpus).filter((_, index) => index % 9 === 0)).map(
    (file) => readFileSync(file, "utf8"),
  ),
];
const CORRELATIONS = CORRELATION_CASES.map((each, index) => rulesOf(each, caseId(index)));

const MOST_MS = 1000;

/** Reads one text as a file of its own, and checks what is said of it. */
function readOne(text: string): readonly Rule[] {
  const start = performance.now();
  const { rules, problems } = readRuleTexts([{ name: "damaged.yml", text }], options);
  const took = performance.now() - start;
  assert.ok(took < MOST_MS, `${took} ms to read ${text}`);
  const lines = text.split("\n");
  for (const problem of problems) assertPlace(problem, lines);
  const isSilent = rules.length === 0 && problems.length === 0;
  assert.ok(!isSilent || !/^(title|detection)\s*:/m.test(text), `nothing is said of ${text}`);
  return rules;
}

function assertPlace({ file, line, column, message }: RuleProblem, lines: readonly string[]) {
  const said = `${file}:${line}:${column}: ${message}`;
  assert.equal(file, "damaged.yml", said);
  assert.ok(line >= 1 && line <= lines.length, said);
  assert.ok(column >= 1 && column <= (lines[line - 1]?.length ?? 0) + 1, said);
  assert.ok(message.length > 0 && message.length < 1000, said);
}

const EVENTS = DETECTION_CASES.slice(0, 20).flatMap(({ matches, misses }) => [
  ...matches,
  ...misses,
]);

test("damaged detection rules are read or refused, and run where they are read", async () => {
  const click = await eventTables();
  await takeIn(click, "damaged", EVENTS);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom(...DETECTIONS), anyDamage), {
        minLength: 1,
        maxLength: 60,
        size: "max",
      }),
      async (picked) => {
        const read = picked.flatMap(([text, damages]) => readOne(damaged(text, damages)));
        const detections = read.flatMap((rule, index): DetectionRule[] =>
          rule.kind === "detection"
            ? [{ ...rule, id: caseId(index), logsource: CONFORMANCE_SOURCE }]
            : [],
        );
        const start = performance.now();
        const compiled = await compileRules(click, detections, [CONFORMANCE]);
        await placesOf(click, compiled, "damaged");
        const each = (performance.now() - start) / Math.max(10, detections.length);
        assert.ok(each < MOST_MS, `${each} ms a rule`);
      },
    ),
    { numRuns: 12, interruptAfterTimeLimit: 60_000 },
  );
});

const CONFORMANCE_SOURCE = { category: "conformance", product: undefined, service: undefined };

test("damaged correlations are read or refused, and run where they are read", async () => {
  const click = await eventTables();
  const events = eventsOf("0 a user=x host=h value=1, 1 b user=x value=2, 2 c user=x value=p");
  await takeIn(
    click,
    "damaged correlations",
    events.map(({ event }) => event),
  );
  const relation = relationsIn({ sources: ["damaged correlations"], formats: [CONFORMANCE] });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...CORRELATIONS), anyDamage, async (text, damages) => {
      const rules = readOne(damaged(text, damages));
      const byId = new Map(rules.map((rule) => [rule.id, rule]));
      const correlations = rules.filter((rule) => rule.kind === "correlation");
      for await (const hits of runCorrelations(click, { byId, correlations, relation })) {
        assert.ok(hits.length > 0);
      }
    }),
    { numRuns: 60, interruptAfterTimeLimit: 60_000 },
  );
});
