// Correlations as ClickHouse runs them, held to the specification's cases and to the judge on histories at random.
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import * as fc from "fast-check";
import type { Click } from "../../src/db/click.ts";
import { relationsIn, runCorrelations } from "../../src/detect/correlate/run-correlations.ts";
import { readRuleTexts } from "../../src/detect/sigma/read-rules.ts";
import { eventTables } from "../support/event-tables.ts";
import { anyCorrelation, anyHistory } from "../support/sigma/arbitrary-correlation.ts";
import { CORRELATION_CASES } from "../support/sigma/correlation-cases.ts";
import { DETECTIONS, eventsOf, rulesOf } from "../support/sigma/correlation-case.ts";
import { correlate, type TimedEvent } from "../support/sigma/correlate.ts";
import { CONFORMANCE, leave, takeIn } from "../support/sigma/real-path.ts";

type Found = { readonly group: readonly string[]; readonly first: number; readonly last: number };
type Hit = Found & { readonly places: readonly number[]; readonly count: number };

describe("correlations in ClickHouse", () => {
  let click: Click;
  let round = 0;

  before(async () => {
    click = await eventTables();
  });

  async function hitsOf(
    yaml: string,
    { name, events }: { name: string; events: readonly TimedEvent[] },
  ): Promise<Hit[]> {
    const source = `history ${round++}`;
    const read = readRuleTexts([{ name: "rules.yml", text: yaml }]);
    const errors = read.problems.filter(({ severity }) => severity === "error");
    assert.deepEqual(errors, [], yaml);
    const byId = new Map(read.rules.map((rule) => [rule.id, rule]));
    const correlations = read.rules.filter(
      (rule) => rule.kind === "correlation" && rule.id === name,
    );
    await takeIn(
      click,
      source,
      events.map(({ event }) => event),
    );
    try {
      const hits: Hit[] = [];
      const relation = relationsIn({ sources: [source], formats: [CONFORMANCE] });
      for await (const some of runCorrelations(click, {
        byId,
        correlations: correlations.filter((rule) => rule.kind === "correlation"),
        relation,
      })) {
        for (const { group, first, last, count, events: places } of some)
          hits.push({
            group: group.map(({ value }) => value),
            first: micros(first),
            last: micros(last),
            count,
            places: places.map(({ place }) => place).toSorted((a, b) => a - b),
          });
      }
      return hits;
    } finally {
      await leave(click, source);
    }
  }

  for (const example of CORRELATION_CASES) {
    test(example.about, async () => {
      const rules = rulesOf(example, ID);
      for (const [wanted, all] of [
        [true, example.matches],
        [false, example.misses],
      ] as const)
        for (const happenings of all) {
          const hits = await hitsOf(rules, { name: ID, events: eventsOf(happenings) });
          assert.equal(
            hits.length > 0,
            wanted,
            `${wanted ? "must" : "must not"} match ${happenings}`,
          );
        }
    });
  }

  test("correlations at random find in histories at random what the judge finds", async () => {
    await fc.assert(
      fc.asyncProperty(
        anyCorrelation,
        fc.array(anyHistory, { minLength: 1, maxLength: 2 }),
        async ({ section, inner }, histories) => {
          const rules = [
            ...DETECTIONS,
            document({ title: "inner", name: "inner", id: INNER, correlation: inner }),
            document({ title: "judged", id: ID, correlation: section }),
          ].join("---\n");
          const chained = JSON.stringify(section["rules"]).includes("inner");
          for (const events of histories) {
            const expected = correlate({ rules, name: ID, events });
            const hits = await hitsOf(rules, { name: ID, events });
            assert.deepEqual(sorted(hits.map(plain)), sorted(expected.map(plain)));
            if (chained) continue;
            assert.deepEqual(
              sorted(hits).map(({ places }) => places),
              sorted(expected).map(({ places }) => places),
            );
            for (const { count, places } of hits) assert.equal(count, places.length);
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});

const ID = "00000000-0000-4000-8000-0000000000ff";
const INNER = "00000000-0000-4000-8000-0000000000fe";

function document(value: object): string {
  return `${JSON.stringify(value)}\n`;
}

function plain({ group, first, last }: Found): Found {
  return { group, first, last };
}

function sorted<One extends Found>(all: readonly One[]): One[] {
  const key = ({ group, first }: Found): string => JSON.stringify([group, first]);
  return all.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

function micros(iso: string): number {
  return Date.parse(`${iso.slice(0, 23)}Z`) * 1_000 + Number(iso.slice(23, 26));
}
