// All correlations of a set of rules over the events of a scope: each gets what its rules matched, a chain what its inner correlations found.
import type { Click } from "../../db/click.ts";
import { relationOf, type RelationScope } from "../compile/relation-of.ts";
import type { CorrelationRule, DetectionRule, Rule } from "../sigma/rule.ts";
import { type CorrelationHit, correlate, firingRelation } from "./correlate.ts";
import { type CorrelateInput, wantedFields } from "./correlate-input.ts";
import { dropAbandoned } from "../../db/scratch.ts";
import { Tables } from "./tables.ts";

export type RunCorrelations = {
  /** All that can be run, by id. */
  readonly byId: ReadonlyMap<string, Rule>;
  /** Those whose hits are wanted. */
  readonly correlations: readonly CorrelationRule[];
  /** SQL of what a detection rule matched, with these of its fields. */
  readonly relation: (rule: DetectionRule, fields: readonly string[]) => string;
  /** Only hits that an event of a later batch is part of. */
  readonly afterBatch?: number;
};

export function relationsIn(scope: RelationScope): RunCorrelations["relation"] {
  return (rule, fields) => relationOf(rule, fields, scope);
}

/** Hits in batches, correlation by correlation. */
export async function* runCorrelations(
  click: Click,
  input: RunCorrelations,
): AsyncGenerator<CorrelationHit[]> {
  await dropAbandoned(click);
  for (const rule of input.correlations) {
    await using tables = new Tables(click);
    yield* correlate(click, await inputFor(input, rule, tables));
  }
}

async function inputFor(
  input: RunCorrelations,
  rule: CorrelationRule,
  tables: Tables,
): Promise<CorrelateInput> {
  const relations = new Map<string, string>();
  for (const id of rule.rules) {
    const inner = input.byId.get(id);
    if (inner === undefined) throw new RangeError(`the rule ${id} is not there`);
    const fields = wantedFields(rule, id);
    relations.set(
      id,
      inner.kind === "detection"
        ? input.relation(inner, fields)
        : await firingRelation(tables, await inputFor(input, inner, tables), { fields }),
    );
  }
  const { afterBatch } = input;
  return { rule, relations, ...(afterBatch === undefined ? {} : { afterBatch }) };
}
