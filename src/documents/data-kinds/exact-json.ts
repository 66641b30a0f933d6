import type { Tree } from "./tree-tables.ts";

/** Integers that a double cannot hold: ids of some systems. */
const LONG_NUMBER = /\d{16}/;

/** Undefined where it is no JSON. Numbers too long for a double are the text that stood there. */
export function parseExact(text: string): Tree | undefined {
  try {
    const value = LONG_NUMBER.test(text) ? JSON.parse(text, exact) : JSON.parse(text);
    return value as Tree; // JSON.parse makes nothing else
  } catch {
    return undefined;
  }
}

// ECMA-262, JSON.parse source text access.
function exact(_key: string, value: unknown, { source }: { source?: string } = {}): unknown {
  return typeof value === "number" && source !== undefined && !Number.isSafeInteger(value)
    ? source
    : value;
}

export function exactText(value: Tree): string {
  if (value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
