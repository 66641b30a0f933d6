// YAML 1.2 (core schema: `no` is text, a date is text) of a rule's file, document by document: what is wrong with one does
// not reach the next.
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Pair,
  parseDocument,
  type Scalar,
  type YAMLError,
} from "yaml";
import { Notes } from "./notes.ts";
import type { SourceText } from "./source-text.ts";
import type { YamlEntry, YamlNode, YamlScalar } from "./yaml-node.ts";

/** `root`: undefined where nothing of it could be read; `notes` then say why. */
export type YamlDocument = { readonly root: YamlNode | undefined; readonly notes: Notes };

/** A tree takes three hundred times as much memory as its text: 160 MB for this much. */
const MOST_CHARACTERS = 524_288;
const MOST_DOCUMENTS = 20_000;
const MOST_NODES = 100_000;
const MOST_ALIASES = 200;
const DEEPEST = 30;
const LONGEST_PREAMBLE = 8_192;

/** Documents that hold nothing are left out. Never throws, whatever the text is. */
export function* readYaml(source: SourceText): Generator<YamlDocument> {
  let count = 0;
  for (const { start, end } of documentsOf(source.text)) {
    const notes = new Notes(source);
    count += 1;
    if (count > MOST_DOCUMENTS)
      notes.error(
        start,
        `more than ${MOST_DOCUMENTS} documents in a file: split it; from here on it is not read`,
      );
    const root = notes.hasErrors
      ? undefined
      : readDocument(source.text.slice(start, end), start, notes);
    if (root || notes.hasErrors) yield { root, notes };
    if (count > MOST_DOCUMENTS) return;
  }
}

/**
 * Where each document begins and ends. A line that starts with `---` or `...` is a mark wherever it stands (YAML 1.2.2, 9.1.2:
 * not even a block of text may hold one).
 */
function* documentsOf(text: string): Generator<{ start: number; end: number }> {
  let start = 0;
  for (const mark of text.matchAll(/^(?:---|\.\.\.)(?=[\s]|$)/gm)) {
    const isEnd = mark[0] === "...";
    const end = isEnd ? mark.index + 3 : mark.index;
    if (!isEnd && isPreamble(text, start, end)) continue;
    yield { start, end };
    start = end;
  }
  yield { start, end: text.length };
}

/** Comments and directives belong to the document that they stand before. */
function isPreamble(text: string, start: number, end: number): boolean {
  if (end - start > LONGEST_PREAMBLE) return false;
  const lines = text.slice(start, end).split("\n");
  return lines.every((line) => /^\s*(?:[#%]|$)/.test(line));
}

function readDocument(text: string, start: number, notes: Notes): YamlNode | undefined {
  if (text.length > MOST_CHARACTERS)
    return notes.error(
      start,
      `longer than ${MOST_CHARACTERS / 1024} Ki characters: put long lists of values into placeholders`,
    );
  try {
    return walk({ text, start, notes, document: parse(text) });
  } catch (error) {
    // The parser recurses: a hostile nesting ends its stack, and nothing else.
    if (error instanceof RangeError) return notes.error(start, "nested too deeply");
    throw error;
  }
}

// The parser's own check of keys takes quadratic time.
function parse(text: string): Document {
  return parseDocument(text, {
    prettyErrors: false,
    version: "1.2",
    uniqueKeys: false,
    logLevel: "silent",
  });
}

function walk(around: Around): YamlNode | undefined {
  const { document, notes, start } = around;
  for (const error of document.errors) notes.error(start + error.pos[0], syntaxMessage(error));
  if (notes.hasErrors || document.contents === null) return undefined;
  const root = new Walk(around).node(document.contents, start, 0);
  const isEmpty = root?.is === "scalar" && root.value === null && root.text === "";
  return notes.hasErrors || isEmpty ? undefined : root;
}

type Around = {
  readonly text: string;
  readonly start: number;
  readonly notes: Notes;
  readonly document: Document;
};

class Walk {
  readonly #around: Around;
  #nodes = 0;
  #aliases = 0;
  #isCut = false;

  constructor(around: Around) {
    this.#around = around;
  }

  /** `otherwise`: where it stands if it is not written at all. */
  node(node: unknown, otherwise: number, depth: number): YamlNode | undefined {
    const offset = this.#offsetOf(node) ?? otherwise;
    if (isAlias(node)) this.#aliases += 1;
    this.#nodes += 1;
    if (this.#nodes > MOST_NODES || this.#aliases > MOST_ALIASES || depth > DEEPEST)
      return this.#cut(offset);
    if (isAlias(node)) return this.#alias(node, offset, depth);
    if (isMap(node))
      return { is: "map", offset, entries: this.#entries(node.items, offset, depth) };
    if (isSeq(node)) {
      const items = node.items.map((item) => this.node(item, offset, depth + 1));
      return { is: "list", offset, items: items.filter((item) => item !== undefined) };
    }
    return isScalar(node) ? this.#scalar(node, offset) : nothing(offset);
  }

  #alias(alias: Alias, offset: number, depth: number): YamlNode | undefined {
    const meant = alias.resolve(this.#around.document);
    if (meant) return this.node(meant, offset, depth + 1);
    return this.#around.notes.error(offset, BAD_ALIAS);
  }

  #entries(pairs: readonly Pair[], around: number, depth: number): YamlEntry[] {
    const entries = new Map<string, YamlEntry>();
    for (const pair of pairs) {
      if (this.#isCut) break;
      const keyOffset = this.#offsetOf(pair.key) ?? around;
      const key = keyText(pair.key);
      const value = this.node(pair.value, keyOffset, depth + 1);
      if (key === undefined)
        this.#around.notes.error(keyOffset, "this cannot be a key: write a plain name");
      else if (entries.has(key))
        this.#around.notes.error(
          keyOffset,
          `${shorten(key)} stands here twice: keep one, or write its values as one list`,
        );
      else if (value) entries.set(key, { key, keyOffset, value });
    }
    return [...entries.values()];
  }

  #scalar(scalar: Scalar, offset: number): YamlScalar {
    const { value } = scalar;
    const written = scalar.source ?? (typeof value === "string" ? value : "");
    const offsetOf = (index: number): number =>
      this.#around.start + offsetInScalar(this.#around.text, scalar, index);
    if (typeof value === "string" || value === null || typeof value === "boolean")
      return {
        is: "scalar",
        offset,
        value,
        text: typeof value === "string" ? value : written,
        offsetOf,
      };
    if (typeof value === "number" && Number.isFinite(value))
      return { is: "scalar", offset, value, text: written, offsetOf };
    this.#around.notes.error(
      offset,
      "this value cannot be used: write a text, a number, true, false or null",
    );
    return { is: "scalar", offset, value: null, text: written, offsetOf };
  }

  #cut(offset: number): undefined {
    if (!this.#isCut)
      this.#around.notes.error(
        offset,
        `more than a rule may hold: ${MOST_NODES} values, ${MOST_ALIASES} aliases, ${DEEPEST} levels`,
      );
    this.#isCut = true;
  }

  #offsetOf(node: unknown): number | undefined {
    if (!isScalar(node) && !isMap(node) && !isSeq(node) && !isAlias(node)) return undefined;
    const at = node.range?.[0];
    return at === undefined ? undefined : this.#around.start + at;
  }
}

/** A key without a value. */
function nothing(offset: number): YamlScalar {
  return { is: "scalar", offset, value: null, text: "", offsetOf: () => offset };
}

/** Text, or a number or truth value as it is written. */
function keyText(key: unknown): string | undefined {
  if (!isScalar(key) || key.value === null) return undefined;
  if (typeof key.value === "string")
    return key.value === "<<" && key.type === "PLAIN" ? undefined : key.value;
  return key.source;
}

const shorten = (text: string): string => (text.length > 80 ? `${text.slice(0, 80)}…` : text);

/**
 * Where in the document a character of a text stands. Folding, indentation and quotes change only white space and doubled
 * quotes, so the characters between are counted. In `"…"` with escapes: where the text begins.
 */
function offsetInScalar(text: string, scalar: Scalar, index: number): number {
  const [start = 0, end = start] = scalar.range ?? [];
  const written = text.slice(start, end);
  const first = firstOf(scalar, written);
  if (first === undefined || typeof scalar.value !== "string") return start;
  const isDoubled = (at: number): boolean =>
    scalar.type === "QUOTE_SINGLE" && written.startsWith("''", at);
  let left = scalar.value.slice(0, index).replaceAll(/\s/g, "").length;
  let at = first;
  while (at < written.length) {
    const isSpace = /\s/.test(written.charAt(at));
    if (!isSpace && left === 0) break;
    if (!isSpace) left -= 1;
    at += isDoubled(at) ? 2 : 1;
  }
  return start + Math.min(at, written.length);
}

/** Where the text itself begins; undefined where what follows is not character for character. */
function firstOf({ type }: Scalar, written: string): number | undefined {
  if (type === "BLOCK_LITERAL" || type === "BLOCK_FOLDED") return written.indexOf("\n") + 1;
  if (type === "QUOTE_DOUBLE") return written.includes("\\") ? undefined : 1;
  return type === "QUOTE_SINGLE" ? 1 : 0;
}

const BAD_ALIAS =
  "an alias (*name) means nothing here: there is no anchor of this name above, or a text starts with *: put it in quotes";

// Of our own words: the parser's may quote a text of any length.
function syntaxMessage({ code }: YAMLError): string {
  return (
    SYNTAX[code] ??
    "this is not YAML: look at the indentation, the quotes and the brackets around here"
  );
}

const SYNTAX: Readonly<Partial<Record<string, string>>> = {
  TAB_AS_INDENT: "a tab cannot indent: use spaces",
  BAD_INDENT: "the indentation does not fit the lines above",
  MISSING_CHAR: "something is missing here: a quote, a bracket, a comma or a colon with a space",
  BAD_ALIAS,
  BAD_DQ_ESCAPE: 'this backslash means nothing in "…": use single quotes',
  BAD_SCALAR_START: "a text cannot start with this character: put it in quotes",
  MULTILINE_IMPLICIT_KEY: "a key must stand on one line: is a colon or a quote missing?",
  BLOCK_AS_IMPLICIT_KEY: "the indentation does not fit: a list or a map starts inside a line",
  UNEXPECTED_TOKEN:
    "this does not belong here: look at the indentation, the quotes and the brackets before it",
};
