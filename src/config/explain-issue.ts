// What zod found wrong, in words for whoever wrote the file: where, what, and what to write instead. Never the value itself.
import type { z } from "zod";
import { didYouMean } from "./did-you-mean.ts";
import { schemasAt, type SchemaNode } from "./published-schema.ts";
import type { KeyPath } from "./yaml-tree.ts";

type Issue = z.core.$ZodIssue;

export type Explained = {
  readonly path: KeyPath;
  readonly atKey?: boolean;
  readonly message: string;
};

/** `value` is what was checked: tells what is missing from what is of another type. */
export function explainIssue(issue: Issue, value: unknown, schema: SchemaNode): Explained[] {
  const { path } = issue;
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      path: [...path, key],
      atKey: true,
      message: unknownKey(key, path, schema),
    }));
  }
  if (issue.code === "invalid_union") {
    return nearestBranch(issue.errors, valueAt(value, path)).flatMap((inner) =>
      explainIssue({ ...inner, path: [...path, ...inner.path] }, value, schema),
    );
  }
  if (issue.code === "invalid_key") {
    const why = issue.issues[0]?.message ?? "write another one";
    return [{ path, atKey: true, message: `the name ${lastOf(path)}: ${why}` }];
  }
  return [{ path, message: plainMessage(issue, value, schema) }];
}

type PlainIssue = Exclude<Issue, { code: "unrecognized_keys" | "invalid_union" | "invalid_key" }>;

function plainMessage(issue: PlainIssue, value: unknown, schema: SchemaNode): string {
  const { path } = issue;
  const name = lastOf(path);
  switch (issue.code) {
    case "invalid_type":
      return typeMessage(issue.expected, path, { value, schema });
    case "invalid_value":
      return oneOfMessage(issue.values, valueAt(value, path));
    case "invalid_format":
      return `${name}: ${FORMATS[issue.format] ?? issue.message}`;
    case "too_small":
      return `${name}: ${issue.origin === "string" ? "write something here" : `at least ${issue.minimum}`}`;
    case "too_big":
      return `${name}: at most ${issue.maximum}`;
    case "not_multiple_of":
    case "invalid_element":
    case "custom":
      break;
  }
  return `${name}: ${issue.message}`;
}

const FORMATS: Readonly<Partial<Record<string, string>>> = {
  email: "write an e-mail address",
  url: "write a URL, such as https://example.com",
  datetime: "write a time with its zone, such as 2019-04-25T16:40:00Z",
};

const TYPES: Readonly<Partial<Record<string, string>>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a map of keys and values",
  record: "a map of names and values",
};

function typeMessage(
  expected: string,
  path: KeyPath,
  from: { value: unknown; schema: SchemaNode },
): string {
  const wanted = TYPES[expected] ?? expected;
  const found = valueAt(from.value, path);
  if (found !== undefined) return `${lastOf(path)}: write ${wanted}, not ${kindOf(found)}`;
  const about = schemasAt(from.schema, path).find((node) => node.description)?.description;
  return `${lastOf(path)} is missing: ${about === undefined ? wanted : `${about} (${wanted})`}`;
}

function unknownKey(key: string, path: KeyPath, schema: SchemaNode): string {
  const known = schemasAt(schema, path).flatMap((node) => Object.keys(node.properties ?? {}));
  const near = didYouMean(key, known);
  const listed = [...new Set(known)].slice(0, 16).join(", ");
  return `unknown key ${key}${near || (listed === "" ? "" : `: known here ${listed}`)}`;
}

function oneOfMessage(values: readonly unknown[], found: unknown): string {
  const known = values.map(String);
  return `write one of ${known.join(", ")}${typeof found === "string" ? didYouMean(found, known) : ""}`;
}

/** Of a union's branches the one that the writer most likely meant: with the fewest foreign and missing keys. */
function nearestBranch(branches: readonly (readonly Issue[])[], value: unknown): readonly Issue[] {
  const scored = branches.map((issues) => ({
    issues,
    score: issues.reduce((sum, issue) => sum + distance(issue, value), 0),
  }));
  return scored.toSorted((a, b) => a.score - b.score)[0]?.issues ?? [];
}

function distance(issue: Issue, value: unknown): number {
  if (issue.code === "unrecognized_keys" && issue.path.length === 0) return 10 * issue.keys.length;
  if (issue.code !== "invalid_type" && issue.code !== "invalid_union") return 1;
  if (issue.path.length === 0) return 100;
  return valueAt(value, issue.path) === undefined ? 15 : 1;
}

function valueAt(value: unknown, path: KeyPath): unknown {
  let at: unknown = value;
  for (const key of path) {
    if (typeof at !== "object" || at === null) return undefined;
    at = Object.getOwnPropertyDescriptor(at, key)?.value;
  }
  return at;
}

function kindOf(value: unknown): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a map";
  return typeof value === "string" ? "a text" : `a ${typeof value}`;
}

function lastOf(path: KeyPath): string {
  const last = path.at(-1);
  const parent = path.at(-2);
  if (last === undefined) return "the file";
  return typeof last === "number" ? `${String(parent ?? "entry")} ${last + 1}` : String(last);
}
