// SigmaHQ's own regression data: recorded Windows events, and how many of them the rule beside them must find.
import assert from "node:assert/strict";
import { createReadStream, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { z } from "zod";
import { noProgress } from "../../src/core/progress.ts";
import type { Click } from "../../src/db/click.ts";
import { findMatches } from "../../src/detect/compile/find-matches.ts";
import { readRules } from "../../src/detect/sigma/read-rules.ts";
import type { DetectionRule } from "../../src/detect/sigma/rule.ts";
import { FORMATS } from "../../src/logs/formats.ts";
import type { LogInput } from "../../src/logs/list-inputs.ts";
import { readLogs } from "../../src/logs/read-logs.ts";
import { eventTables } from "../support/event-tables.ts";
import { sharedData } from "../support/shared-data.ts";
import { judge } from "../support/sigma/evaluate.ts";
import { eventOf } from "../support/sigma/event.ts";
import { compile, problemText } from "../support/sigma/real-path.ts";
import {
  type RegressionCase,
  regressionCases,
  ruleFiles,
} from "../support/sigma/regression-cases.ts";
import {
  fieldsOfWindowsEvent,
  splitDocuments,
  sysmonCategory,
} from "../support/sigma/windows-event.ts";

const root = sharedData("sigma");
const skip = root === undefined ? "sigma/regression_data is not there" : false;
const cases = root === undefined ? [] : regressionCases(root);

/** Where what is stated contradicts the rule's text: three of the six files end as the rule lists, not one. */
const STATED_WRONGLY = new Map([["8fbf3271-1ef6-4e94-8210-03c2317947f6", 3]]);

function assertCount(count: number, { name, ruleId, expected }: RegressionCase): void {
  if (expected === undefined) assert.ok(count > 0, `${name}: nothing found`);
  else assert.equal(count, STATED_WRONGLY.get(ruleId) ?? expected, name);
}

const options = { placeholders: new Map([["known_cdcs", ["dc1.example"]]]) };

/** One rule in so many is tried on all events, each time others. */
const STEP = 8;

/** For one kind of Sysmon's events; `registry_event` is several. */
const isOfSysmon = (file: string): boolean =>
  /\/windows\/(?!builtin|registry\/registry_event|sysmon)/.test(file) &&
  /^ {4}category: (?!ps_|antivirus|registry_event|process_tampering|wmi_event)/m.test(
    readFileSync(file, "utf8"),
  );

async function rulesOf(files: readonly string[]): Promise<readonly DetectionRule[]> {
  const { rules, problems } = await readRules(files, options);
  const errors = problems.filter(({ severity }) => severity === "error");
  assert.deepEqual(errors.map(problemText), []);
  return rules.filter((rule) => rule.kind === "detection");
}

/** By the rule's id and the case's name, the places of the events that match. */
type Found = ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<number>>>;

async function matches(
  click: Click,
  rules: readonly DetectionRule[],
  cased: ReadonlyMap<string, string>,
): Promise<Found> {
  const found = new Map<string, Map<string, Set<number>>>();
  const compiled = await compile(click, rules, FORMATS);
  for await (const some of findMatches(click, compiled, { sources: [...cased.keys()] })) {
    for (const { rule, source, place } of some) {
      const ofRule = found.get(rule) ?? new Map<string, Set<number>>();
      const name = cased.get(source) ?? "";
      found.set(rule, ofRule.set(name, (ofRule.get(name) ?? new Set()).add(place)));
    }
  }
  return found;
}

const inputOf = (file: string): LogInput => ({
  name: file,
  bytes: undefined,
  written: undefined,
  open: () => createReadStream(file),
});

/** A record's place is the line that it begins in. @returns by the case's name its places, in order */
async function placesOf(
  click: Click,
  cased: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const rows = await click.query(
    z.object({ source: z.string(), places: z.array(z.number()) }),
    "select toString(source) as source, arraySort(groupArray(place)) as places from events group by source",
  );
  return new Map(rows.map(({ source, places }) => [cased.get(source) ?? "", places]));
}

/** Reads the events of all cases, a source each. @returns the case's name by its source */
async function sourcesOf(
  click: Click,
  all: readonly RegressionCase[],
): Promise<Map<string, string>> {
  const held = new Map(all.map(({ events, name }) => [`regression ${events}`, name]));
  const folder = mkdtempSync(join(tmpdir(), "tocsin-regression-"));
  try {
    const { sources, unread } = await readLogs(click, {
      inputs: all.map(({ events }) => inputOf(events)),
      sourceOf: ({ name }) => `regression ${name}`,
      zone: "UTC",
      now: new Date("2026-11-25T12:00:00Z"),
      folder,
      progress: noProgress,
      signal: new AbortController().signal,
    });
    assert.deepEqual(unread, []);
    for (const { name, format, broken } of sources) {
      assert.deepEqual([name, format, broken], [name, "windows-event", 0]);
    }
    return held;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("the regression data of sigma", { skip }, () => {
  let click: Click;
  let sources: ReadonlyMap<string, string>;
  before(async () => {
    click = await eventTables();
    sources = await sourcesOf(click, cases);
  });

  test("is all there", () => assert.equal(cases.length, 100));

  test("the judge finds as many events as are stated", () => {
    for (const each of cases) {
      const events = splitDocuments(readFileSync(each.events, "utf8")).map(eventOf);
      const isMatch = judge(readFileSync(each.ruleFile, "utf8"));
      assertCount(events.map(fieldsOfWindowsEvent).filter(isMatch).length, each);
    }
  });

  test("read, compiled and matched as any logs and rules, so many are found", async () => {
    const files = cases.map(({ ruleFile }) => ruleFile);
    const found = await matches(click, await rulesOf(files), sources);
    for (const each of cases) assertCount(found.get(each.ruleId)?.get(each.name)?.size ?? 0, each);
  });

  test("other rules find in the same events what the judge finds", async () => {
    const files = root === undefined ? [] : ruleFiles(root).filter(isOfSysmon);
    const offset = Math.floor(Math.random() * STEP);
    const rules = await rulesOf(files.filter((_, index) => index % STEP === offset));
    const found = await matches(click, rules, sources);
    const places = await placesOf(click, sources);
    const events = cases.map(({ name, events: file }) => ({
      name,
      places: places.get(name) ?? [],
      fields: splitDocuments(readFileSync(file, "utf8")).map(eventOf).map(fieldsOfWindowsEvent),
    }));
    for (const { id, at, logsource } of rules) {
      const isMatch = judge(readFileSync(at.file, "utf8"), options);
      for (const { name, places: standing, fields } of events) {
        assert.equal(standing.length, fields.length, name);
        for (const [index, event] of fields.entries()) {
          const isMeant = sysmonCategory(event) === logsource.category;
          const isFound =
            found
              .get(id)
              ?.get(name)
              ?.has(standing[index] ?? 0) ?? false;
          assert.equal(isFound, isMeant && isMatch(event), `${at.file} on ${name}`);
        }
      }
    }
  });
});
