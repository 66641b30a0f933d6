// One row of `insert … values (…)`.
import { type Flavour, passQuoted } from "./sql-syntax.ts";

export type SqlRow = { readonly end: number; readonly values: readonly string[] };

/** From `(` on. Undefined where the row does not end within the text. */
export function sqlRow(text: string, at: number, flavour: Flavour): SqlRow | undefined {
  const values: string[] = [];
  for (let next = at + 1; ;) {
    const end = valueEnd(text, next, flavour);
    if (end === undefined || end >= text.length) return undefined;
    values.push(valueOf(text.slice(next, end).trim(), flavour));
    if (text[end] === ")") return { end: end + 1, values };
    next = end + 1;
  }
}

// The comma or the parenthesis behind a value.
function valueEnd(text: string, from: number, flavour: Flavour): number | undefined {
  let depth = 0;
  for (let at = from; at < text.length;) {
    const past = passQuoted(text, at, flavour);
    if (past === undefined) return undefined;
    if (past > at) {
      at = past;
      continue;
    }
    const char = text[at];
    if (depth === 0 && (char === "," || char === ")")) return at;
    if (char === "(") depth += 1;
    if (char === ")") depth -= 1;
    at += 1;
  }
  return undefined;
}

const PREFIXED = /^(?:_\w+\s*|[eEnNbBxX])?'([\s\S]*)'(?:::[\w\s".[\]()]+)?$/;

/** NULL is the empty text. Bytes stay hexadecimal digits: that is how hashes are written. */
function valueOf(raw: string, flavour: Flavour): string {
  if (/^null$/i.test(raw)) return "";
  if (/^0x[0-9a-fA-F]+$/.test(raw)) return raw.slice(2);
  const found = PREFIXED.exec(raw);
  if (!found) return raw;
  const body = (found[1] ?? "").replaceAll("''", "'");
  const escapes = flavour.backslash || /^[eE]/.test(raw);
  return escapes ? unescaped(body) : body;
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  b: "\b",
  f: "\f",
  v: "\v",
  "0": "\0",
  Z: "\x1a",
};

function unescaped(body: string): string {
  return body.includes("\\")
    ? body.replace(/\\([\s\S])/g, (_, char: string) => ESCAPES[char] ?? char)
    : body;
}

const COPY_ESCAPE = /\\(?:N$|x[0-9a-fA-F]{1,2}|[0-7]{1,3}|[\s\S])/g;

/** A line of `copy … from stdin` in its text format (PostgreSQL documentation, COPY, "Text Format"). */
export function copyRow(line: string): string[] {
  return line.split("\t").map((field) => {
    if (field === "\\N") return "";
    return field.includes("\\") ? field.replace(COPY_ESCAPE, copyEscape) : field;
  });
}

function copyEscape(found: string): string {
  const body = found.slice(1);
  if (/^x[0-9a-fA-F]/.test(body)) return String.fromCharCode(Number.parseInt(body.slice(1), 16));
  if (/^[0-7]/.test(body)) return String.fromCharCode(Number.parseInt(body, 8) & 255);
  return ESCAPES[body] ?? body;
}
