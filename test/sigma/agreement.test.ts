// Random rules over random events: what the compiled SQL finds and what the judge says are the same. Many rules and many events
// a round, so that thousands of pairs are compared in seconds; a disagreement shrinks to one rule and one event.
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import * as fc from "fast-check";
import type { Click } from "../../src/db/click.ts";
import { eventTables } from "../support/event-tables.ts";
import {
  anyDetection,
  type AnyDetection,
  anyEvent,
  PLACEHOLDERS,
} from "../support/sigma/arbitrary-rule.ts";
import { judge } from "../support/sigma/evaluate.ts";
import { type Json, lineOf } from "../support/sigma/event.ts";
import { leave, matchAll, readText, takeIn } from "../support/sigma/real-path.ts";

const ROUNDS = 12;
const RULES = 40;
const EVENTS = 40;

const idOf = (index: number): string =>
  `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`;

/** JSON is YAML. */
const yamlOf = (detection: AnyDetection, index: number): string =>
  JSON.stringify({
    title: `rule ${index}`,
    id: idOf(index),
    logsource: { category: "conformance" },
    detection,
  });

describe("compiled sigma rules and the judge agree", () => {
  let click: Click;
  let round = 0;

  before(async () => {
    click = await eventTables();
  });
  /** Where they differ, one line each. */
  async function differences(
    detections: readonly AnyDetection[],
    events: readonly Json[],
  ): Promise<string[]> {
    const source = `round ${round++}`;
    const texts = detections.map(yamlOf);
    const read = await readText(texts.join("\n---\n"), PLACEHOLDERS);
    const refused = read.problems.filter(({ severity }) => severity === "error");
    if (refused.length > 0) return refused.map(({ line, message }) => `line ${line}: ${message}`);
    await takeIn(click, source, events);
    try {
      const { places, problems } = await matchAll(click, read.rules, source);
      if (problems.length > 0) return problems.map(({ message }) => message);
      return texts.flatMap((text, index) => {
        const matches = judge(text, { placeholders: PLACEHOLDERS });
        return events.flatMap((event, at) => {
          const found = places.get(idOf(index))?.has(at + 1) ?? false;
          if (found === matches(event)) return [];
          const said = found ? "only ClickHouse matches" : "only the judge matches";
          return [`${said}: ${JSON.stringify(detections[index])} on ${lineOf(event)}`];
        });
      });
    } finally {
      await leave(click, source);
    }
  }

  test("on everything that a rule can say", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyDetection, { minLength: 1, maxLength: RULES, size: "max" }),
        fc.array(anyEvent, { minLength: 1, maxLength: EVENTS, size: "max" }),
        async (detections, events) => {
          const found = await differences(detections, events);
          assert.deepEqual(found.slice(0, 3), []);
        },
      ),
      { numRuns: ROUNDS },
    );
  });
});
