// Sigma rules as ClickHouse runs them: what src/detect/sigma has read, bound to the formats that events come in. It knows no YAML, no
// correlation and no finding.
import type { Click } from "../../db/click.ts";
import type { Format } from "../../logs/format.ts";
import { FORMATS } from "../../logs/formats.ts";
import type { DetectionRule, RuleProblem } from "../sigma/rule.ts";
import { checkRules, leavesOf } from "./check-rules.ts";
import type { Taxonomy } from "./field-places.ts";
import { type Asked, type FieldReads, fieldReads } from "./field-reads.ts";
import { appliesTo, type EventKind } from "./log-source.ts";
import type { ChosenSigns } from "./choose-signs.ts";

export type CompiledRules = {
  /** Those that can be run. */
  readonly rules: readonly DetectionRule[];
  /** Those that cannot, with the reason. */
  readonly problems: readonly RuleProblem[];
  /** Events of one kind with the rules that are for them. The same object each time: what is learnt of the events is kept in it. */
  groupsOf(format: string, kind: EventKind): readonly RuleGroup[];
};

/** Rules that look at the same events in the same words. */
export type RuleGroup = {
  readonly format: Format;
  readonly taxonomy: Taxonomy;
  readonly rules: readonly DetectionRule[];
  /** Of every field that the rules name. */
  readonly reads: FieldReads;
  /** By which signs its rules are nominated. Chosen when events are first looked at. */
  signs: ChosenSigns | undefined;
};

/** Checks each rule alone; a rule that cannot run is a problem and none of the others. `formats`: all that events may be in. */
export async function compileRules(
  click: Click,
  rules: readonly DetectionRule[],
  formats: readonly Format[] = FORMATS,
): Promise<CompiledRules> {
  const checked = await checkRules(click, rules);
  const known = new Map(formats.map((format) => [format.name, format]));
  const groups = new Map<string, readonly RuleGroup[]>();
  return {
    ...checked,
    groupsOf: (name, kind) => {
      const key = JSON.stringify([name, kind.product, kind.category, kind.service]);
      const format = known.get(name);
      const found =
        groups.get(key) ??
        (format === undefined
          ? []
          : makeGroups(
              format,
              checked.rules.filter((rule) => appliesTo(rule.logsource, kind, format)),
            ));
      groups.set(key, found);
      return found;
    },
  };
}

function makeGroups(format: Format, rules: readonly DetectionRule[]): readonly RuleGroup[] {
  return (["sigma", "ocsf"] as const).flatMap((taxonomy) => {
    const own = rules.filter((rule) => rule.taxonomy === taxonomy);
    if (own.length === 0) return [];
    return [
      {
        format,
        taxonomy,
        rules: own,
        reads: fieldReads(format, asked(taxonomy, own)),
        signs: undefined,
      },
    ];
  });
}

/** What some rules ask for. */
export function asked(taxonomy: Taxonomy, rules: readonly DetectionRule[]): Asked {
  const leaves = rules.flatMap(({ condition }) => leavesOf(condition) ?? []);
  const fields = leaves.flatMap(({ field, test }) => [
    ...(field === undefined ? [] : [field]),
    ...(test.kind === "field" ? [test.other] : []),
  ]);
  return {
    taxonomy,
    fields: new Set(fields),
    keywords: leaves.some(({ field }) => field === undefined),
  };
}
