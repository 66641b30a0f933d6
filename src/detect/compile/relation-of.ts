// The events that a rule matches as a relation, for correlations: one reading with the condition in it, no first pass.
import type { Format } from "../../logs/format.ts";
import { FORMATS } from "../../logs/formats.ts";
import type { DetectionRule } from "../sigma/rule.ts";
import { asked } from "./compile-rules.ts";
import { conditionSql } from "./condition-sql.ts";
import { type FieldReads, fieldReads } from "./field-reads.ts";
import { appliesSql } from "./log-source.ts";
import { type EventScope, scopeSql } from "./scope-sql.ts";

export type RelationScope = EventScope & {
  /** All that events may be in; those that Tocsin knows by default. */
  readonly formats?: readonly Format[];
};

/**
 * SQL of a subquery of (time DateTime64(6, 'UTC'), source String, place UInt64, batch UInt64, values Array(Nullable(String))): `values` are those
 * of `fields`, named as in the rule's taxonomy, in their order. Of a field with several values the first is taken.
 */
export function relationOf(
  rule: DetectionRule,
  fields: readonly string[],
  scope: RelationScope = {},
): string {
  const kinds = (scope.formats ?? FORMATS).flatMap((format) => {
    const applies = appliesSql(rule.logsource, format);
    return applies === undefined ? [] : [{ format, applies: `(${applies})` }];
  });
  const [first] = kinds;
  // Read from the same columns in every format: one reading for all, and, where it asks for places, one join and not one a format.
  const isSame = rule.taxonomy === "ocsf" && !asked(rule.taxonomy, [rule]).keywords;
  const readings =
    isSame && first !== undefined
      ? [{ format: first.format, applies: `(${kinds.map((kind) => kind.applies).join(" or ")})` }]
      : kinds;
  const parts = readings.map(({ format, applies }) =>
    relationSql({ rule, fields, format }, [applies, ...scopeSql(scope)]),
  );
  return `(${parts.length === 0 ? NOTHING : parts.join("\nunion all\n")})`;
}

const NOTHING = `select toDateTime64(0, 6, 'UTC') as time, '' as source, toUInt64(0) as place, toUInt64(0) as batch,
  cast([] as Array(Nullable(String))) as values where false`;

type Asking = {
  readonly rule: DetectionRule;
  readonly fields: readonly string[];
  readonly format: Format;
};

const CARRIED = ["time", "source", "place", "batch"];

function relationSql({ rule, fields, format }: Asking, where: readonly string[]): string {
  const own = asked(rule.taxonomy, [rule]);
  const reads = fieldReads(format, { ...own, fields: new Set([...own.fields, ...fields]) });
  const columns = [...new Set([...CARRIED, ...reads.columns])].join(", ");
  const source = `(select ${columns} from events where ${where.join(" and ")})`;
  const values = fields.map((field) => fieldValueSql(field, reads)).join(", ");
  return `select time, toString(source) as source, place, batch, cast([${values}] as Array(Nullable(String))) as values
    from ${reads.from(source, CARRIED)} where ${conditionSql(rule.condition, reads)}`;
}

function fieldValueSql(field: string, reads: FieldReads): string {
  const slot = reads.slot(field);
  if (slot === undefined) return "null";
  const single = `cast(${slot.value} as Nullable(String))`;
  if (!slot.json || reads.odd === undefined) return single;
  return `if(${reads.odd}, if(empty(${slot.values}), null, ${slot.values}[1]), ${single})`;
}

/** SQL that shows a person what is run for one rule over the events of one format. */
export function explainRule(
  rule: DetectionRule,
  formats: readonly Format[] = FORMATS,
): readonly { readonly format: string; readonly sql: string }[] {
  return formats.flatMap((format) => {
    const applies = appliesSql(rule.logsource, format);
    if (applies === undefined) return [];
    return [
      { format: format.name, sql: relationSql({ rule, fields: rule.fields, format }, [applies]) },
    ];
  });
}
