// The `detection` section of a rule, and of a filter: selections and what the condition makes of them.
import { aggregationAdvice } from "./aggregation.ts";
import { type Named, namesIn, readCondition } from "./condition.ts";
import { type Around, join, readItem, readKeyword } from "./field-item.ts";
import type { Notes } from "../rule-file/notes.ts";
import type { Placeholders } from "./placeholders.ts";
import type { Condition, DetectionRule } from "./rule.ts";
import {
  entryOf,
  isText,
  itemsOf,
  type YamlEntry,
  type YamlMap,
  type YamlNode,
} from "../rule-file/yaml-node.ts";

/** Tests of one rule: as written, and as the condition repeats them. */
const MOST_TESTS = 50_000;
const MOST_REPEATED = 200_000;

export type DetectionOptions = {
  readonly notes: Notes;
  readonly placeholders: Placeholders;
  readonly taxonomy: DetectionRule["taxonomy"];
  /** Keys that are no selections. */
  readonly reserved: readonly string[];
};

/** Undefined where something is wrong with it; the notes say what. */
export function readDetection(
  section: YamlMap,
  { notes, placeholders, taxonomy, reserved }: DetectionOptions,
): Condition | undefined {
  const condition = entryOf(section, "condition");
  if (!condition)
    return notes.error(
      section.offset,
      "`condition` is missing: say which selections must hold, `condition: selection`",
    );
  const around: Around = { notes, placeholders, taxonomy, left: MOST_TESTS };
  const entries = section.entries.filter(
    ({ key }) => key !== "condition" && !reserved.includes(key),
  );
  if (entries.length === 0)
    return notes.error(
      section.offset,
      "a selection is missing: name what the condition can refer to, `selection:`",
    );
  const selections = new Map<string, Selection>();
  for (const entry of entries) {
    const before = around.left;
    const made = readSelection(entry, around);
    if (made) selections.set(entry.key, { condition: made, tests: before - around.left });
  }
  const names = entries.map(({ key }) => key);
  const named = readConditions(condition, { section, names, notes });
  if (!named || notes.hasErrors) return undefined;
  warnOfUnused(named, entries, notes);
  return (
    writeOut(named, selections) ??
    notes.error(
      condition.value.offset,
      "the condition repeats its selections too often: write several rules",
    )
  );
}

type Selection = { readonly condition: Condition; readonly tests: number };

/** A map: all of its items. A list: any of its maps and keywords. */
function readSelection(
  { key, keyOffset, value }: YamlEntry,
  around: Around,
): Condition | undefined {
  const items = itemsOf(value);
  if (items.length === 0)
    return around.notes.error(keyOffset, `${key} is empty: give it a field or a keyword`);
  const parts: Condition[] = [];
  for (const item of items) {
    const part = item.is === "map" ? readMap(item, around) : readKeyword(item, around);
    if (part) parts.push(part);
    else if (around.left < 0) return undefined;
  }
  return join(parts, "or");
}

function readMap(map: YamlMap, around: Around): Condition | undefined {
  if (map.entries.length === 0)
    return around.notes.error(map.offset, "this map is empty: give it a field");
  const parts: Condition[] = [];
  for (const entry of map.entries) {
    const part = readItem(entry, around);
    if (part) parts.push(part);
    else if (around.left < 0) return undefined;
  }
  return join(parts, "and");
}

type Conditions = {
  readonly section: YamlMap;
  readonly names: readonly string[];
  readonly notes: Notes;
};

/** A list of conditions: any of them. */
function readConditions({ value }: YamlEntry, conditions: Conditions): Named | undefined {
  const nodes = itemsOf(value);
  const all = nodes.flatMap((node) => readOne(node, conditions) ?? []);
  const [first] = all;
  return first && all.length === 1 ? first : { or: all };
}

function readOne(node: YamlNode, { section, names, notes }: Conditions): Named | undefined {
  if (!isText(node))
    return notes.error(node.offset, "a condition is text: `selection and not filter`");
  const bar = node.text.indexOf("|");
  if (bar >= 0)
    return notes.error(node.offsetOf(bar), aggregationAdvice(node.text.slice(bar + 1), section));
  const made = readCondition(node.text, { names, noun: "selection" });
  return "message" in made ? notes.error(node.offsetOf(made.at), made.message) : made;
}

function warnOfUnused(named: Named, entries: readonly YamlEntry[], notes: Notes): void {
  const used = namesIn(named);
  for (const { key, keyOffset } of entries)
    if (!used.has(key))
      notes.warn(keyOffset, `the condition does not use ${key}: name it there, or remove it`);
}

/** Puts the selections in place of their names. Undefined where that makes too many tests. */
function writeOut(named: Named, selections: ReadonlyMap<string, Selection>): Condition | undefined {
  const known = new Map<Named, Selection>();
  const write = (one: Named): Selection => {
    const before = known.get(one);
    if (before) return before;
    const made = writeOne(one, write, selections);
    known.set(one, made);
    return made;
  };
  const { condition, tests } = write(named);
  return tests <= MOST_REPEATED ? condition : undefined;
}

function writeOne(
  named: Named,
  write: (one: Named) => Selection,
  selections: ReadonlyMap<string, Selection>,
): Selection {
  if ("name" in named) return selections.get(named.name) ?? { condition: { or: [] }, tests: 0 };
  if ("not" in named) {
    const { condition, tests } = write(named.not);
    return { condition: { not: condition }, tests };
  }
  const parts = ("and" in named ? named.and : named.or).map(write);
  const conditions = parts.map(({ condition }) => condition);
  const tests = parts.reduce((sum, part) => sum + part.tests, 0);
  return { condition: join(conditions, "and" in named ? "and" : "or"), tests };
}
