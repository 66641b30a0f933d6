// One JSON object a line. Objects within it become columns of their own, `address.city`; lists stay JSON.
import type { Dump } from "./dump.ts";
import { openRowWriter, type RowWriter } from "./row-writer.ts";
import { countSetAside } from "./set-aside.ts";
import { textLines } from "./text-lines.ts";

const DEEPEST = 8;
/** Integers that a double cannot hold: ids of some systems. */
const LONG_NUMBER = /\d{16}/;

export async function writeNdjson(
  chunks: AsyncIterable<Buffer>,
  folder: string,
  /** Is given each line that is text and no object. */
  broken?: (line: string, number: number) => void,
): Promise<Omit<Dump, "format">> {
  const setAside = countSetAside();
  await using writer = await openRowWriter(folder, { name: "", file: "rows" });
  let number = 0;
  for await (const lines of textLines(chunks)) {
    for (const { text, problem } of lines) {
      if (text !== undefined && text.trim() === "") continue;
      number += 1;
      const found = text === undefined ? problem : valuesOf(text, writer);
      if (typeof found === "string") {
        setAside.add(found, number);
        if (text !== undefined) broken?.(text, number);
      } else await writer.add(number, found);
    }
  }
  const table = await writer.table();
  return { tables: table.rows === 0 ? [] : [table], setAside: setAside.list() };
}

function valuesOf(line: string, writer: RowWriter): string[] | string {
  const row = parseObject(line);
  if (row === undefined) return "not a JSON object";
  const values: string[] = [];
  return fill(values, row, { writer, prefix: "", depth: 0 })
    ? filled(values)
    : "more than 1,000 different keys";
}

type Into = { readonly writer: RowWriter; readonly prefix: string; readonly depth: number };

// False where the table has no room for a key.
function fill(values: string[], row: object, { writer, prefix, depth }: Into): boolean {
  for (const [key, value] of Object.entries(row)) {
    const name = prefix + key;
    if (isObject(value) && depth < DEEPEST) {
      if (!fill(values, value, { writer, prefix: `${name}.`, depth: depth + 1 })) return false;
      continue;
    }
    const at = writer.column(name);
    if (at === undefined) return false;
    values[at] = textOf(value);
  }
  return true;
}

function filled(values: readonly string[]): string[] {
  return Array.from(values, (value: string | undefined) => value ?? "");
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseObject(line: string): object | undefined {
  try {
    const row: unknown = LONG_NUMBER.test(line) ? JSON.parse(line, exact) : JSON.parse(line);
    return isObject(row) ? row : undefined;
  } catch {
    return undefined;
  }
}

// The third argument holds a number as it was written (ECMA-262, JSON.parse source text access).
function exact(_key: string, value: unknown, { source }: { source?: string } = {}): unknown {
  return typeof value === "number" && source !== undefined && !Number.isSafeInteger(value)
    ? source
    : value;
}
