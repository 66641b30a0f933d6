// Every rule over one source as a whole: a log that is evidence, or one that was just read.
import type { Click } from "../db/click.ts";
import { findMatches } from "./compile/find-matches.ts";
import { relationsIn, runCorrelations } from "./correlate/run-correlations.ts";
import type { Finding } from "./finding.ts";
import { boundedFindings } from "./findings/bounded-findings.ts";
import { findingOf, foldMatches } from "./fold-matches.ts";
import { formatsIn } from "./formats-in.ts";
import type { PreparedRules } from "./prepare-rules.ts";

/** In no order; of one rule at most a thousand and one. */
export async function findInSource(
  click: Click,
  rules: PreparedRules,
  source: string,
): Promise<Finding[]> {
  const scope = { sources: [source] };
  const found = boundedFindings();
  const folding = foldMatches(rules.byId);
  for await (const matches of findMatches(click, rules.compiled, scope))
    found.add(folding.add(matches));
  found.add(folding.end());
  const correlations = rules.correlations.filter(({ id }) => rules.shown.has(id));
  const formats = await formatsIn(click, scope);
  const relation = relationsIn({ ...scope, formats });
  const input = { byId: rules.byId, correlations, relation };
  for await (const hits of runCorrelations(click, input))
    found.add(
      hits.flatMap(({ rule, group, first, last, count, value, events }) => {
        const of = rules.byId.get(rule);
        return of === undefined
          ? []
          : [findingOf(of, { first, last, count, value, events, entities: group })];
      }),
    );
  return found.all();
}
