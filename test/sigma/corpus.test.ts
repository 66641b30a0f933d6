// All of SigmaHQ's rules: each is read, compiled and run on ClickHouse, over events made out of the rules themselves, and finds
// what the judge finds.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { readRules } from "../../src/detect/sigma/read-rules.ts";
import type { DetectionRule } from "../../src/detect/sigma/rule.ts";
import type { Format } from "../../src/logs/format.ts";
import { json } from "../../src/logs/formats/json.ts";
import { eventTables } from "../support/event-tables.ts";
import { sharedData } from "../support/shared-data.ts";
import { judge, readDocuments } from "../support/sigma/evaluate.ts";
import { type Json, lineOf } from "../support/sigma/event.ts";
import { compile, placesOf, problemText, takeInText } from "../support/sigma/real-path.ts";
import { ruleFiles } from "../support/sigma/regression-cases.ts";
import { witnessOf } from "../support/sigma/witness.ts";

const root = sharedData("sigma");
const skip = root === undefined ? "sigma is not there" : false;
const options = { placeholders: new Map([["known_cdcs", ["dc1.example", "dc2*"]]]) };

/** Rules of SigmaHQ that cannot be read or run, by id, with the reason. */
const NOT_RUN: ReadonlyMap<string, string> = new Map();

/** JSON that tells its log source itself. */
const SELF_TOLD: Format = {
  ...json,
  name: "self-told",
  product: "sql:JSONExtractString(raw, '@product')",
  category: "sql:JSONExtractString(raw, '@category')",
  service: "sql:JSONExtractString(raw, '@service')",
};

type Ready = { readonly rule: DetectionRule; readonly text: string; readonly event: Json };

async function readCorpus(): Promise<Ready[]> {
  const files = root === undefined ? [] : ruleFiles(root);
  const { rules, problems } = await readRules(files, options);
  const errors = problems.filter(({ severity }) => severity === "error");
  assert.deepEqual(errors.map(problemText), []);
  assert.equal(rules.length, files.length - NOT_RUN.size);
  return rules.flatMap((rule) => {
    if (rule.kind !== "detection") return [];
    const text = readFileSync(rule.at.file, "utf8");
    const [document] = readDocuments(text);
    const { product, category, service } = rule.logsource;
    const source = { "@product": product, "@category": category, "@service": service };
    const told = Object.entries(source).filter(([, value]) => value !== undefined);
    const event: Json = {
      ...(Object.fromEntries(told) as { readonly [name: string]: string }),
      ...witnessOf(document ?? {}, options.placeholders),
    };
    return [{ rule, text, event }];
  });
}

/** How many events beside its own a rule is compared on: those that follow. */
const NEIGHBOURS = 8;

// ClickHouse takes 10 ms to understand one rule's statement. So one rule in six is run, each time others; all with this set.
const STEP = process.env["TOCSIN_TEST_WHOLE_CORPUS"] === "1" ? 1 : 6;

describe("the rules of SigmaHQ", { skip }, () => {
  test("are all read and compiled; run on ClickHouse they find what the judge finds", async () => {
    const all = await readCorpus();
    const click = await eventTables();
    const everyRule = all.map(({ rule }) => rule);
    await compile(click, everyRule, [SELF_TOLD]);
    const offset = Math.floor(Math.random() * STEP);
    const corpus = all.filter((_, index) => index % STEP === offset);
    const lines = corpus.map(({ event }) => lineOf(event)).join("\n");
    await takeInText(click, { source: "corpus", text: lines, format: SELF_TOLD });
    const rules = corpus.map(({ rule }) => rule);
    const compiled = await compile(click, rules, [SELF_TOLD]);
    const found = await placesOf(click, compiled, "corpus");
    let matched = 0;
    for (const [index, { rule, text, event: own }] of corpus.entries()) {
      const matches = judge(text, options);
      const places = found.get(rule.id) ?? new Set();
      if (matches(own)) matched++;
      for (const [at, { event, rule: other }] of corpus
        .slice(index, index + NEIGHBOURS)
        .entries()) {
        if (JSON.stringify(other.logsource) !== JSON.stringify(rule.logsource)) continue;
        const isFound = places.has(index + at + 1);
        assert.equal(isFound, matches(event), `${rule.at.file} on ${lineOf(event)}`);
      }
    }
    assert.ok(matched > corpus.length * 0.9, `only ${matched} of ${corpus.length} have an event`);
  });
});
