// Do rules find what their fixtures say? Each fixture is a source of its own, and its rule looks at that alone.
import { z } from "zod";
import { resolve } from "node:path";
import type { Progress } from "../../core/progress.ts";
import type { Click } from "../../db/click.ts";
import type { Format } from "../../logs/format.ts";
import { listInputs } from "../../logs/list-inputs.ts";
import { type ReadSource, readLogs } from "../../logs/read-logs.ts";
import { compileRules } from "../compile/compile-rules.ts";
import { findMatches } from "../compile/find-matches.ts";
import { relationsIn, runCorrelations } from "../correlate/run-correlations.ts";
import { formatsIn } from "../formats-in.ts";
import type { PreparedRules } from "../prepare-rules.ts";
import type { CorrelationRule, DetectionRule } from "../sigma/rule.ts";
import type { Fixture, Verdict } from "./list-fixtures.ts";

export type TestRules = {
  readonly rules: PreparedRules;
  readonly fixtures: readonly Fixture[];
  readonly formats: readonly Format[];
  readonly now: Date;
  /** Private; what is read stands there while it is loaded. */
  readonly folder: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
};

export type Tested = {
  readonly fixture: Fixture;
  /** What it was read as. */
  readonly format: string | undefined;
  /** Undefined where all is as expected. */
  readonly failure: string | undefined;
  /** The events that speak for the failure: those that were found and should not be, or the first that should be found. */
  readonly events: readonly { readonly place: number; readonly raw: string }[];
};

/** In the order of the fixtures. Sources of `events` are the fixtures' files. */
export async function testRules(click: Click, input: TestRules): Promise<Tested[]> {
  const read = await readFixtures(click, input);
  const matched = await matchedPlaces(click, input);
  const tested: Tested[] = [];
  for (const [done, fixture] of input.fixtures.entries()) {
    input.signal.throwIfAborted();
    input.progress({ what: "test rules", done, of: input.fixtures.length, unit: "fixtures" });
    const source = sourceOf(fixture);
    const places =
      fixture.rule.kind === "detection"
        ? (matched.get(keyOf(fixture.rule.id, source)) ?? [])
        : await correlatedPlaces(click, input, { rule: fixture.rule, source });
    tested.push(await judge(click, { fixture, read: read.get(source), places }));
  }
  return tested;
}

function sourceOf({ file }: Fixture): string {
  return resolve(file);
}

const keyOf = (rule: string, source: string): string => `${rule} ${source}`;

type Read = { readonly source: ReadSource } | { readonly reason: string };

async function readFixtures(click: Click, input: TestRules): Promise<Map<string, Read>> {
  const found = new Map<string, Read>();
  for (const file of new Set(input.fixtures.map(sourceOf))) {
    // One by one: a folder of logs is read as one kind, and fixtures are of many.
    const { inputs, unread } = await listInputs({
      paths: [file],
      from: "/",
      standardInput: () => process.stdin,
    });
    const { now, folder, signal, formats } = input;
    const report = await readLogs(click, {
      inputs,
      sourceOf: () => file,
      formats,
      zone: "UTC",
      now,
      folder,
      progress: input.progress,
      signal,
    });
    const [source] = report.sources;
    const [reason] = [...unread, ...report.unread];
    found.set(file, source ? { source } : { reason: reason?.reason ?? "it cannot be read" });
  }
  return found;
}

/** Of detection rules: all of them at once, over all fixtures. */
async function matchedPlaces(
  click: Click,
  { fixtures, formats }: TestRules,
): Promise<Map<string, number[]>> {
  const rules = new Map<string, DetectionRule>();
  for (const { rule } of fixtures) if (rule.kind === "detection") rules.set(rule.id, rule);
  const found = new Map<string, number[]>();
  const compiled = await compileRules(click, [...rules.values()], formats);
  for await (const matches of findMatches(click, compiled))
    for (const { rule, source, place } of matches) {
      const key = keyOf(rule, source);
      found.set(key, [...(found.get(key) ?? []), place]);
    }
  return found;
}

async function correlatedPlaces(
  click: Click,
  { rules }: TestRules,
  { rule, source }: { readonly rule: CorrelationRule; readonly source: string },
): Promise<number[]> {
  if (!rules.byId.has(rule.id)) return [];
  const scope = { sources: [source] };
  const hits = runCorrelations(click, {
    byId: rules.byId,
    correlations: [rule],
    relation: relationsIn({ ...scope, formats: await formatsIn(click, scope) }),
  });
  const batches = await Array.fromAsync(hits);
  return batches.flat().flatMap(({ events }) => events.map(({ place }) => place));
}

const SHOWN = 3;
const FIRST_PLACES = [1, 2, 3];

type Judged = {
  readonly fixture: Fixture;
  readonly read: Read | undefined;
  readonly places: readonly number[];
};

async function judge(click: Click, { fixture, read, places }: Judged): Promise<Tested> {
  if (read === undefined || "reason" in read)
    return { fixture, format: undefined, failure: read?.reason ?? "it was not read", events: [] };
  const failed = unusable(read.source) ?? unexpected(fixture.expected, places);
  return {
    fixture,
    format: read.source.format,
    failure: failed?.failure,
    events: await eventsAt(click, sourceOf(fixture), failed?.places ?? []),
  };
}

type Failed = { readonly failure: string; readonly places: readonly number[] };

// A rule that sees nothing misses everything: such a fixture would say nothing.
function unusable({ records, broken, brokenAt, format }: ReadSource): Failed | undefined {
  if (records === 0) return { failure: "it holds no record", places: [] };
  if (broken === 0) return undefined;
  const failure = `a record cannot be read as ${format}: ${brokenAt[0]?.reason ?? ""}`;
  return { failure, places: brokenAt.map(({ place }) => place) };
}

function unexpected(expected: Verdict, places: readonly number[]): Failed | undefined {
  const finds = places.length > 0;
  if (finds === (expected === "finds")) return undefined;
  if (finds) return { failure: "the rule finds what it should not", places };
  return { failure: "the rule finds nothing", places: FIRST_PLACES };
}

const Event = z.object({ place: z.number(), raw: z.string() });

async function eventsAt(
  click: Click,
  source: string,
  places: readonly number[],
): Promise<z.output<typeof Event>[]> {
  const shown = [...new Set(places)].toSorted((a, b) => a - b).slice(0, SHOWN);
  if (shown.length === 0) return [];
  return await click.query(
    Event,
    `select place, substringUTF8(raw, 1, 400) as raw from events
     where source = {source:String} and place in {places:Array(UInt64)} order by place`,
    { source, places: shown },
  );
}
