// YAML 1.2 (core schema: `no` is text, a date is text) into plain values that remember where each was written.
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type YAMLError,
} from "yaml";
import type { Problem } from "../core/errors.ts";

export type KeyPath = readonly PropertyKey[];

/** A file's value with its positions. `problems` is what was wrong already. */
export type YamlTree = {
  readonly value: unknown;
  readonly problems: Problem[];
  /** False where the structure itself could not be read: nothing more can be said of it. */
  readonly isWhole: boolean;
  /** `file:line:column` of the value at the path; of its key with `key`; `offset` characters into its text. */
  at(path: KeyPath, options?: { readonly key?: boolean; readonly offset?: number }): string;
};

const MOST_BYTES = 1_048_576;
const MOST_NODES = 50_000;
const MOST_ALIASES = 200;
const DEEPEST = 60;

type Place = { readonly key: number; readonly value: number; readonly text: number };

/** Never throws, whatever the text is. `name` is what problems call the file. */
export function readYamlTree(name: string, written: string): YamlTree {
  const text = written.startsWith("\u{FEFF}") ? written.slice(1) : written;
  if (Buffer.byteLength(text) > MOST_BYTES)
    return unreadable(
      name,
      `larger than ${MOST_BYTES / 1024} KiB: put lists into files of their own`,
    );
  const lines = new LineCounter();
  const document = parsed(text, lines);
  if (!document) return unreadable(name, "nested too deeply");
  const walk = new Walk(name, lines, document);
  for (const error of document.errors) walk.refuse(error.pos[0], syntaxMessage(error));
  const isWhole = document.errors.every((error) => error.code === "DUPLICATE_KEY");
  const value = isWhole ? walk.value(document.contents, []) : undefined;
  return {
    value,
    problems: walk.problems,
    isWhole: isWhole && !walk.isCut,
    at: (path, options) => walk.at(path, options),
  };
}

class Walk {
  readonly problems: Problem[] = [];
  isCut = false;
  readonly #name: string;
  readonly #lines: LineCounter;
  readonly #document: Document;
  readonly #places = new Map<string, Place>();
  #nodes = 0;
  #aliases = 0;

  constructor(name: string, lines: LineCounter, document: Document) {
    this.#name = name;
    this.#lines = lines;
    this.#document = document;
  }

  refuse(offset: number, message: string): void {
    this.problems.push({ at: this.#where(offset), message });
  }

  at(path: KeyPath, { key = false, offset = 0 }: { key?: boolean; offset?: number } = {}): string {
    for (let length = path.length; length >= 0; length -= 1) {
      const place = this.#places.get(nameOf(path.slice(0, length)));
      if (!place) continue;
      if (length < path.length) return this.#where(place.value);
      if (offset > 0) return this.#where(place.text + offset);
      return this.#where(key ? place.key : place.value);
    }
    return this.#where(0);
  }

  value(node: unknown, path: KeyPath, keyOffset?: number): unknown {
    const start = startOf(node) ?? keyOffset ?? 0;
    this.#nodes += 1;
    if (isAlias(node)) this.#aliases += 1;
    if (this.#nodes > MOST_NODES || this.#aliases > MOST_ALIASES || path.length > DEEPEST)
      return this.#cut(start);
    if (isAlias(node)) return this.value(node.resolve(this.#document), path, keyOffset);
    this.#places.set(nameOf(path), {
      key: keyOffset ?? start,
      value: start,
      text: start + quoteOf(node),
    });
    if (isMap(node)) return this.#map(node.items, path);
    if (isSeq(node)) return node.items.map((item, n) => this.value(item, [...path, n]));
    return isScalar(node) ? this.#scalar(node.value, start) : null;
  }

  #cut(start: number): undefined {
    const most = `${MOST_NODES} values, ${MOST_ALIASES} aliases, ${DEEPEST} levels`;
    if (!this.isCut) this.refuse(start, `from here on it holds more than a file may: ${most}`);
    this.isCut = true;
  }

  #map(items: readonly { key: unknown; value: unknown }[], path: KeyPath): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    for (const { key, value } of items) {
      const at = startOf(key) ?? 0;
      const name = keyText(key);
      if (name === undefined) this.refuse(at, "this cannot be a key: write a plain name");
      else object[name] = this.value(value, [...path, name], at);
    }
    return object;
  }

  #scalar(value: unknown, start: number): unknown {
    if (typeof value === "bigint") return Number(value);
    if (typeof value === "number" && !Number.isFinite(value))
      this.refuse(start, "this number cannot be used here");
    return value;
  }

  #where(offset: number): string {
    const { line, col } = this.#lines.linePos(offset);
    return `${this.#name}:${Math.max(line, 1)}:${Math.max(col, 1)}`;
  }
}

/** 1 where the text begins after a quote. */
function quoteOf(node: unknown): number {
  return isScalar(node) && (node.type === "QUOTE_DOUBLE" || node.type === "QUOTE_SINGLE") ? 1 : 0;
}

/** Text, or a number or truth value as it is written. */
function keyText(key: unknown): string | undefined {
  const value = isScalar(key) ? key.value : undefined;
  if (typeof value === "string") return value === "__proto__" || value === "<<" ? undefined : value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}

function isNode(node: unknown): node is Node {
  return isScalar(node) || isMap(node) || isSeq(node) || isAlias(node);
}

function nameOf(path: KeyPath): string {
  return path.map(String).join("\0");
}

// The parser recurses: a hostile nesting ends its stack, and nothing else.
function parsed(text: string, lineCounter: LineCounter): Document | undefined {
  try {
    return parseDocument(text, {
      lineCounter,
      prettyErrors: false,
      version: "1.2",
    });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function unreadable(name: string, message: string): YamlTree {
  const at = `${name}:1:1`;
  return { value: undefined, problems: [{ at, message }], isWhole: false, at: () => at };
}

// Of our own words: the parser's may quote the text, and the text may be a secret.
function syntaxMessage({ code }: YAMLError): string {
  return (
    SYNTAX[code] ??
    "this is not YAML: look at the indentation, the quotes and the brackets around here"
  );
}

const SYNTAX: Readonly<Partial<Record<string, string>>> = {
  DUPLICATE_KEY: "this key stands here twice: keep one",
  TAB_AS_INDENT: "a tab cannot indent: use spaces",
  BAD_INDENT: "the indentation does not fit the lines above",
  MISSING_CHAR: "something is missing here: a quote, a bracket, a comma or a colon with a space",
  BAD_ALIAS: "there is no anchor of this name above",
  MULTIPLE_DOCS: "one file, one document: remove the ---",
  BAD_DQ_ESCAPE: 'this backslash means nothing in "…": write \\\\ or use single quotes',
  BAD_SCALAR_START: "a text cannot start with this character: put it in quotes",
  TAG_RESOLVE_FAILED: "tags (!…) mean nothing here: remove it",
  MULTILINE_IMPLICIT_KEY: "a key must stand on one line: is a colon or a quote missing?",
  BLOCK_AS_IMPLICIT_KEY: "the indentation does not fit: a list or a map starts inside a line",
};
