// A judge of Sigma rules: the specification read plainly, one event at a time, slow and obvious. It shares nothing with
// what it judges (src/detect): where the two differ, one of them is wrong.
import { parseAllDocuments, type Scalar, visit } from "yaml";
import { readCondition } from "./condition.ts";
import { allScalars, isObject, type Json, type Scalar as Value, textOf } from "./event.ts";
import { answers, regexOfAsk } from "./answers.ts";
import { type Ask, asksOf, type Placeholders } from "./modifiers.ts";
import { occursIn } from "./pattern.ts";

export type Judge = (event: Json) => boolean;
export type JudgeOptions = { readonly placeholders?: Placeholders };

/** Does the detection rule match the event? Filters in further documents apply to it. */
export function evaluate(ruleYaml: string, event: Json, options: JudgeOptions = {}): boolean {
  return judge(ruleYaml, options)(event);
}

/** The same, read once for many events. */
export function judge(ruleYaml: string, options: JudgeOptions = {}): Judge {
  const documents = readDocuments(ruleYaml);
  const rules = documents.filter((document) => isObject(document["detection"] ?? null));
  const filters = documents.filter((document) => isObject(document["filter"] ?? null));
  if (rules.length !== 1 || !rules[0]) throw new Error("one detection rule is wanted");
  const judges = [
    judgeDetection(rules[0]["detection"] ?? null, options),
    ...filters.map((filter) => judgeDetection(withoutRules(filter["filter"] ?? null), options)),
  ];
  return (event) => judges.every((each) => each(event));
}

export type Document = { readonly [key: string]: Json };

export function readDocuments(yaml: string): Document[] {
  return parseAllDocuments(yaml).flatMap((document) => {
    const [error] = document.errors;
    if (error) throw error;
    visit(document, { Scalar: (_, node) => keepZeros(node) });
    const read = document.toJS() as Json;
    return isObject(read) ? [read] : [];
  });
}

/** `00000429` is those eight characters, as it was in YAML 1.1 and as its author means it. */
function keepZeros(node: Scalar): void {
  if (typeof node.value === "number" && /^0\d/.test(node.source ?? "")) node.value = node.source;
}

function withoutRules(filter: Json): Json {
  if (!isObject(filter)) return filter;
  return Object.fromEntries(Object.entries(filter).filter(([key]) => key !== "rules"));
}

/** A `detection` section. A list of conditions: any of them. */
export function judgeDetection(detection: Json, options: JudgeOptions): Judge {
  if (!isObject(detection)) throw new Error("a detection is a map");
  const selections = new Map(
    Object.entries(detection)
      .filter(([name]) => name !== "condition" && name !== "timeframe")
      .map(([name, selection]) => [name, judgeSelection(selection, options)]),
  );
  const conditions = listOf(detection["condition"] ?? "").map((text) =>
    readCondition(textOf(text), [...selections.keys()]),
  );
  return (event) =>
    conditions.some((condition) => condition((name) => selections.get(name)?.(event) ?? false));
}

/** A map: all of its items. A list: any of its maps and keywords. */
function judgeSelection(selection: Json, options: JudgeOptions): Judge {
  if (Array.isArray(selection)) {
    const any = selection.map((each: Json) => judgeSelection(each, options));
    return (event) => any.some((each) => each(event));
  }
  if (!isObject(selection)) return judgeItem("", selection, options);
  const items = Object.entries(selection).map(([key, value]) => judgeItem(key, value, options));
  return (event) => items.every((item) => item(event));
}

/** `field|modifiers: value or values`. Any value will do, with `all` every one; with `neq` it must not be so. */
function judgeItem(key: string, value: Json, options: JudgeOptions): Judge {
  const [field = "", ...modifiers] = key.split("|");
  const values = listOf(value).map((each) =>
    asksOf(each, modifiers, options.placeholders ?? new Map()),
  );
  const holds = (asks: readonly Ask[], event: Json): boolean =>
    asks.some((ask) => (field === "" ? occurs(ask, event) : answers(ask, field, event)));
  const linked: Judge = modifiers.includes("all")
    ? (event) => values.every((asks) => holds(asks, event))
    : (event) => values.some((asks) => holds(asks, event));
  return modifiers.includes("neq") ? (event) => !linked(event) : linked;
}

/** A keyword stands in any of the record's values: as it reads, or as JSON writes it. The names of fields are no values. */
function occurs(ask: Ask, event: Json): boolean {
  const texts = allScalars(event).flatMap((value) => [String(value), written(value)]);
  if (ask.modifiers.has("re")) {
    const regex = regexOfAsk(ask);
    return texts.some((text) => regex.test(text));
  }
  return texts.some((text) => occursIn(ask.pattern, text, ask.modifiers.has("cased")));
}

const written = (value: Value): string =>
  typeof value === "string" ? JSON.stringify(value).slice(1, -1) : String(value);

const listOf = (value: Json): readonly Json[] => (Array.isArray(value) ? value : [value]);
