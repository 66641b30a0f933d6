// One document of a rule's file: a detection rule, a correlation rule or a filter, by the section that it has.
import { readCorrelation } from "./correlation.ts";
import { readDetection } from "./detection.ts";
import type { BrokenDraft, Draft, FilterDraft, Reference } from "./draft.ts";
import { readMetadata } from "./metadata.ts";
import type { Notes } from "../rule-file/notes.ts";
import type { Placeholders } from "./placeholders.ts";
import type { DetectionRule, LogSource } from "./rule.ts";
import type { YamlDocument } from "../rule-file/read-yaml.ts";
import { entryOf, isText, itemsOf, type YamlMap, type YamlNode } from "../rule-file/yaml-node.ts";

const SECTIONS = ["detection", "correlation", "filter"] as const;

/** Undefined where it is no rule at all: a warning, no error. */
export function readDocument(
  { root, notes }: YamlDocument,
  placeholders: Placeholders,
): Draft | undefined {
  if (!root) return broken(undefined, notes);
  if (root.is !== "map") return notRule(root, notes);
  const found = SECTIONS.filter((section) => entryOf(root, section));
  const [section] = found;
  if (!section) return withoutSection(root, notes);
  if (found.length > 1)
    notes.error(
      root.offset,
      `${found.join(" and ")} in one document: put \`---\` between two documents`,
    );
  const node = entryOf(root, section)?.value;
  if (node?.is !== "map") {
    notes.error(node?.offset ?? root.offset, `\`${section}\` is a map: see docs/rules.md`);
    return broken(root, notes);
  }
  const draft = READERS[section]({ root, section: node, notes, placeholders });
  return draft && !notes.hasErrors ? draft : broken(root, notes);
}

type Parts = {
  readonly root: YamlMap;
  readonly section: YamlMap;
  readonly notes: Notes;
  readonly placeholders: Placeholders;
};

const READERS = {
  detection: readRule,
  correlation: ({ root, section, notes }: Parts) => {
    const metadata = readMetadata(root, notes);
    return readCorrelation(root, section, { metadata, notes });
  },
  filter: readFilter,
} as const satisfies Record<(typeof SECTIONS)[number], (parts: Parts) => Draft | undefined>;

function readRule({ root, section, notes, placeholders }: Parts): Draft | undefined {
  const metadata = readMetadata(root, notes);
  const taxonomy = taxonomyOf(root);
  const logsource = readLogSource(root, taxonomy, notes);
  const condition = readDetection(section, {
    notes,
    placeholders,
    taxonomy,
    reserved: ["timeframe"],
  });
  const timeframe = entryOf(section, "timeframe");
  if (timeframe)
    notes.warn(
      timeframe.keyOffset,
      "`timeframe` means nothing in Sigma 2: write a correlation rule with a `timespan`",
    );
  if (!logsource || !condition) return undefined;
  return {
    kind: "detection",
    metadata,
    notes,
    offset: root.offset,
    logsource,
    condition,
    taxonomy,
  };
}

function readFilter({ root, section, notes, placeholders }: Parts): FilterDraft | undefined {
  readMetadata(root, notes);
  const taxonomy = taxonomyOf(root);
  const logsource = readLogSource(root, taxonomy, notes);
  const rules = readFilterRules(section, notes);
  const condition = readDetection(section, { notes, placeholders, taxonomy, reserved: ["rules"] });
  if (!logsource || !rules || !condition) return undefined;
  return { kind: "filter", notes, logsource, condition, rules, taxonomy };
}

function readFilterRules(section: YamlMap, notes: Notes): FilterDraft["rules"] | undefined {
  const entry = entryOf(section, "rules");
  if (!entry)
    return notes.error(
      section.offset,
      "`rules` is missing: the ids or names of the rules that it filters, or any",
    );
  if (isText(entry.value) && /^(?:any|all)$/i.test(entry.value.text)) return "any";
  const rules = readReferences(entry.value, notes);
  return rules && rules.length === 0
    ? notes.error(entry.keyOffset, "no rule is named here: name some, or write `rules: any`")
    : rules;
}

/** Ids or names of rules. */
export function readReferences(node: YamlNode, notes: Notes): readonly Reference[] | undefined {
  const references = itemsOf(node).map((item) => {
    if (item.is === "scalar" && item.text !== "" && item.value !== null)
      return { ref: item.text, offset: item.offset };
    return notes.error(item.offset, "the id or the name of a rule is wanted here");
  });
  const known = references.filter((one) => one !== undefined);
  return known.length === references.length ? known : undefined;
}

/** Of the taxonomy `ocsf`, one that names nothing is any source. */
function readLogSource(
  root: YamlMap,
  taxonomy: DetectionRule["taxonomy"],
  notes: Notes,
): LogSource | undefined {
  const entry = entryOf(root, "logsource");
  if (!entry)
    return notes.error(
      root.offset,
      "`logsource` is missing: name a product, a category or a service",
    );
  if (entry.value.is !== "map")
    return notes.error(
      entry.value.offset,
      "`logsource` is a map with a product, a category or a service",
    );
  const map = entry.value;
  const [product, category, service] = ["product", "category", "service"].map((key) =>
    readName(map, key, notes),
  );
  const isAny = (product ?? category ?? service) === undefined;
  if (isAny && taxonomy === "sigma" && !notes.hasErrors)
    return notes.error(
      entry.keyOffset,
      "`logsource` names nothing: give it a product, a category or a service, or `taxonomy: ocsf` for a rule of any source",
    );
  return { product, category, service };
}

function readName(map: YamlMap, key: string, notes: Notes): string | undefined {
  const value = entryOf(map, key)?.value;
  if (!value || (value.is === "scalar" && value.value === null)) return undefined;
  if (value.is !== "scalar" || typeof value.value !== "string")
    return notes.error(value.offset, `\`${key}\` is text: put it in quotes`);
  const name = value.text.toLowerCase();
  if (name !== value.text)
    notes.warn(value.offset, `log sources are lower case: write ${name.slice(0, 60)}`);
  return name;
}

function taxonomyOf(root: YamlMap): DetectionRule["taxonomy"] {
  const value = entryOf(root, "taxonomy")?.value;
  return value?.is === "scalar" && value.text === "ocsf" ? "ocsf" : "sigma";
}

function withoutSection(root: YamlMap, notes: Notes): Draft | undefined {
  const action = entryOf(root, "action");
  if (action) {
    notes.error(action.keyOffset, "`action` documents are of Sigma 1: write each rule whole");
    return broken(root, notes);
  }
  if (!entryOf(root, "logsource") && !entryOf(root, "title")) return notRule(root, notes);
  notes.error(
    root.offset,
    "`detection`, `correlation` or `filter` is missing: say what the rule looks for",
  );
  return broken(root, notes);
}

function notRule(node: YamlNode, notes: Notes): undefined {
  notes.warn(node.offset, "no Sigma rule: it has neither a title nor a detection, and is left out");
}

function broken(root: YamlMap | undefined, notes: Notes): BrokenDraft {
  const text = (key: string): string | undefined => {
    const value = root && entryOf(root, key)?.value;
    return value?.is === "scalar" ? value.text : undefined;
  };
  return { kind: "broken", id: text("id"), name: text("name"), offset: root?.offset ?? 0, notes };
}
