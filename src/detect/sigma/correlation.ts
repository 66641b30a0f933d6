// The `correlation` section of a rule.
import { type Named, namesIn, readCondition } from "./condition.ts";
import type { Alias, CorrelationDraft, Reference } from "./draft.ts";
import type { RuleMetadata } from "./metadata.ts";
import type { Notes } from "../rule-file/notes.ts";
import { COMPARISONS, CORRELATION_TYPES, type Comparison, type CorrelationType } from "./rule.ts";
import {
  entryOf,
  isText,
  itemsOf,
  type YamlEntry,
  type YamlMap,
  type YamlNode,
} from "../rule-file/yaml-node.ts";

const UNITS_MS: ReadonlyMap<string, number> = new Map([
  ["s", 1_000],
  ["m", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
  ["w", 604_800_000],
]);
const LONGEST_MS = 3_660 * 86_400_000;
const MOST_RULES = 200;
const MOST_FIELDS = 50;
const KEYS = ["type", "rules", "group-by", "timespan", "condition", "aliases", "generate"];

const isTemporal = (type: CorrelationType): boolean =>
  type === "temporal" || type === "temporal_ordered";

/** Undefined where something is wrong with it; the notes say what. */
export function readCorrelation(
  root: YamlMap,
  section: YamlMap,
  { metadata, notes }: { readonly metadata: RuleMetadata; readonly notes: Notes },
): CorrelationDraft | undefined {
  warnOfUnknown(section, notes);
  const type = readType(section, notes);
  const timespanMs = readTimespan(section, notes);
  const aliases = readAliases(section, notes);
  const groupBy = readGroupBy(section, notes);
  const generate = readGenerate(root, section, notes);
  if (!type) return undefined;
  const condition = new ConditionReader(section, type, notes).read();
  const rules = condition && readRules({ section, notes, type }, condition.expression?.named);
  if (timespanMs === undefined || !aliases || !groupBy || !condition || !rules || notes.hasErrors)
    return undefined;
  checkAliases({ aliases, groupBy, notes, valueFields: condition.valueFields });
  const { expression, valueFields, percentile } = condition;
  const conditions =
    condition.conditions ?? (expression ? [] : [{ op: "gte" as const, to: rules.length }]);
  const counted = { type, timespanMs, conditions, valueFields, percentile, generate };
  return {
    kind: "correlation",
    metadata,
    notes,
    offset: section.offset,
    rules,
    groupBy,
    aliases,
    expression,
    counted,
  };
}

function warnOfUnknown(section: YamlMap, notes: Notes): void {
  for (const { key, keyOffset } of section.entries) {
    if (KEYS.includes(key)) continue;
    const advice =
      key === "timeframe"
        ? "write `timespan`"
        : key === "group_by"
          ? "write `group-by`"
          : `there are ${KEYS.join(", ")}`;
    notes.warn(keyOffset, `\`${key.slice(0, 60)}\` means nothing in a correlation: ${advice}`);
  }
}

function readType(section: YamlMap, notes: Notes): CorrelationType | undefined {
  const node = entryOf(section, "type")?.value;
  const text = node?.is === "scalar" ? node.text : undefined;
  const type = CORRELATION_TYPES.find((one) => one === text);
  return (
    type ??
    notes.error(
      node?.offset ?? section.offset,
      `\`type\` is one of ${CORRELATION_TYPES.join(", ")}`,
    )
  );
}

function readTimespan(section: YamlMap, notes: Notes): number | undefined {
  const node = entryOf(section, "timespan")?.value;
  const offset = node?.offset ?? section.offset;
  const ms = timespanOf(node?.is === "scalar" ? node.text : "");
  return typeof ms === "number" ? ms : notes.error(offset, `\`timespan\`: ${ms}`);
}

function timespanOf(text: string): number | string {
  const [, count = "", unit = ""] = /^(\d{1,12})([a-zA-Z])$/.exec(text) ?? [];
  const unitMs = UNITS_MS.get(unit);
  if (unit === "M" || unit === "y") return "months and years differ in length: count days";
  if (unitMs === undefined) return "a number and s, m, h, d or w, such as 90m";
  const ms = Number(count) * unitMs;
  return ms > 0 && ms <= LONGEST_MS ? ms : "at least 1s and at most 3660d";
}

function readGenerate(root: YamlMap, section: YamlMap, notes: Notes): boolean {
  const node = (entryOf(section, "generate") ?? entryOf(root, "generate"))?.value;
  if (!node) return false;
  if (node.is === "scalar" && typeof node.value === "boolean") return node.value;
  notes.error(node.offset, "`generate` is true or false");
  return false;
}

function readGroupBy(section: YamlMap, notes: Notes): readonly Reference[] | undefined {
  const entry = entryOf(section, "group-by");
  if (!entry) {
    notes.warn(
      section.offset,
      "`group-by` is missing: all events are one group; write the fields that must be equal, or `group-by: []`",
    );
    return [];
  }
  const fields = readFields(entry.value, notes);
  const twice = fields?.find(
    ({ ref }, place) => fields.findIndex((one) => one.ref === ref) < place,
  );
  return twice ? notes.error(twice.offset, `${twice.ref} stands here twice: keep one`) : fields;
}

function readFields(node: YamlNode, notes: Notes): readonly Reference[] | undefined {
  const items = itemsOf(node);
  if (items.length > MOST_FIELDS) return notes.error(node.offset, `at most ${MOST_FIELDS} fields`);
  const fields = items.flatMap((item) => {
    if (item.is === "scalar" && item.value !== null && item.text !== "")
      return [{ ref: item.text, offset: item.offset }];
    return notes.error(item.offset, "the name of a field is wanted here") ?? [];
  });
  return fields.length === items.length ? fields : undefined;
}

type Section = { readonly section: YamlMap; readonly notes: Notes; readonly type: CorrelationType };

function readRules(
  { section, notes, type }: Section,
  expression: Named | undefined,
): readonly Reference[] | undefined {
  const entry = entryOf(section, "rules");
  if (!entry) {
    const condition = entryOf(section, "condition")?.value.offset ?? section.offset;
    if (expression) return [...namesIn(expression)].map((ref) => ({ ref, offset: condition }));
    return notes.error(
      section.offset,
      "`rules` is missing: the ids or names of the rules that are correlated",
    );
  }
  const references = readRuleReferences(entry, notes);
  if (!references) return undefined;
  if (references.length === 1 && isTemporal(type))
    notes.warn(
      entry.keyOffset,
      `\`${type}\` of a single rule finds each of its events: name several`,
    );
  return references;
}

function readRuleReferences(
  { value, keyOffset }: YamlEntry,
  notes: Notes,
): readonly Reference[] | undefined {
  const items = itemsOf(value);
  if (items.length === 0) return notes.error(keyOffset, "no rule is named here: name at least one");
  if (items.length > MOST_RULES)
    return notes.error(
      keyOffset,
      `at most ${MOST_RULES} rules: correlate some of them in a rule of their own`,
    );
  const references: Reference[] = [];
  for (const item of items) {
    if (item.is !== "scalar" || item.value === null || item.text === "")
      return notes.error(item.offset, "the id or the name of a rule is wanted here");
    if (references.some(({ ref }) => ref === item.text))
      return notes.error(item.offset, `${item.text.slice(0, 60)} stands here twice: keep one`);
    references.push({ ref: item.text, offset: item.offset });
  }
  return references;
}

function readAliases(section: YamlMap, notes: Notes): readonly Alias[] | undefined {
  const node = entryOf(section, "aliases")?.value;
  if (!node) return [];
  if (node.is !== "map")
    return notes.error(node.offset, "`aliases` is a map: alias, then rule: field");
  return node.entries.flatMap(({ key, keyOffset, value }) => {
    if (value.is !== "map")
      return (
        notes.error(
          value.offset,
          "an alias is a map: the id or name of a rule, then the field of its events",
        ) ?? []
      );
    const fields = value.entries.flatMap((entry) => {
      if (isText(entry.value) && entry.value.text !== "")
        return [{ ref: entry.key, offset: entry.keyOffset, field: entry.value.text }];
      return notes.error(entry.value.offset, "the name of a field is wanted here") ?? [];
    });
    return [{ name: key, offset: keyOffset, fields }];
  });
}

type AliasesIn = {
  readonly aliases: readonly Alias[];
  readonly groupBy: readonly Reference[];
  readonly valueFields: readonly string[];
  readonly notes: Notes;
};

function checkAliases({ aliases, groupBy, valueFields, notes }: AliasesIn): void {
  for (const { name, offset } of aliases) {
    if (valueFields.includes(name))
      notes.error(
        offset,
        `${name} is an alias, and \`field\` takes the name of a field: aliases are for \`group-by\``,
      );
    else if (!groupBy.some(({ ref }) => ref === name))
      notes.warn(
        offset,
        `\`group-by\` does not use the alias ${name}: name it there, or remove it`,
      );
  }
}

type ReadCondition = {
  /** Undefined where there are none of numbers. */
  readonly conditions: readonly { readonly op: Comparison; readonly to: number }[] | undefined;
  readonly expression: CorrelationDraft["expression"];
  readonly valueFields: readonly string[];
  readonly percentile: number | undefined;
};

class ConditionReader {
  readonly #section: YamlMap;
  readonly #type: CorrelationType;
  readonly #notes: Notes;

  constructor(section: YamlMap, type: CorrelationType, notes: Notes) {
    this.#section = section;
    this.#type = type;
    this.#notes = notes;
  }

  read(): ReadCondition | undefined {
    const node = entryOf(this.#section, "condition")?.value;
    if (!node) {
      if (isTemporal(this.#type))
        return {
          conditions: undefined,
          expression: undefined,
          valueFields: [],
          percentile: undefined,
        };
      return this.#notes.error(
        this.#section.offset,
        "`condition` is missing: how many there must be, `condition: { gte: 10 }`",
      );
    }
    if (node.is === "map") return this.#numbers(node);
    if (isText(node)) return this.#expression(node);
    return this.#notes.error(node.offset, "`condition` is a map such as { gte: 10 }");
  }

  #expression(
    node: YamlNode & { readonly text: string; offsetOf(index: number): number },
  ): ReadCondition | undefined {
    if (!isTemporal(this.#type))
      return this.#notes.error(
        node.offset,
        "conditions over rules are for temporal and temporal_ordered: write a map such as { gte: 10 }",
      );
    const rules = entryOf(this.#section, "rules");
    const names = rules
      ? itemsOf(rules.value).flatMap((item) => (item.is === "scalar" ? [item.text] : []))
      : namesOf(node.text);
    const made = readCondition(node.text, { names, noun: "rule" });
    if ("message" in made) return this.#notes.error(node.offsetOf(made.at), made.message);
    const used = namesIn(made);
    for (const item of rules ? itemsOf(rules.value) : [])
      if (item.is === "scalar" && !used.has(item.text))
        this.#notes.warn(
          item.offset,
          `the condition does not use ${item.text.slice(0, 60)}: name it there, or remove it here`,
        );
    return {
      conditions: undefined,
      expression: { named: made, offset: node.offset },
      valueFields: [],
      percentile: undefined,
    };
  }

  #numbers(map: YamlMap): ReadCondition | undefined {
    const conditions: { op: Comparison; to: number }[] = [];
    for (const entry of map.entries) {
      const op = COMPARISONS.find((one) => one === entry.key);
      if (op) conditions.push({ op, to: this.#number(entry) ?? 0 });
      else if (entry.key !== "field" && entry.key !== "percentile")
        this.#notes.error(
          entry.keyOffset,
          `\`${entry.key.slice(0, 60)}\` means nothing here: there are ${COMPARISONS.join(", ")}, field and percentile`,
        );
    }
    if (conditions.length === 0)
      return this.#notes.error(
        map.offset,
        `a comparison is missing: one of ${COMPARISONS.join(", ")} with a number`,
      );
    if (!this.#notes.hasErrors && isNever(conditions))
      this.#notes.error(map.offset, "no number is both: this condition never holds");
    const valueFields = this.#valueFields(map);
    const percentile = this.#percentile(map);
    return valueFields && { conditions, valueFields, percentile, expression: undefined };
  }

  #number({ key, value }: YamlEntry): number | undefined {
    if (value.is === "scalar" && typeof value.value === "number") return value.value;
    return this.#notes.error(value.offset, `\`${key}\` takes a number, without quotes`);
  }

  #valueFields(map: YamlMap): readonly string[] | undefined {
    const entry = entryOf(map, "field");
    if (!this.#type.startsWith("value_")) {
      if (entry)
        this.#notes.error(
          entry.keyOffset,
          `\`field\` means nothing for ${this.#type}: remove it, or write value_count to count its values`,
        );
      return [];
    }
    if (!entry)
      return this.#notes.error(
        map.offset,
        `\`field\` is missing: ${this.#type} is of the values of a field`,
      );
    const fields = readFields(entry.value, this.#notes);
    if (fields?.length === 0)
      return this.#notes.error(entry.keyOffset, "`field` names nothing: name a field");
    const isTooMany = this.#type !== "value_count" && fields !== undefined && fields.length > 1;
    if (isTooMany)
      return this.#notes.error(
        entry.keyOffset,
        `${this.#type} is of one field: write a rule for each`,
      );
    return fields?.map(({ ref }) => ref);
  }

  #percentile(map: YamlMap): number | undefined {
    const entry = entryOf(map, "percentile");
    if (this.#type !== "value_percentile") {
      if (entry)
        this.#notes.error(
          entry.keyOffset,
          `\`percentile\` means nothing for ${this.#type}: remove it, or write value_percentile`,
        );
      return this.#type === "value_median" ? 50 : undefined;
    }
    if (!entry) {
      this.#notes.warn(
        map.offset,
        "`percentile` is missing: 50, the median, is taken; write `percentile: 50`",
      );
      return 50;
    }
    const percentile = this.#number(entry);
    if (percentile !== undefined && !(percentile >= 0 && percentile <= 100))
      return this.#notes.error(entry.value.offset, "`percentile` is from 0 to 100");
    return percentile;
  }
}

/** All words of a condition that are no operators. */
function namesOf(text: string): string[] {
  const words = text.match(/[^\s()|,]+/g) ?? [];
  return [...new Set(words.filter((word) => !/^(?:and|or|not)$/i.test(word)))].slice(0, MOST_RULES);
}

function isNever(conditions: readonly { readonly op: Comparison; readonly to: number }[]): boolean {
  const holds = (value: number): boolean =>
    conditions.every(({ op, to }) => COMPARE[op](value, to));
  const edges = conditions.map(({ to }) => to).toSorted((a, b) => a - b);
  // Between and around the numbers named, nothing changes.
  const points = edges.flatMap((edge, place) => [
    edge - 1,
    edge,
    edge + 1,
    (edge + (edges[place + 1] ?? edge)) / 2,
  ]);
  return !points.some(holds);
}

const COMPARE = {
  lt: (a, b) => a < b,
  lte: (a, b) => a <= b,
  gt: (a, b) => a > b,
  gte: (a, b) => a >= b,
  eq: (a, b) => a === b,
  neq: (a, b) => a !== b,
} as const satisfies Record<Comparison, (a: number, b: number) => boolean>;
