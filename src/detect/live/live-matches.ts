// What correlations remember: the matches of the rules that they refer to, with the fields that they look at.
import { z } from "zod";
import { sha256Hex } from "../../core/digest.ts";
import { quote } from "../../db/click-bind.ts";
import type { Click } from "../../db/click.ts";
import type { Format } from "../../logs/format.ts";
import { formatOf } from "../../logs/formats.ts";
import type { Match } from "../compile/find-matches.ts";
import { relationOf } from "../compile/relation-of.ts";
import type { DetectionRule } from "../sigma/rule.ts";
import type { Round } from "./round.ts";

/** A rule as it is now with some of its fields: another condition or other fields are another relation, and begin anew. */
export type Relation = {
  readonly rule: DetectionRule;
  readonly fields: readonly string[];
  readonly name: string;
};

export function relationFor(rule: DetectionRule, fields: readonly string[]): Relation {
  const { id, logsource, taxonomy, condition } = rule;
  const said = JSON.stringify([id, logsource, taxonomy, condition, fields], (_, value: unknown) =>
    typeof value === "symbol" ? String(value) : value,
  );
  return { rule, fields, name: sha256Hex(said).slice(0, 32) };
}

/** Where each rule matched, by its id; a rule without places matched in so many that all is looked at again. */
export type Matched = ReadonlyMap<string, readonly Pick<Match, "source" | "place">[] | undefined>;

/** Adds what the rules matched in the round's batches, but for events that came too late. Repeated after a crash, it adds nothing. */
export async function keepMatches(
  click: Click,
  relations: readonly Relation[],
  { matched, round: { batches, after, upTo } }: { matched: Matched; round: Round },
): Promise<void> {
  if (relations.length === 0) return;
  const sources = [...new Set(batches.map(({ stream }) => stream))];
  const formats = await formatsIn(click, { sources, after, upTo });
  const selects = ofOneRule(relations).map(({ rule, fields, each }) => {
    const places = matched.get(rule.id);
    const scope = { sources, batches: { after, upTo }, formats, ...(places ? { places } : {}) };
    const relation = relationOf(rule, fields, scope);
    const picks = each.map(
      ({ name, picked }) => `(${quote(name)}, [${picked.join(", ")}]::Array(UInt8))`,
    );
    return `select picks.1 as relation, batch, time, source, place, arrayMap(i -> values[i], picks.2) as values
      from (select batch, time, source, place, values, arrayJoin([${picks.join(", ")}]) as picks from ${relation})`;
  });
  await click.command(
    `insert into live_matches (relation, batch, time, source, place, values, arrived)
     select relation, batch, time, source, place, values, toDate(edges[indexOf(numbers, batch)]) as arrived
     from (
       select *, {edges:Array(DateTime64(6))} as edges, {numbers:Array(UInt64)} as numbers
       from (${selects.join("\nunion all\n")}))
     where time >= edges[indexOf(numbers, batch)]`,
    {
      numbers: batches.map(({ batch }) => batch),
      edges: batches.map(({ edge }) => edge.replace("T", " ").replace("Z", "")),
    },
  );
}

type OfOneRule = {
  readonly rule: DetectionRule;
  /** All that some relation of it looks at: what a rule says and where its fields are is understood once (30 ms a relation otherwise). */
  readonly fields: readonly string[];
  /** `picked`: the places of its fields among these, from 1. */
  readonly each: readonly { readonly name: string; readonly picked: readonly number[] }[];
};

function ofOneRule(relations: readonly Relation[]): OfOneRule[] {
  return [...Map.groupBy(relations, ({ rule }) => rule)].map(([rule, some]) => {
    const fields = [...new Set(some.flatMap((one) => one.fields))];
    const each = some.map(({ name, fields: own }) => ({
      name,
      picked: own.map((field) => fields.indexOf(field) + 1),
    }));
    return { rule, fields, each };
  });
}

// A rule may be for events of any of fifty formats: to read over all of them takes 200 ms also where there is nothing.
async function formatsIn(
  click: Click,
  of: { sources: readonly string[]; after: number; upTo: number },
): Promise<Format[]> {
  const rows = await click.query(
    z.object({ format: z.string() }),
    `select distinct toString(format) as format from events
     where source in {sources:Array(String)} and batch > {after:UInt64} and batch <= {upTo:UInt64}`,
    of,
  );
  return rows.flatMap(({ format }) => formatOf(format) ?? []);
}

/** SQL of a relation as correlations read it: what is kept since `from` (ISO 8601), up to and with the batch. */
export function keptSql(
  { name }: Relation,
  { from, upTo }: { from: string; upTo: number },
): string {
  return `(select distinct time, toString(source) as source, place, batch, values from live_matches
    where relation = ${quote(name)} and batch <= ${upTo} and time >= parseDateTime64BestEffort(${quote(from)}, 6, 'UTC'))`;
}

/** Of the relations, by name, those that the round added to, each with the time of the earliest. */
export async function newMatches(
  click: Click,
  relations: readonly Relation[],
  { after, upTo }: Round,
): Promise<ReadonlyMap<string, string>> {
  if (relations.length === 0) return new Map();
  const rows = await click.query(
    z.object({ relation: z.string(), earliest: z.string() }),
    `select relation, min(time) as earliest from live_matches
     where relation in {names:Array(String)} and batch > {after:UInt64} and batch <= {upTo:UInt64} group by relation`,
    { names: relations.map(({ name }) => name), after, upTo },
  );
  return new Map(rows.map(({ relation, earliest }) => [relation, earliest]));
}

/** Days of which no window can need anything any more. */
export async function forgetMatches(click: Click, before: Date): Promise<void> {
  const days = await click.query(
    z.object({ day: z.string() }),
    `select distinct toString(arrived) as day from live_matches where arrived < {before:Date}`,
    { before: before.toISOString().slice(0, 10) },
  );
  for (const { day } of days)
    await click.command(`alter table live_matches drop partition ${quote(day)}`);
}
