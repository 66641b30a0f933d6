// A judge of Sigma correlations, after the specification of correlation rules: every window of every event looked at anew,
// so quadratic. It shares nothing with src/detect.
import { numberOf } from "./answers.ts";
import { readCondition } from "./condition.ts";
import { type Document, judgeDetection, type JudgeOptions, readDocuments } from "./evaluate.ts";
import { find, isObject, type Json, textOf } from "./event.ts";

/** `at`: microseconds, of any origin. `place`: which event it is. */
export type TimedEvent = { readonly at: number; readonly place: number; readonly event: Json };

/** A rule that matched at one moment: a detection one event, a correlation the events of a window that fired. */
type Occurrence = {
  readonly rule: string;
  readonly at: number;
  readonly places: readonly number[];
  /** The value of a field of it, as text; undefined where it has none. */
  readonly value: (field: string) => string | undefined;
};

/** A window that ends at an event and satisfies the condition. */
export type Firing = {
  readonly group: readonly string[];
  /** The window's last moment: that of the event which it ends at. */
  readonly at: number;
  readonly within: readonly Occurrence[];
  /** What the condition compared. */
  readonly measure: number;
};

export type Hit = {
  readonly group: readonly string[];
  /** Of the first and the last event in it. */
  readonly first: number;
  readonly last: number;
  readonly places: readonly number[];
};

/** What the correlation with this name or id finds: firing windows of one group that overlap are one hit. */
export function correlate(input: {
  readonly rules: string;
  readonly name: string;
  readonly events: readonly TimedEvent[];
  readonly options?: JudgeOptions;
}): Hit[] {
  const { rules, name, events, options = {} } = input;
  const book = { documents: readDocuments(rules), events, options };
  const rule = ruleOf(book, name);
  return fold(firings(book, rule), timespanOf(sectionOf(rule)));
}

type Book = {
  readonly documents: readonly Document[];
  readonly events: readonly TimedEvent[];
  readonly options: JudgeOptions;
};

function ruleOf(book: Book, name: string): Document {
  const found = book.documents.find(({ id, name: own }) => id === name || own === name);
  if (!found) throw new Error(`there is no rule ${name}`);
  return found;
}

/** All that a rule matches, in order of time. */
function occurrences(book: Book, name: string): Occurrence[] {
  const rule = ruleOf(book, name);
  if (isObject(rule["correlation"] ?? null)) {
    const groupBy = namesOf(sectionOf(rule)["group-by"]);
    return firings(book, rule).map(({ group, at, within }) => ({
      rule: name,
      at,
      places: [...new Set(within.flatMap(({ places }) => places))],
      value: (field) => group[groupBy.indexOf(field)],
    }));
  }
  const matches = judgeDetection(rule["detection"] ?? null, book.options);
  return book.events
    .filter(({ event }) => matches(event))
    .map(({ at, place, event }) => ({
      rule: name,
      at,
      places: [place],
      value: (field: string) => {
        const [value] = find(event, field).values;
        return value === undefined ? undefined : String(value);
      },
    }))
    .toSorted((a, b) => a.at - b.at);
}

function firings(book: Book, rule: Document): Firing[] {
  const section = sectionOf(rule);
  const all = namesOf(section["rules"])
    .flatMap((name) => occurrences(book, name))
    .toSorted((a, b) => a.at - b.at);
  return [...byGroup(section, all).values()].flatMap(({ group, members }) =>
    [...new Set(members.map(({ at }) => at))].flatMap((at) => {
      const start = at - timespanOf(section);
      const within = members.filter((member) => member.at >= start && member.at <= at);
      const measure = measureOf(section, within);
      return measure !== undefined && fires(section, within, measure)
        ? [{ group, at, within, measure }]
        : [];
    }),
  );
}

/** A rule's own field for a name of `group-by`, where an alias says so. What lacks a value belongs to no group. */
function byGroup(
  section: Document,
  all: readonly Occurrence[],
): Map<string, { group: string[]; members: Occurrence[] }> {
  const aliases = section["aliases"] ?? {};
  const groups = new Map<string, { group: string[]; members: Occurrence[] }>();
  for (const occurrence of all) {
    const values = namesOf(section["group-by"]).map((name) => {
      const alias = isObject(aliases) ? (aliases[name] ?? null) : null;
      const field = isObject(alias) ? alias[occurrence.rule] : name;
      return field === undefined ? undefined : occurrence.value(textOf(field));
    });
    const group = values.filter((value) => value !== undefined);
    if (group.length < values.length) continue;
    const key = JSON.stringify(group);
    const known = groups.get(key) ?? { group, members: [] };
    known.members.push(occurrence);
    groups.set(key, known);
  }
  return groups;
}

/** What is compared for a window; undefined where there is nothing to compare. */
function measureOf(section: Document, within: readonly Occurrence[]): number | undefined {
  const rules = namesOf(section["rules"]);
  switch (textOf(section["type"] ?? "")) {
    case "event_count":
      return within.length;
    case "value_count":
      return new Set(combinations(section, within)).size;
    case "temporal":
      return rules.filter((rule) => within.some((one) => one.rule === rule)).length;
    case "temporal_ordered":
      return inOrder(rules, within);
    default: {
      const numbers = combinations(section, within).flatMap((text) => numberOf(text) ?? []);
      return numbers.length === 0 ? undefined : aggregate(section, numbers);
    }
  }
}

/** The values of the condition's field, or the combinations of those of its fields; without what lacks one. */
function combinations(section: Document, within: readonly Occurrence[]): string[] {
  const fields = namesOf(conditionOf(section)["field"]);
  return within.flatMap((one) => {
    const values = fields.map((field) => one.value(field));
    if (values.includes(undefined)) return [];
    return [values.length === 1 ? (values[0] ?? "") : JSON.stringify(values)];
  });
}

/** How many of the rules, from the first on, occurred one after the other or at once. */
function inOrder(rules: readonly string[], within: readonly Occurrence[]): number {
  let after = -Infinity;
  for (const [index, rule] of rules.entries()) {
    const times = within.filter((one) => one.rule === rule && one.at >= after).map(({ at }) => at);
    if (times.length === 0) return index;
    after = Math.min(...times);
  }
  return rules.length;
}

function aggregate(section: Document, numbers: readonly number[]): number {
  const sum = numbers.reduce((total, number) => total + number, 0);
  if (section["type"] === "value_sum") return sum;
  if (section["type"] === "value_avg") return sum / numbers.length;
  const percent =
    section["type"] === "value_median" ? 50 : Number(conditionOf(section)["percentile"]);
  return percentile(numbers, percent);
}

/** Between the two values nearest to the percentage, by how far it is from each. */
function percentile(numbers: readonly number[], percent: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const position = ((sorted.length - 1) * percent) / 100;
  const below = sorted[Math.floor(position)] ?? 0;
  const above = sorted[Math.ceil(position)] ?? 0;
  return below + (above - below) * (position - Math.floor(position));
}

const COMPARE = new Map<string, (measure: number, to: number) => boolean>([
  ["lt", (measure, to) => measure < to],
  ["lte", (measure, to) => measure <= to],
  ["gt", (measure, to) => measure > to],
  ["gte", (measure, to) => measure >= to],
  ["eq", (measure, to) => measure === to],
  ["neq", (measure, to) => measure !== to],
]);

/** All comparisons hold. Temporal types without any want all of their rules; they may have an expression of them instead. */
function fires(section: Document, within: readonly Occurrence[], measure: number): boolean {
  const rules = namesOf(section["rules"]);
  const condition = section["condition"];
  if (condition === undefined) return measure === rules.length;
  if (typeof condition === "string") {
    const holds = readCondition(condition, rules);
    return holds((name) => within.some((one) => one.rule === name));
  }
  return Object.entries(conditionOf(section)).every(
    ([name, to]) => COMPARE.get(name)?.(measure, Number(to)) ?? true,
  );
}

function fold(all: readonly Firing[], timespan: number): Hit[] {
  const hits: { group: readonly string[]; members: Firing[] }[] = [];
  for (const firing of all) {
    const last = hits.at(-1);
    const before = last?.members.at(-1);
    if (before && before.group === firing.group && firing.at - timespan <= before.at) {
      last?.members.push(firing);
    } else hits.push({ group: firing.group, members: [firing] });
  }
  return hits.map(({ group, members }) => {
    const within = members.flatMap((firing) => firing.within);
    const times = within.map(({ at }) => at);
    return {
      group,
      first: Math.min(...times),
      last: Math.max(...times),
      places: [...new Set(within.flatMap(({ places }) => places))].toSorted((a, b) => a - b),
    };
  });
}

function sectionOf(rule: Document): Document {
  const section = rule["correlation"] ?? null;
  if (!isObject(section)) throw new Error("a correlation is wanted");
  return section;
}

function conditionOf(section: Document): Document {
  const condition = section["condition"] ?? {};
  return isObject(condition) ? condition : {};
}

function namesOf(value: Json | undefined): string[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value.map(textOf) : [textOf(value)];
}

const UNITS_US = new Map([
  ["s", 1e6],
  ["m", 60e6],
  ["h", 3600e6],
  ["d", 86_400e6],
]);

function timespanOf(section: Document): number {
  const [, count, unit] = /^(\d+)([smhd])$/.exec(textOf(section["timespan"] ?? "")) ?? [];
  return Number(count) * (UNITS_US.get(unit ?? "") ?? Number.NaN);
}
