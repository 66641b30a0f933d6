// Correlations on ClickHouse against the specification's cases, and against the judge on random rules and histories.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { eventTables } from "../support/event-tables.ts";
import {
  anyCorrelation,
  type AnyCorrelation,
  anyHistory,
} from "../support/sigma/arbitrary-correlation.ts";
import { CORRELATION_CASES } from "../support/sigma/correlation-cases.ts";
import { DETECTIONS, eventsOf, rulesOf } from "../support/sigma/correlation-case.ts";
import { correlate, type TimedEvent } from "../support/sigma/correlate.ts";
import { caseId } from "../support/sigma/detection-case.ts";
import { lineOf } from "../support/sigma/event.ts";
import { hitsIn, type RealHit } from "../support/sigma/real-correlations.ts";
import { readText } from "../support/sigma/real-path.ts";

const ID = caseId(1);
/** A disagreement is made smaller for so long at most. */
const MOST_MS = 60_000;

describe("sigma correlations do what the specification says", () => {
  for (const each of CORRELATION_CASES) {
    test(each.about, async () => {
      const click = await eventTables();
      const rules = readText(rulesOf(each, ID));
      const texts = [...each.matches, ...each.misses];
      const histories = texts.map(eventsOf);
      const found = await hitsIn(click, rules, { ids: [ID], source: each.about, histories });
      for (const [index, hits] of (found.get(ID) ?? []).entries()) {
        const said = `${texts[index]}: ${JSON.stringify(hits)}`;
        assert.equal(hits.length > 0, index < each.matches.length, said);
      }
    });
  }
});

const INNER = caseId(9);

/** JSON is YAML. */
const documentsOf = ({ section, inner }: AnyCorrelation): string =>
  [
    JSON.stringify({ title: "judged", id: ID, correlation: section }),
    JSON.stringify({ title: "inner", id: INNER, name: "inner", correlation: inner }),
    ...DETECTIONS,
  ].join("\n---\n");

let round = 0;

/** The histories in which the two find different things. */
async function differences(
  correlation: AnyCorrelation,
  histories: readonly (readonly TimedEvent[])[],
): Promise<string[]> {
  const text = documentsOf(correlation);
  const source = `round ${round++}`;
  const asked = { ids: [ID], source, histories };
  const found = (await hitsIn(await eventTables(), readText(text), asked)).get(ID) ?? [];
  const isChain = JSON.stringify(correlation.section["rules"]).includes("inner");
  return histories.flatMap((events, index) => {
    const judged = correlate({ rules: text, name: ID, events }).map((hit): RealHit => ({
      ...hit,
      count: hit.places.length,
    }));
    const [said, real] = [judged, found[index] ?? []].map((hits) => shown(hits, isChain));
    if (said === real) return [];
    const lines = events.map(({ event }) => lineOf(event)).join("\n");
    return [`${text}\n${lines}\njudge: ${said}\nClickHouse: ${real}`];
  });
}

// Which events stand for a correlation in another one the specification does not say.
function shown(hits: readonly RealHit[], isChain: boolean): string {
  return JSON.stringify(
    hits
      .map(({ count, places, ...hit }) => (isChain ? hit : { ...hit, count, places }))
      .map((hit) => JSON.stringify(hit))
      .toSorted(),
  );
}

test("correlations on ClickHouse and the judge find the same hits", async () => {
  await fc.assert(
    fc.asyncProperty(
      anyCorrelation,
      fc.array(anyHistory, { minLength: 1, maxLength: 40, size: "max" }),
      async (correlation, histories) => {
        const found = await differences(correlation, histories);
        assert.equal(found[0], undefined);
      },
    ),
    { numRuns: 40, interruptAfterTimeLimit: MOST_MS },
  );
});
