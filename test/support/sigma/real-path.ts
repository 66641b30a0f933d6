// Rules and events through all that Tocsin itself does with them: rules from files, records to rows of `events`.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CompiledRules, compileRules } from "../../../src/detect/compile/compile-rules.ts";
import { findMatches } from "../../../src/detect/compile/find-matches.ts";
import { type ReadOptions, readRuleTexts } from "../../../src/detect/sigma/read-rules.ts";
import type { Rule, RuleProblem } from "../../../src/detect/sigma/rule.ts";
import type { Click } from "../../../src/db/click.ts";
import type { Format } from "../../../src/logs/format.ts";
import { json } from "../../../src/logs/formats/json.ts";
import { loadRecords } from "../../../src/logs/load-records.ts";
import { type Json, lineOf } from "./event.ts";

/** JSON of any application, which has the log source that rules of these tests are for. */
export const CONFORMANCE: Format = { ...json, name: "conformance", category: "conformance" };

/** Rules that must be read without a problem. */
export function readText(yaml: string, options: ReadOptions = {}): readonly Rule[] {
  const { rules, problems } = readRuleTexts([{ name: "rules.yml", text: yaml }], options);
  const errors = problems.filter(({ severity }) => severity === "error");
  if (errors.length > 0) throw new Error(errors.map(problemText).join("\n"));
  return rules;
}

export const problemText = ({ file, line, column, message }: RuleProblem): string =>
  `${file}:${line}:${column}: ${message}`;

/** Makes events rows of this source; their places count from 1. */
export async function takeIn(click: Click, source: string, events: readonly Json[]): Promise<void> {
  await takeInText(click, { source, text: events.map(lineOf).join("\n"), format: CONFORMANCE });
}

export type Taken = { readonly source: string; readonly text: string; readonly format: Format };

export async function takeInText(click: Click, { source, text, format }: Taken): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "tocsin-records-"));
  try {
    await loadRecords(click, {
      chunks: oneChunk(text),
      format,
      into: "events",
      folder,
      source,
      batch: 0,
      zone: "UTC",
      now: new Date("2026-11-25T12:00:00Z"),
      arrival: new Date(0),
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

// oxlint-disable-next-line require-await
async function* oneChunk(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
}

/** Takes away the events of a source. */
export async function leave(click: Click, source: string): Promise<void> {
  await click.command("alter table events drop partition {source:String}", { source });
}

/** Detection rules that can all be run. */
export async function compile(
  click: Click,
  rules: readonly Rule[],
  formats: readonly Format[],
): Promise<CompiledRules> {
  const detections = rules.filter((rule) => rule.kind === "detection");
  const compiled = await compileRules(click, detections, formats);
  if (compiled.problems.length > 0) {
    throw new Error(compiled.problems.map(problemText).join("\n"));
  }
  return compiled;
}

/** Which events of a source each rule matches: their places, by the rule's id. */
export async function placesOf(
  click: Click,
  compiled: CompiledRules,
  source: string,
): Promise<ReadonlyMap<string, ReadonlySet<number>>> {
  const places = new Map<string, Set<number>>();
  for await (const matches of findMatches(click, compiled, { sources: [source] })) {
    for (const { rule, place } of matches) {
      places.set(rule, (places.get(rule) ?? new Set()).add(place));
    }
  }
  return places;
}
