// Values behind arrays: `a.b` of {"a": [{"b": 1}, {"b": [2, 3]}]} is 1, 2 and 3. Slow, so only where a record has one on the way.
import { quote } from "../../db/click-bind.ts";
import { type JsonPath, keysSql } from "./json-tuple.ts";

/** SQL, Array(Nullable(String)): every value at the path, null for a null. Arrays directly in arrays count down to two levels. */
export function valuesBehindArraysSql(path: JsonPath): string {
  return `arrayMap(y -> JSONExtract(y, 'Nullable(String)'), ${nodesSql(path)})`;
}

/** SQL, Bool: is the last key there, in whichever element, be it null or empty? */
export function existsBehindArraysSql(path: JsonPath): string {
  const last = quote(path.at(-1) ?? "");
  return `arrayExists(y -> JSONHas(y, ${last}), ${nodesSql(path.slice(0, -1))})`;
}

function nodesSql(path: JsonPath): string {
  return path.reduce(
    (nodes, key) => spreadSql(spreadSql(nodes, `JSONExtractRaw(x, ${quote(key)})`), "x"),
    "[raw]",
  );
}

function spreadSql(nodes: string, node: string): string {
  return `arrayFlatten(arrayMap(x -> ${elementsSql(node)}, ${nodes}))`;
}

function elementsSql(node: string): string {
  return `if(startsWith(${node}, '['), JSONExtractArrayRaw(${node}), if(${node} = '', [], [${node}]))`;
}

/**
 * SQL, Bool: may one of the paths pass through an array, or end in one? Never false where one does. (What the tuple finds is no proof of
 * an object: a tuple also takes the elements of an array, by their position.)
 */
export function arraysOnTheWaySql(
  paths: readonly JsonPath[],
  value: (path: JsonPath) => string,
): string {
  const ends = paths.map(
    (path) =>
      `(startsWith(ifNull(${value(path)}, ''), '[') and JSONType(raw, ${keysSql(path)}) = 'Array')`,
  );
  const keys = new Set(paths.flatMap((path) => path.slice(0, -1)));
  const onTheWay = keys.size === 0 ? [] : [`(position(raw, '[') > 0 and ${keyOfArraySql(keys)})`];
  return `(${[...ends, ...onTheWay].join(" or ")})`;
}

/** SQL, Bool, over `brackets` and `raw`: the same for any record, more often true and far cheaper to understand and to compute. */
export function arraysAnywhereSql(paths: readonly JsonPath[]): string {
  return `(brackets and ${keyOfArraySql(new Set(paths.flat()))})`;
}

// A key may be written with escapes: then any key that holds a backslash is suspected.
function keyOfArraySql(keys: ReadonlySet<string>): string {
  const names = [...keys].map((key) =>
    JSON.stringify(key)
      .slice(1, -1)
      .replace(/[^A-Za-z0-9_]/gu, (c) => `\\x{${(c.codePointAt(0) ?? 0).toString(16)}}`),
  );
  const pattern = `"(?:${names.join("|")})"\\s*:\\s*\\[|\\\\[^"]*"\\s*:\\s*\\[`;
  return `match(raw, ${quote(pattern)})`;
}
