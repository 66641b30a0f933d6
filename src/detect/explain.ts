// What a rule becomes, for a person who asks why it finds something or does not. It looks at no event.
import type { Click } from "../db/click.ts";
import type { Format } from "../logs/format.ts";
import { chooseSigns, readsFor } from "./compile/choose-signs.ts";
import { asked, compileRules } from "./compile/compile-rules.ts";
import { placesOf, type ReadPlace } from "./compile/field-places.ts";
import { signHits } from "./compile/nominate.sql.ts";
import { explainRule } from "./compile/relation-of.ts";
import { relationsIn, runCorrelations } from "./correlate/run-correlations.ts";
import { prepareRules } from "./prepare-rules.ts";
import type { CorrelationRule, DetectionRule, Rule, RuleSet } from "./sigma/rule.ts";

type Head = { readonly id: string; readonly title: string; readonly at: string };

export type ExplainedFormat = {
  readonly format: string;
  readonly fields: readonly { readonly field: string; readonly places: readonly string[] }[];
  /** Which events are candidates; undefined where no sign is rare enough and the condition runs on every event. */
  readonly candidates: string | undefined;
  /** The events that match. */
  readonly exact: string;
};

export type Explained =
  | (Head & { readonly kind: "detection"; readonly formats: readonly ExplainedFormat[] })
  | (Head & {
      readonly kind: "correlation";
      readonly type: CorrelationRule["type"];
      /** Titles, in their order. */
      readonly rules: readonly string[];
      /** In the order in which they run over up to 20,000 events; over more, groups that cannot fire are left out first. */
      readonly statements: readonly string[];
    });

export type Explain = {
  readonly set: RuleSet;
  readonly chosen: readonly Rule[];
  readonly formats: readonly Format[];
};

/** `click` has the table `events`, which is empty. A correlation is followed by the rules that it refers to, each once. */
export async function explain(click: Click, input: Explain): Promise<Explained[]> {
  const { byId } = await prepareRules(click, input.set);
  const wanted = new Set<Rule>();
  const add = (rule: Rule | undefined): void => {
    if (rule === undefined || wanted.has(rule)) return;
    wanted.add(rule);
    if (rule.kind === "correlation") for (const id of rule.rules) add(byId.get(id));
  };
  for (const { id } of input.chosen) add(byId.get(id));
  const explained: Explained[] = [];
  for (const rule of wanted) {
    const { file, line } = rule.at;
    const head = { id: rule.id, title: rule.title, at: `${file}:${line}` };
    if (rule.kind === "correlation") {
      const { type } = rule;
      const rules = rule.rules.map((id) => byId.get(id)?.title ?? id);
      const statements = await statementsOf(click, { rule, byId, formats: input.formats });
      explained.push({ ...head, kind: "correlation", type, rules, statements });
    } else {
      const formats = await formatsOf(click, rule, input.formats);
      explained.push({ ...head, kind: "detection", formats });
    }
  }
  return explained;
}

async function formatsOf(
  click: Click,
  rule: DetectionRule,
  formats: readonly Format[],
): Promise<ExplainedFormat[]> {
  const explained: ExplainedFormat[] = [];
  const { fields } = asked(rule.taxonomy, [rule]);
  for (const format of formats)
    for (const { sql } of explainRule(rule, [format]))
      explained.push({
        format: format.name,
        fields: [...fields].map((field) => ({
          field,
          places: placesOf(format, rule.taxonomy, field).map(placeText),
        })),
        candidates: await candidatesOf(click, rule, format),
        exact: sql,
      });
  return explained;
}

function placeText(place: ReadPlace): string {
  if (place.in === "column") return `column ${place.column}`;
  if (place.in === "place") return `${place.column} of src_endpoint_ip's place`;
  return place.in === "fields" ? `fields['${place.key}']` : `raw ${place.path.join(".")}`;
}

async function candidatesOf(
  click: Click,
  rule: DetectionRule,
  format: Format,
): Promise<string | undefined> {
  const { product = "", category = "", service = "" } = rule.logsource;
  const compiled = await compileRules(click, [rule], [format]);
  const [group] = compiled.groupsOf(format.name, { product, category, service });
  if (group === undefined) return undefined;
  const { signs, every } = await chooseSigns(click, group, undefined);
  if (every.length > 0) return undefined;
  const reads = readsFor(group, { signs, rules: [] }, false);
  const hits = signHits(signs, reads);
  const carried = ["source", "place"];
  const columns = [...new Set([...carried, ...reads.columns])].join(", ");
  const from = reads.from(`(select ${columns} from events)`, carried);
  return `select source, place from (select ${[...carried, ...hits.columns].join(", ")} from ${from}) where ${hits.any}`;
}

/** Those that are run, as they are run, but for the names of tables that stand for a moment. */
async function statementsOf(
  click: Click,
  of: {
    readonly rule: CorrelationRule;
    readonly byId: ReadonlyMap<string, Rule>;
    readonly formats: readonly Format[];
  },
): Promise<string[]> {
  const statements: string[] = [];
  const keep = (sql: string): void => {
    if (/^\s*(?:insert|select)\b/.test(sql) && /\bscratch_[0-9]/.test(sql))
      statements.push(sql.replaceAll(/scratch_[0-9]+_([a-z]+)_[0-9a-f]+/g, "$1").trim());
  };
  const told: Click = {
    query: async (row, sql, params) => {
      keep(sql);
      return await click.query(row, sql, params);
    },
    command: async (sql, params) => {
      keep(sql);
      await click.command(sql, params);
    },
    stream: (row, sql, params) => click.stream(row, sql, params),
    load: async (load) => await click.load(load),
    unload: async (unload) => await click.unload(unload),
    close: async () => await click.close(),
  };
  const hits = runCorrelations(told, {
    byId: of.byId,
    correlations: [of.rule],
    relation: relationsIn({ formats: of.formats }),
  });
  await Array.fromAsync(hits);
  return statements.filter((sql) => !sql.startsWith("select count()"));
}
