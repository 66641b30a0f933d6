// Which signs nominate which rules. A rule that wants `\rundll32.exe` and `javascript:` is looked for by the second, because the first is
// in every twelfth event: which is rare is counted in a sample of the events themselves, and guessed where there are too few.
import { z } from "zod";
import type { Click } from "../../db/click.ts";
import { asked, type RuleGroup } from "./compile-rules.ts";
import type { Condition, DetectionRule } from "../sigma/rule.ts";
import { type Cover, coverOf, leafWays, type Sign, signKey } from "./cover.ts";
import { type FieldReads, fieldReads } from "./field-reads.ts";
import { signHits } from "./nominate.sql.ts";

export type Sample = {
  /** A table or subquery of a few thousand events of the group, with the columns of `events`. */
  readonly source: string;
  readonly events: number;
};

export type ChosenSigns = {
  readonly signs: readonly Sign[];
  /** For each rule of the group the places in `signs`, from 1, of which an event has at least one where the rule matches it. */
  readonly ofRule: readonly (readonly number[])[];
  /** Rules that nothing rare nominates, by their place in the group: they are run on every event. */
  readonly every: readonly number[];
};

/** Fewer events tell nothing about what is rare. */
export const ENOUGH = 2_000;

export async function chooseSigns(
  click: Click,
  group: RuleGroup,
  sample: Sample | undefined,
): Promise<ChosenSigns> {
  const counted =
    sample === undefined || sample.events < ENOUGH
      ? undefined
      : await countSigns(click, group, sample);
  const frequency = (sign: Sign): number => counted?.(sign) ?? guess(sign);
  const wide = covers(group, frequency);
  const narrow = covers(group, (sign) => (readsJson(sign, group) ? 1 : frequency(sign)));
  return signsFor(
    sum(narrow) <= sum(wide) + SPARED_READING && narrow.every(isSelective) ? narrow : wide,
  );
}

// So many more nominations are cheaper than to read and parse each record.
const SPARED_READING = 0.2;

function isSelective({ cost }: Cover): boolean {
  return cost < 0.5;
}

function sum(all: readonly Cover[]): number {
  return all.reduce((total, { cost }) => total + cost, 0);
}

function covers({ rules, reads }: RuleGroup, cost: (sign: Sign) => number): readonly Cover[] {
  const has = (field: string): boolean => reads.slot(field) !== undefined;
  return rules.map(({ condition }) => coverOf(condition, { has, cost }));
}

function readsJson(sign: Sign, { format, reads }: RuleGroup): boolean {
  if (sign.kind === "always") return false;
  if (sign.kind !== "test")
    return sign.field === undefined ? format.json : reads.slot(sign.field)?.json === true;
  const { field, test } = sign.leaf;
  const fields = [field, ...(test.kind === "field" ? [test.other] : [])];
  return fields.some((one) => (one === undefined ? format.json : reads.slot(one)?.json === true));
}

// To keep an event for the second pass and read its fields once more is as dear as a rule's condition on so many others.
const RARE = 0.02;

function isRare({ signs, cost }: Cover): boolean {
  return cost <= RARE && signs.every(({ kind }) => kind !== "always");
}

function signsFor(chosen: readonly Cover[]): ChosenSigns {
  const places = new Map<string, number>();
  const signs: Sign[] = [];
  const place = (sign: Sign): number => {
    const key = signKey(sign);
    const found = places.get(key) ?? signs.push(sign);
    places.set(key, found);
    return found;
  };
  const ofRule = chosen.map((cover) => (isRare(cover) ? [...new Set(cover.signs.map(place))] : []));
  const every = chosen.flatMap((cover, index) => (isRare(cover) ? [] : [index]));
  return { signs, ofRule, every };
}

/** The fields that the signs and the rules need, and no others: each costs its share of the reading. */
export function readsFor(
  { format, taxonomy, reads }: RuleGroup,
  { signs, rules }: { readonly signs: readonly Sign[]; readonly rules: readonly DetectionRule[] },
  arrays: boolean,
): FieldReads {
  const whole = asked(taxonomy, rules);
  const named = signs.flatMap(fieldsOf);
  const fields = new Set(
    named.filter((field) => field !== undefined && reads.slot(field) !== undefined).map(String),
  );
  return fieldReads(
    format,
    {
      taxonomy,
      fields: fields.union(whole.fields),
      keywords: whole.keywords || named.includes(undefined),
    },
    arrays,
  );
}

function fieldsOf(sign: Sign): readonly (string | undefined)[] {
  if (sign.kind === "always") return [];
  if (sign.kind !== "test") return [sign.field];
  const { field, test } = sign.leaf;
  return test.kind === "field" ? [field, test.other] : [field];
}

async function countSigns(
  click: Click,
  group: RuleGroup,
  sample: Sample,
): Promise<(sign: Sign) => number> {
  const all = new Map<string, Sign>();
  for (const { condition } of group.rules) collectSigns(condition, all);
  // Tests are not tried: each is an expression of its own, and a statement of thousands is not ready within minutes.
  const tried = [...all].filter(([, { kind }]) => kind !== "test");
  const places = new Map(tried.map(([key], index) => [key, index + 1]));
  // What stands behind arrays is not counted: it is but a sample, and what reads them is five times as long.
  const reads = fieldReads(group.format, asked(group.taxonomy, group.rules), false);
  const found = signHits(
    tried.map(([, sign]) => sign),
    reads,
  );
  if (found.columns.length === 0) return guess;
  const rows = await click.query(
    z.object({ id: z.number(), events: z.number() }),
    `select arrayJoin(arrayDistinct(${found.ids})) as id, toUInt32(count()) as events
     from (select ${found.columns.join(", ")} from ${reads.from(sample.source, ["place"])} where ${found.any}) group by id`,
  );
  const counts = new Map(rows.map(({ id, events }) => [id, events]));
  return (sign) => {
    if (sign.kind === "test") return DEAR + guess(sign);
    const seen = counts.get(places.get(signKey(sign)) ?? 0) ?? 0;
    // What was not seen is rare, and the rarer the less it looks like what is common.
    return (seen + guess(sign)) / sample.events;
  };
}

// A test of its own for each event costs as much as that many more nominations.
const DEAR = 0.03;

function collectSigns(condition: Condition, into: Map<string, Sign>): void {
  if ("leaf" in condition) {
    for (const sign of leafWays(condition.leaf).flat()) into.set(signKey(sign), sign);
    return;
  }
  const parts =
    "not" in condition ? [condition.not] : "and" in condition ? condition.and : condition.or;
  for (const part of parts) collectSigns(part, into);
}

// Of paths of programs and the like that are in many events of any Windows or Linux.
const COMMON =
  /^[\\/"]*(?:c:|windows|system32|syswow64|program files|users|usr|bin|lib|etc|tmp|var|(?:cmd|powershell|pwsh|rundll32|svchost|explorer|services|conhost|bash|sh|python|java|node)(?:\.exe|\.dll)?|exe|dll|http|https|com)[\\/: "]*$/;

/** A share of the events, before any was looked at: long literals are rarer than short ones. */
function guess(sign: Sign): number {
  if (sign.kind === "contains")
    return COMMON.test(sign.text) ? 0.3 : 0.5 * 0.7 ** sign.text.length + 0.0005;
  if (sign.kind === "equals") return COMMON.test(sign.text) ? 0.1 : 0.02;
  return { number: 0.05, test: 0.6, always: 1 }[sign.kind];
}
