// Many paths of a JSON text in one reading: a typed `JSONExtract` into nested tuples.
import { quote } from "../../db/click-bind.ts";

export type JsonPath = readonly string[];

export type JsonTuple = {
  /** SQL that reads it; undefined where no path can be read so. */
  readonly sql: string | undefined;
  /** SQL, Nullable(String), of the value at a path, over the tuple named `tuple`. */
  value(path: JsonPath, tuple: string): string;
};

type Node = { readonly children: Map<string, Node>; leaf: boolean };

/**
 * Numbers and flags come as text, arrays and objects as their JSON, null where nothing is. What stands behind an array is
 * not found. A path that is also the start of another, or has an empty key, is read by itself.
 */
export function jsonTuple(paths: readonly JsonPath[]): JsonTuple {
  const root = emptyNode();
  const inTuple = new Set<string>();
  for (const path of paths.toSorted((a, b) => b.length - a.length)) {
    if (add(root, path)) inTuple.add(pathKey(path));
  }
  return {
    sql: inTuple.size === 0 ? undefined : `JSONExtract(raw, ${quote(typeOf(root))})`,
    value: (path, tuple) =>
      inTuple.has(pathKey(path)) ? elementSql(root, path, tuple) : aloneSql(path),
  };
}

export function pathKey(path: JsonPath): string {
  return JSON.stringify(path);
}

function aloneSql(path: JsonPath): string {
  return `JSONExtract(raw, ${keysSql(path)}, 'Nullable(String)')`;
}

export function keysSql(path: JsonPath): string {
  return path.map(quote).join(", ");
}

function emptyNode(): Node {
  return { children: new Map(), leaf: false };
}

function add(root: Node, path: JsonPath): boolean {
  let node = root;
  for (const key of path) {
    if (key === "" || node.leaf) return false;
    const next = node.children.get(key) ?? emptyNode();
    node.children.set(key, next);
    node = next;
  }
  if (node.children.size > 0) return false;
  node.leaf = true;
  return true;
}

function typeOf(node: Node): string {
  if (node.leaf) return "Nullable(String)";
  const elements = [...node.children].map(([key, child]) => `${quotedName(key)} ${typeOf(child)}`);
  return `Tuple(${elements.join(", ")})`;
}

function quotedName(key: string): string {
  return `\`${key.replaceAll("\\", "\\\\").replaceAll("`", "\\`").replaceAll("\0", "\\0")}\``;
}

function elementSql(root: Node, path: JsonPath, tuple: string): string {
  let node = root;
  let sql = tuple;
  for (const key of path) {
    const index = [...node.children.keys()].indexOf(key) + 1;
    sql = `tupleElement(${sql}, ${index})`;
    node = node.children.get(key) ?? node;
  }
  return sql;
}
