// An event made out of a rule, so that the rule very likely matches it: the first value that each item of its selections asks
// for. Filters are left out. What it is good for: events that come close to many rules at once.
import { isObject, type Json, textOf } from "./event.ts";
import type { Document } from "./evaluate.ts";
import { type Ask, asksOf, type Placeholders } from "./modifiers.ts";
import type { Pattern } from "./pattern.ts";

/** The texts that one field has to have, by where. */
type Wanted = { whole?: Json; start: string; middle: string; end: string };

export function witnessOf(rule: Document, placeholders: Placeholders): { [field: string]: Json } {
  const detection = rule["detection"] ?? null;
  const wanted = new Map<string, Wanted>();
  if (isObject(detection)) {
    for (const [name, selection] of Object.entries(detection)) {
      const isLeftOut = /^(condition|timeframe|filter|exclu|false)/.test(name);
      if (!isLeftOut) wantSelection(wanted, selection, placeholders);
    }
  }
  return Object.fromEntries([...wanted].map(([field, of]) => [field, valueOf(of)]));
}

function wantSelection(wanted: Map<string, Wanted>, selection: Json, placeholders: Placeholders) {
  if (Array.isArray(selection)) {
    wantSelection(wanted, selection[0] ?? null, placeholders);
  } else if (isObject(selection)) {
    for (const [key, values] of Object.entries(selection)) {
      wantItem(wanted, { key, values }, placeholders);
    }
  } else wantItem(wanted, { key: "", values: selection }, placeholders);
}

type Item = { readonly key: string; readonly values: Json };

function wantItem(wanted: Map<string, Wanted>, { key, values }: Item, placeholders: Placeholders) {
  const [name = "", ...modifiers] = key.split("|");
  if (modifiers.includes("neq")) return;
  const field = name === "" ? "message" : name;
  const list: readonly Json[] = Array.isArray(values) ? values : [values];
  for (const value of modifiers.includes("all") ? list : list.slice(0, 1)) {
    const [ask] = asksOf(value, modifiers, placeholders);
    if (!ask || value === null || modifiers.includes("fieldref")) continue;
    const at = wanted.get(field) ?? { start: "", middle: "", end: "" };
    wanted.set(field, at);
    want(at, ask, modifiers);
  }
}

function want(at: Wanted, { value, pattern }: Ask, modifiers: readonly string[]): void {
  const has = (...names: string[]): boolean => names.some((name) => modifiers.includes(name));
  if (has("exists")) {
    if (value === true) at.middle ||= "there";
  } else if (has("re")) at.middle += simplestMatch(textOf(value));
  else if (has("cidr")) at.whole = textOf(value).split("/")[0] ?? "";
  else if (typeof value !== "string") at.whole = value;
  else if (has("contains")) at.middle += patternText(pattern);
  else if (has("startswith")) at.start = patternText(pattern);
  else if (has("endswith")) at.end = patternText(pattern);
  else at.whole = patternText(pattern);
}

const valueOf = ({ whole, start, middle, end }: Wanted): Json => whole ?? start + middle + end;

const patternText = (pattern: Pattern): string =>
  pattern.map((part) => (typeof part === "string" ? part : "x")).join("");

/** Good for plain expressions only: classes, groups and anchors are not looked into. */
function simplestMatch(source: string): string {
  return source
    .replace(/^\(\?\w+\)/, "")
    .replaceAll(/[$^]|\\b|\(\?:|[()]/g, "")
    .replaceAll(/\\d|\[0-9\]/g, "7")
    .replaceAll(/\\s/g, " ")
    .replaceAll(/\\w|\[\^?[^\]]*\]|\\S/g, "a")
    .replaceAll(/\\(.)/g, "$1");
}
