import { TocsinError } from "../../core/errors.ts";
import { Notes } from "../rule-file/notes.ts";
import type { Placeholders } from "./placeholders.ts";
import { readYaml } from "../rule-file/read-yaml.ts";
import { SourceText } from "../rule-file/source-text.ts";
import { itemsOf } from "../rule-file/yaml-node.ts";

/**
 * A YAML map of names and their values: `Servers: [srv*, db1]`.
 * @throws TocsinError `invalid` with the places
 */
export function readPlaceholders(file: string, text: string): Placeholders {
  const source = new SourceText({ file, name: file }, text);
  const notes = new Notes(source);
  const placeholders = new Map<string, readonly string[]>();
  const documents = [...readYaml(source)];
  for (const { root } of documents) {
    if (root && root.is !== "map")
      notes.error(root.offset, "a map is wanted: NAME: [value, value]");
    for (const { key, value } of root?.is === "map" ? root.entries : []) {
      const values = itemsOf(value).flatMap((item) => {
        if (item.is === "scalar" && item.value !== null) return [item.text];
        return notes.error(item.offset, `the values of ${key} are texts`) ?? [];
      });
      placeholders.set(key, values);
    }
  }
  const problems = [...documents.flatMap((document) => document.notes.problems), ...notes.problems];
  if (problems.length === 0) return placeholders;
  throw new TocsinError("invalid", `${file} holds no placeholders`, {
    problems: problems.map(({ line, column, message }) => ({
      at: `${file}:${line}:${column}`,
      message,
    })),
  });
}
