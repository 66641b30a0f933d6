// Events as the judge of Sigma sees them: plain values, and where a rule's field name leads in them.

export type Json =
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json };

export type Scalar = string | number | bigint | boolean;

/** What a field name leads to: arrays stand for each of their elements. */
export type Found = {
  readonly present: boolean;
  /** Each scalar of it that is not null. */
  readonly values: readonly Scalar[];
  /** Is nothing there, or a null among what is there? */
  readonly none: boolean;
};

/** A key that is the whole name wins over a walk along its dots. */
export function find(event: Json, field: string): Found {
  const ends = walk(event, field);
  const leaves = ends.flatMap(leavesOf);
  return {
    present: ends.length > 0,
    values: leaves.flatMap(scalarsOf),
    none: leaves.length === 0 || leaves.includes(null),
  };
}

function walk(node: Json, path: string): Json[] {
  if (Array.isArray(node)) return node.flatMap((element: Json) => walk(element, path));
  if (!isObject(node)) return [];
  const literal = ownValue(node, path);
  if (literal !== undefined) return [literal];
  const dot = path.indexOf(".");
  if (dot < 0) return [];
  const next = ownValue(node, path.slice(0, dot));
  return next === undefined ? [] : walk(next, path.slice(dot + 1));
}

function leavesOf(end: Json): Json[] {
  return Array.isArray(end) ? end.flatMap(leavesOf) : [end];
}

function scalarsOf(leaf: Json): Scalar[] {
  return leaf === null || typeof leaf === "object" ? [] : [leaf];
}

/** Every scalar anywhere in the event. */
export function allScalars(node: Json): Scalar[] {
  if (Array.isArray(node)) return node.flatMap(allScalars);
  if (isObject(node)) return Object.values(node).flatMap(allScalars);
  return scalarsOf(node);
}

export function isObject(node: Json): node is { readonly [key: string]: Json } {
  return typeof node === "object" && node !== null && !Array.isArray(node);
}

function ownValue(node: { readonly [key: string]: Json }, key: string): Json | undefined {
  return Object.hasOwn(node, key) ? node[key] : undefined;
}

/** The event as its log line: numbers beyond 2^53 keep their digits. */
export function lineOf(node: Json): string {
  if (Array.isArray(node)) return `[${node.map(lineOf).join(",")}]`;
  if (isObject(node)) {
    const entries = Object.entries(node).map(([key, at]) => `${JSON.stringify(key)}:${lineOf(at)}`);
    return `{${entries.join(",")}}`;
  }
  return typeof node === "bigint" ? String(node) : JSON.stringify(node);
}

/** The other way: whole numbers that a double cannot hold become bigints. */
export function eventOf(line: string): Json {
  return JSON.parse(line, revive) as Json;
}

function revive(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  const digits = context?.source ?? "";
  return /^-?\d+$/.test(digits) ? BigInt(digits) : value;
}

/** A value of a rule as text. */
export const textOf = (value: Json): string =>
  typeof value === "object" ? JSON.stringify(value) : String(value);
