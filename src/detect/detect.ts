// Findings of a set of rules over the events of a scope: the whole of detection, but for where events come from and where findings go.
import type { Click } from "../db/click.ts";
import { findMatches } from "./compile/find-matches.ts";
import type { EventScope } from "./compile/scope-sql.ts";
import type { CorrelationHit } from "./correlate/correlate.ts";
import { relationsIn, runCorrelations } from "./correlate/run-correlations.ts";
import type { Finding } from "./finding.ts";
import { findingOf, foldMatches } from "./fold-matches.ts";
import { formatsIn } from "./formats-in.ts";
import type { PreparedRules } from "./prepare-rules.ts";
import type { Rule } from "./sigma/rule.ts";

/** In batches, in no order. Detection rules first, then correlations. */
export async function* detect(
  click: Click,
  rules: PreparedRules,
  scope: EventScope = {},
): AsyncGenerator<Finding[]> {
  const folding = foldMatches(rules.byId);
  for await (const matches of findMatches(click, rules.compiled, scope)) {
    const early = folding.add(matches);
    if (early.length > 0) yield early;
  }
  const rest = folding.end();
  if (rest.length > 0) yield rest;
  const hits = runCorrelations(click, {
    byId: rules.byId,
    correlations: rules.correlations.filter(({ id }) => rules.shown.has(id)),
    relation: relationsIn({ ...scope, formats: await formatsIn(click, scope) }),
  });
  for await (const some of hits) yield some.map((hit) => findingOfHit(rules.byId, hit));
}

export function findingOfHit(rules: ReadonlyMap<string, Rule>, hit: CorrelationHit): Finding {
  const rule = rules.get(hit.rule);
  if (rule === undefined) throw new RangeError(`the rule ${hit.rule} is not there`);
  const { first, last, count, events, group, value } = hit;
  return findingOf(rule, { first, last, count, events, entities: group, value });
}
