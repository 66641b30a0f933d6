// Random rules over random events: what the compiled SQL finds and what the judge says are the same. Many rules and many events
// a round, so that thousands of pairs are compared in seconds.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { eventTables } from "../support/event-tables.ts";
import {
  anyDetection,
  type AnyDetection,
  anyEvent,
  PLACEHOLDERS,
} from "../support/sigma/arbitrary-rule.ts";
import { caseId } from "../support/sigma/detection-case.ts";
import { judge } from "../support/sigma/evaluate.ts";
import { type Json, lineOf } from "../support/sigma/event.ts";
import {
  compile,
  CONFORMANCE,
  leave,
  placesOf,
  readText,
  takeIn,
} from "../support/sigma/real-path.ts";

const ROUNDS = 12;
const RULES = 40;
const EVENTS = 50;
/** A disagreement is made smaller for so long at most. */
const MOST_MS = 60_000;

let round = 0;

/** JSON is YAML. */
const yamlOf = (detection: AnyDetection, index: number): string =>
  JSON.stringify({
    title: `rule ${index}`,
    id: caseId(index),
    logsource: { category: "conformance" },
    detection,
  });

/** Where the two differ, one line each. */
async function differences(
  detections: readonly AnyDetection[],
  events: readonly Json[],
): Promise<string[]> {
  const click = await eventTables();
  const source = `round ${round++}`;
  const options = { placeholders: PLACEHOLDERS };
  const texts = detections.map(yamlOf);
  const rules = readText(texts.join("\n---\n"), options);
  await takeIn(click, source, events);
  try {
    const found = await placesOf(click, await compile(click, rules, [CONFORMANCE]), source);
    return texts.flatMap((text, index) => {
      const matches = judge(text, options);
      return events.flatMap((event, at) => {
        const isFound = found.get(caseId(index))?.has(at + 1) ?? false;
        if (isFound === matches(event)) return [];
        const said = isFound ? "only ClickHouse matches" : "only the judge matches";
        return [`${said}: ${JSON.stringify(detections[index])} on ${lineOf(event)}`];
      });
    });
  } finally {
    await leave(click, source);
  }
}

test("compiled sigma rules and the judge agree on everything that a rule can say", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyDetection, { minLength: 1, maxLength: RULES, size: "max" }),
      fc.array(anyEvent, { minLength: 1, maxLength: EVENTS, size: "max" }),
      async (detections, events) => {
        const found = await differences(detections, events);
        assert.deepEqual(found.slice(0, 3), []);
      },
    ),
    { numRuns: ROUNDS, interruptAfterTimeLimit: MOST_MS },
  );
});

/** Enough for what is looked for first to be chosen by what events hold. */
const MANY = 3000;

test("they agree where rules are first looked for by what is rare among many events", async () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const detections = fc.sample(anyDetection, { numRuns: 60, seed });
  const events = fc.sample(anyEvent, { numRuns: MANY, seed });
  const found = await differences(detections, events);
  assert.deepEqual(found.slice(0, 3), [], `of seed ${seed}`);
});

test("they agree on very long values and patterns", async () => {
  const long = (length: number): string => "ab".repeat(length / 2);
  const detections = [100, 3000, 8000].flatMap((length) =>
    ["A", "A|contains", "A|startswith|cased", "A|endswith"].map((key): AnyDetection => ({
      s_a: { [key]: `${long(length)}'x` },
      condition: "s_a",
    })),
  );
  const events = [98, 100, 3000, 8000, 90_000].flatMap((length): Json[] => [
    { A: `${long(length)}'x` },
    { A: `${long(length)}'X'x` },
    { A: ["y", `y${long(length)}'X`] },
  ]);
  assert.deepEqual(await differences(detections, events), []);
});

test("they agree on which letters are one, in every script", async () => {
  const letters = Array.from({ length: 0x1_ff_ff }, (_, code) => String.fromCodePoint(code)).filter(
    (letter) => /\p{Changes_When_Casemapped}|\p{Changes_When_Casefolded}/u.test(letter),
  );
  assert.ok(letters.length > 2_700);
  const events = letters.flatMap((letter): Json[] =>
    [letter.toLowerCase(), letter.toUpperCase(), letter.toUpperCase().toLowerCase()].map((B) => ({
      A: `x${letter}`,
      B: `x${B}`,
    })),
  );
  const detections: AnyDetection[] = [{ s_a: { "A|fieldref": "B" }, condition: "s_a" }];
  assert.deepEqual((await differences(detections, events)).slice(0, 3), []);
});
