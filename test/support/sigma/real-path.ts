// Rules and events through all that Tocsin itself does with them: rules from files, events as rows of `events`.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileRules } from "../../../src/detect/compile/compile-rules.ts";
import { findMatches } from "../../../src/detect/compile/find-matches.ts";
import { readRules } from "../../../src/detect/sigma/read-rules.ts";
import type { Rule, RuleProblem, RuleSet } from "../../../src/detect/sigma/rule.ts";
import type { Click } from "../../../src/db/click.ts";
import { eventSelect, ROW_COLUMNS } from "../../../src/logs/event-select.sql.ts";
import type { Format } from "../../../src/logs/format.ts";
import { json } from "../../../src/logs/formats/json.ts";
import { type Json, lineOf } from "./event.ts";
import type { Placeholders } from "./modifiers.ts";

/** JSON of any application, which has the log source that rules of these tests are for. */
export const CONFORMANCE: Format = { ...json, name: "conformance", category: "conformance" };

/** Reads rules that are given as text. */
export async function readText(yaml: string, placeholders: Placeholders): Promise<RuleSet> {
  const dir = mkdtempSync(join(tmpdir(), "tocsin-rules-"));
  try {
    writeFileSync(join(dir, "rules.yml"), yaml);
    return await readRules([dir], { placeholders });
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** Makes events rows of this source; their places count from 1. */
export async function takeIn(click: Click, source: string, events: readonly Json[]): Promise<void> {
  const lines =
    "(select arrayJoin(arrayEnumerate({lines:Array(String)} as the_lines)) as place, the_lines[place] as raw, '' as flaw)";
  await click.command(
    `insert into events (${ROW_COLUMNS.join(", ")}) ${eventSelect(CONFORMANCE, lines)}`,
    {
      lines: events.map(lineOf),
      source,
      batch: 0,
      zone: "UTC",
      now: new Date("2026-11-25T12:00:00Z"),
      arrival: new Date(0),
    },
  );
}

export async function leave(click: Click, source: string): Promise<void> {
  await click.command(`alter table events drop partition {source:String}`, { source });
}

export type Matched = {
  /** Places of the events of each rule, by its id. */
  readonly places: ReadonlyMap<string, ReadonlySet<number>>;
  readonly problems: readonly RuleProblem[];
};

/** Which detection rules match which events of a source. */
export async function matchAll(
  click: Click,
  rules: readonly Rule[],
  source: string,
): Promise<Matched> {
  const detections = rules.filter((rule) => rule.kind === "detection");
  const compiled = await compileRules(click, detections, [CONFORMANCE]);
  const places = new Map<string, Set<number>>();
  for await (const matches of findMatches(click, compiled, { sources: [source] })) {
    for (const { rule, place } of matches) {
      places.set(rule, (places.get(rule) ?? new Set()).add(place));
    }
  }
  return { places, problems: compiled.problems };
}
