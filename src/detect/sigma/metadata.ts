// What every document says of itself.
import { createHash } from "node:crypto";
import type { Notes } from "../rule-file/notes.ts";
import { type Level, LEVELS, type Rule } from "./rule.ts";
import { entryOf, itemsOf, type YamlEntry, type YamlMap } from "../rule-file/yaml-node.ts";

const STATUSES = ["stable", "test", "experimental", "deprecated", "unsupported"] as const;
const RELATIONS = ["derived", "obsolete", "merged", "renamed", "similar"];
const LONGEST_TITLE = 256;
const LONGEST_DESCRIPTION = 65_535;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** As of a rule; id and level are undefined where none is written. */
export type RuleMetadata = {
  readonly [
    Key in
      | "name"
      | "title"
      | "status"
      | "description"
      | "author"
      | "tags"
      | "references"
      | "falsepositives"
      | "fields"
      | "at"
  ]: Rule[Key];
} & { readonly id: string | undefined; readonly level: Level | undefined };

export function readMetadata(map: YamlMap, notes: Notes): RuleMetadata {
  const reader = new Reader(map, notes);
  const title = reader.text("title", LONGEST_TITLE);
  if (title === undefined && !entryOf(map, "title"))
    notes.error(map.offset, "`title` is missing: say in a line what the rule finds");
  const id = reader.text("id", LONGEST_TITLE);
  if (id !== undefined && !UUID.test(id))
    reader.warn("id", "an id is a UUID: take a new one from `uuidgen`");
  reader.checkDates();
  reader.checkTaxonomy();
  reader.checkRelated();
  const tags = reader.list("tags");
  for (const tag of tags.filter((one) => !/^[a-z0-9_-]+\.[a-z0-9._-]+$/.test(one)))
    reader.warn("tags", `a tag is lower case with a namespace, attack.t1110: ${tag.slice(0, 60)}`);
  return {
    id,
    title: title ?? "",
    name: reader.text("name", LONGEST_TITLE),
    level: reader.oneOf("level", LEVELS),
    status: reader.oneOf("status", STATUSES),
    description: reader.text("description", LONGEST_DESCRIPTION),
    author: reader.text("author", LONGEST_DESCRIPTION),
    tags,
    references: reader.list("references"),
    falsepositives: reader.list("falsepositives"),
    fields: reader.list("fields"),
    at: notes.place(map.offset),
  };
}

/** A UUID (version 8) of what tells a rule without one from all others: the same each time. */
export function makeId(...parts: readonly string[]): string {
  const bytes = createHash("sha256").update(JSON.stringify(parts)).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

class Reader {
  readonly #map: YamlMap;
  readonly #notes: Notes;

  constructor(map: YamlMap, notes: Notes) {
    this.#map = map;
    this.#notes = notes;
  }

  warn(key: string, message: string): void {
    this.#notes.warn(this.#entry(key)?.value.offset ?? this.#map.offset, message);
  }

  /** Undefined where there is none. */
  text(key: string, longest: number): string | undefined {
    const value = this.#entry(key)?.value;
    if (!value) return undefined;
    if (value.is !== "scalar" || typeof value.value !== "string")
      return this.#notes.error(value.offset, `\`${key}\` is text: put it in quotes`);
    if (value.text.length > longest)
      return this.#notes.error(value.offset, `\`${key}\` has at most ${longest} characters`);
    return value.text.trim() === "" && key === "title"
      ? this.#notes.error(value.offset, "the title is empty: say in a line what the rule finds")
      : value.text;
  }

  list(key: string): string[] {
    const value = this.#entry(key)?.value;
    if (!value) return [];
    if (value.is === "scalar" && key !== "falsepositives")
      this.warn(key, `\`${key}\` is a list: write - before it`);
    return itemsOf(value).flatMap((item) => {
      if (item.is === "scalar") return item.value === null ? [] : [item.text];
      return this.#notes.error(item.offset, `\`${key}\` is a list of texts`) ?? [];
    });
  }

  oneOf<Value extends string>(key: string, values: readonly Value[]): Value | undefined {
    const node = this.#entry(key)?.value;
    if (!node) return undefined;
    const found = node.is === "scalar" ? values.find((value) => value === node.text) : undefined;
    return found ?? this.#notes.error(node.offset, `\`${key}\` is one of ${values.join(", ")}`);
  }

  checkDates(): void {
    for (const key of ["date", "modified"]) {
      const value = this.#entry(key)?.value;
      if (
        value &&
        !(
          value.is === "scalar" &&
          /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/.test(value.text)
        )
      )
        this.warn(key, "a date is written 2026-11-25");
    }
  }

  checkTaxonomy(): void {
    const taxonomy = this.text("taxonomy", LONGEST_TITLE);
    if (taxonomy !== undefined && taxonomy !== "sigma" && taxonomy !== "ocsf")
      this.warn(
        "taxonomy",
        `the taxonomy ${taxonomy} is not known (sigma and ocsf are): its fields are looked for by the names that they have in the events`,
      );
  }

  checkRelated(): void {
    const related = this.#entry("related")?.value;
    for (const one of related ? itemsOf(related) : []) {
      const id = one.is === "map" ? entryOf(one, "id") : undefined;
      const type = one.is === "map" ? entryOf(one, "type")?.value : undefined;
      if (!id || type?.is !== "scalar" || !RELATIONS.includes(type.text))
        this.#notes.warn(
          one.offset,
          `what is related has an id and a type, one of ${RELATIONS.join(", ")}`,
        );
    }
  }

  /** A key that says nothing is not there. */
  #entry(key: string): YamlEntry | undefined {
    const entry = entryOf(this.#map, key);
    return entry?.value.is === "scalar" && entry.value.value === null ? undefined : entry;
  }
}
