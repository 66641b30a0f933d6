import type { CorrelationRule } from "../sigma/rule.ts";

export type CorrelateInput = {
  readonly rule: CorrelationRule;
  /**
   * By the id of a rule that it refers to, SQL of a subquery of (time DateTime64(6, 'UTC'), source, place, batch, values Array(Nullable(String))),
   * `values` being `wantedFields(rule, id)`. It is read once.
   */
  readonly relations: ReadonlyMap<string, string>;
  /**
   * Only hits that an event of a later batch is part of: with the ends of the windows that such an event is in, and as much of what was before
   * as the relations tell. They need to tell what is up to `timespan` older than the oldest of the new events.
   */
  readonly afterBatch?: number;
};

/** What of an event a correlation looks at: the fields that it groups by, then those whose values it counts, sums or averages. */
export function wantedFields(rule: CorrelationRule, of: string): readonly string[] {
  const group = rule.groupBy.map((name) => rule.aliases.get(name)?.get(of) ?? name);
  return [...group, ...rule.valueFields];
}
