// Rules that were read, made ready to run: what is run for itself, what is run for correlations, and in which order.
import type { Click } from "../db/click.ts";
import { loadPlaces } from "../logs/places/load-places.ts";
import { PLACE_ATTRIBUTES } from "../logs/places/places.sql.ts";
import { asked, type CompiledRules, compileRules } from "./compile/compile-rules.ts";
import { wantedFields } from "./correlate/correlate-input.ts";
import { standAlone } from "./sigma/read-rules.ts";
import type { CorrelationRule, Rule, RuleProblem, RuleSet } from "./sigma/rule.ts";

export type PreparedRules = {
  /** Detection rules whose matches are findings by themselves. */
  readonly compiled: CompiledRules;
  /** All that can be run, by id. */
  readonly byId: ReadonlyMap<string, Rule>;
  /** Each after those that it refers to. */
  readonly correlations: readonly CorrelationRule[];
  /** Correlations whose hits are findings by themselves. */
  readonly shown: ReadonlySet<string>;
  /** Those of the files, and those that showed when the rules were compiled. */
  readonly problems: readonly RuleProblem[];
};

export async function prepareRules(click: Click, set: RuleSet): Promise<PreparedRules> {
  const unplaced = await placeProblems(click, set.rules);
  const alone = new Set(standAlone(set).map(({ id }) => id));
  const all = await compileRules(
    click,
    set.rules.filter((rule) => rule.kind === "detection"),
  );
  const ownFindings = all.rules.filter(({ id }) => alone.has(id));
  const { correlations, problems } = runnable(
    set.rules,
    all.rules.map(({ id }) => id),
  );
  return {
    compiled:
      ownFindings.length === all.rules.length ? all : await compileRules(click, ownFindings),
    byId: new Map([...all.rules, ...correlations].map((rule) => [rule.id, rule])),
    correlations,
    shown: new Set(correlations.map(({ id }) => id).filter((id) => alone.has(id))),
    problems: [...set.problems, ...all.problems, ...problems, ...unplaced],
  };
}

/** Makes the tables of places where a rule asks for them, and warns of such rules where there is no data. */
async function placeProblems(click: Click, rules: readonly Rule[]): Promise<RuleProblem[]> {
  const asking = rules.filter((rule) =>
    fieldsOf(rule).some((field) => PLACE_ATTRIBUTES.has(field)),
  );
  if (asking.length === 0 || (await loadPlaces(click))) return [];
  return asking.map(({ at }) => ({
    ...at,
    severity: "warning",
    message:
      "countries and networks of addresses are not installed, so none is known: install Tocsin's packages whole",
  }));
}

function fieldsOf(rule: Rule): readonly string[] {
  return rule.kind === "detection"
    ? [...asked(rule.taxonomy, [rule]).fields, ...rule.fields]
    : rule.rules.flatMap((id) => wantedFields(rule, id));
}

/** Correlations of which every rule can be run, each after those that it refers to. Cycles were refused when they were read. */
function runnable(
  rules: readonly Rule[],
  detections: readonly string[],
): { correlations: CorrelationRule[]; problems: RuleProblem[] } {
  const usable = new Set(detections);
  let left = rules.filter((rule) => rule.kind === "correlation");
  const correlations: CorrelationRule[] = [];
  for (;;) {
    const ready = left.filter((rule) => rule.rules.every((id) => usable.has(id)));
    if (ready.length === 0) break;
    correlations.push(...ready);
    for (const { id } of ready) usable.add(id);
    left = left.filter((rule) => !ready.includes(rule));
  }
  const problems = left.map((rule): RuleProblem => ({
    ...rule.at,
    severity: "error",
    message: "a rule that it refers to cannot be run",
  }));
  return { correlations, problems };
}
