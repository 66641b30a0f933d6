// A Windows event as the specification names its fields: what stands in `EventData` by its name, what stands in `System` too,
// and an attribute by its tag and its own name joined with `_`.
import { isObject, type Json } from "./event.ts";

export function fieldsOfWindowsEvent(document: Json): Json {
  const event = child(document, "Event");
  const data = child(event, "EventData") ?? child(event, "UserData");
  return { ...namedIn(child(event, "System")), ...namedIn(data) };
}

function child(node: Json | undefined, name: string): Json | undefined {
  return node !== undefined && isObject(node) ? node[name] : undefined;
}

function namedIn(node: Json | undefined): { readonly [name: string]: Json } {
  if (node === undefined || !isObject(node)) return {};
  const named = Object.entries(node).flatMap(([tag, value]): [string, Json][] => {
    const attributes = child(value, "#attributes");
    if (attributes === undefined || !isObject(attributes)) return [[tag, value]];
    const joined = Object.entries(attributes).map(([name, at]): [string, Json] => [
      `${tag}_${name}`,
      at,
    ]);
    const text = child(value, "#text");
    return text === undefined ? joined : [...joined, [tag, text]];
  });
  return Object.fromEntries(named);
}

/** JSON values one after the other, pretty-printed or not. */
export function splitDocuments(text: string): string[] {
  const documents: string[] = [];
  let start = 0;
  let depth = 0;
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\[\s\S])*"|[{}]/g)) {
    if (token === "{" && depth++ === 0) start = index;
    if (token === "}" && --depth === 0) documents.push(text.slice(start, index + 1));
  }
  return documents;
}
