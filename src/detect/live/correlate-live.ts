// Correlations over what has come and what is remembered. Only those are run of which a rule has matched in this round.
import type { Click } from "../../db/click.ts";
import { wantedFields } from "../correlate/correlate-input.ts";
import type { CorrelationHit } from "../correlate/correlate.ts";
import { couldFire } from "../correlate/could-fire.ts";
import { type RunCorrelations, runCorrelations } from "../correlate/run-correlations.ts";
import type { Found } from "../findings/store-findings.ts";
import { findingOf } from "../fold-matches.ts";
import type { CorrelationRule, DetectionRule } from "../sigma/rule.ts";
import {
  keepMatches,
  keptSql,
  type Matched,
  newMatches,
  type Relation,
  relationFor,
} from "./live-matches.ts";
import type { LiveRules } from "./read-live-rules.ts";
import type { Round } from "./round.ts";

export type CorrelateLiveInput = {
  readonly rules: LiveRules;
  readonly round: Round;
  readonly matched: Matched;
};

export async function* correlateLive(
  click: Click,
  { rules, round, matched }: CorrelateLiveInput,
): AsyncGenerator<Found[]> {
  const shown = rules.correlations.filter(({ id }) => rules.shown.has(id));
  const touched = shown.filter((rule) =>
    detectionsOf(rules, rule).some(({ id }) => matched.has(id)),
  );
  const relations = new Map(
    touched.flatMap((rule) => relationsOf(rules, rule)).map((one) => [one.name, one]),
  );
  const kept = [...relations.values()];
  await keepMatches(
    click,
    kept.filter(({ rule }) => matched.has(rule.id)),
    { matched, round },
  );
  const earliest = await newMatches(click, kept, round);
  const reached = touched.flatMap((rule) => {
    const from = reachOf(rules, rule, earliest);
    return from === undefined ? [] : [inputOf(rules, rule, { from, round })];
  });
  const chains = reached.filter((one) => one.relations.size < one.rule.rules.length);
  const others = reached.filter((input) => !chains.includes(input));
  for (const { rule, relation } of [...(await couldFire(click, others)), ...chains]) {
    const input = { byId: rules.byId, correlations: [rule], relation, afterBatch: round.after };
    for await (const hits of runCorrelations(click, input))
      yield hits.map((hit) => foundOf(rule, hit));
  }
}

type Reached = {
  readonly rule: CorrelationRule;
  readonly relation: RunCorrelations["relation"];
  /** Of the detection rules that it refers to. */
  readonly relations: ReadonlyMap<string, string>;
};

function inputOf(
  rules: LiveRules,
  rule: CorrelationRule,
  { from, round }: { readonly from: string; readonly round: Round },
): Reached {
  const relation: Reached["relation"] = (of, fields) =>
    keptSql(relationFor(of, fields), { from, upTo: round.upTo });
  const relations = rule.rules.flatMap((id): [string, string][] => {
    const of = rules.byId.get(id);
    return of?.kind === "detection" ? [[id, relation(of, wantedFields(rule, id))]] : [];
  });
  return { rule, relation, relations: new Map(relations) };
}

function foundOf(rule: CorrelationRule, hit: CorrelationHit): Found {
  const { first, last, count, value, events, fresh } = hit;
  return { ...findingOf(rule, { first, last, count, value, events, entities: hit.group }), fresh };
}

/** How far back a window may reach that one of the new matches is in; undefined where there is none (all came too late). */
function reachOf(
  rules: LiveRules,
  rule: CorrelationRule,
  earliest: ReadonlyMap<string, string>,
): string | undefined {
  const times = relationsOf(rules, rule)
    .flatMap(({ name }) => earliest.get(name) ?? [])
    .toSorted();
  const [first] = times;
  if (first === undefined) return undefined;
  return new Date(Date.parse(first) - spanOf(rules, rule)).toISOString();
}

/** Of a chain: the windows of the inner ones lie within those of the outer one. */
export function spanOf(rules: Pick<LiveRules, "byId">, rule: CorrelationRule): number {
  const inner = rule.rules.map((id) => {
    const of = rules.byId.get(id);
    return of?.kind === "correlation" ? spanOf(rules, of) : 0;
  });
  return rule.timespanMs + Math.max(0, ...inner);
}

function relationsOf(rules: LiveRules, rule: CorrelationRule): Relation[] {
  return rule.rules.flatMap((id) => {
    const of = rules.byId.get(id);
    if (of === undefined) return [];
    return of.kind === "detection"
      ? [relationFor(of, wantedFields(rule, id))]
      : relationsOf(rules, of);
  });
}

function detectionsOf(rules: LiveRules, rule: CorrelationRule): DetectionRule[] {
  return rule.rules.flatMap((id) => {
    const of = rules.byId.get(id);
    if (of === undefined) return [];
    return of.kind === "detection" ? [of] : detectionsOf(rules, of);
  });
}
