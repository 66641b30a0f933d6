// A Windows event as the specification names its fields: what stands in `EventData` by its name, what stands in `System` too,
// and an attribute by its tag and its own name joined with `_`.
import { isObject, type Json, textOf } from "./event.ts";

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

/** Sysmon's events by the categories of the specification's appendix on taxonomy. */
const SYSMON = new Map<number, string>([
  [1, "process_creation"],
  [2, "file_change"],
  [3, "network_connection"],
  [4, "sysmon_status"],
  [5, "process_termination"],
  [6, "driver_load"],
  [7, "image_load"],
  [8, "create_remote_thread"],
  [9, "raw_access_thread"],
  [10, "process_access"],
  [11, "file_event"],
  [13, "registry_set"],
  [14, "registry_rename"],
  [15, "create_stream_hash"],
  [17, "pipe_created"],
  [18, "pipe_created"],
  [22, "dns_query"],
  [23, "file_delete"],
  [26, "file_delete"],
]);

/** `fields` as made above, of an event of Sysmon. */
export function sysmonCategory(fields: Json): string {
  const id = Number(textOf(child(fields, "EventID") ?? ""));
  const isDelete = textOf(child(fields, "EventType") ?? "").startsWith("Delete");
  if (id === 12) return isDelete ? "registry_delete" : "registry_add";
  return SYSMON.get(id) ?? "";
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
