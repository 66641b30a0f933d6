// Sigma's texts: wildcards and escapes as the specification has them, and what the modifiers make of a text.
import type { Rewrite } from "./modifiers.ts";
import { ANY, ONE, type Test } from "./rule.ts";

/** Any of the five that a Windows command line takes for each other. */
const DASH = Symbol("dash");
const DASHES = ["-", "/", "\u2013", "\u2014", "\u2015"] as const;

type Piece = string | Uint8Array | typeof ANY | typeof ONE | typeof DASH;
type Pieces = readonly Piece[];

/** `text` or, where there are more dashes than can be written out, `regex`. */
export type TextTest = Extract<Test, { kind: "text" | "regex" }>;
export type TextProblem = { readonly message: string };

export type TextOptions = {
  readonly rewrites: readonly Rewrite[];
  readonly cased: boolean;
  /** It may stand anywhere in the record: wildcards at its ends mean nothing. */
  readonly isKeyword: boolean;
};

const LONGEST = 8_192;
/** 5 to the power of 3: what is written out as patterns; one expression stands for more. */
const MOST_PATTERNS = 125;
/** 5 to the power of 4: what is written out to be encoded. */
const MOST_ENCODED = 625;

/** All that one value stands for: any of them will do. */
export function readText(text: string, options: TextOptions): readonly TextTest[] | TextProblem {
  if (text.length > LONGEST) return { message: `longer than ${LONGEST} characters: shorten it` };
  let all: readonly Pieces[] = [readPieces(text)];
  for (const rewrite of options.rewrites) {
    const made = rewriteAll(all, rewrite);
    if ("message" in made) return made;
    all = made;
  }
  const tests: TextTest[] = [];
  for (const pieces of all) {
    const decoded = decode(pieces);
    if (!decoded)
      return {
        message:
          "this is not text any more once it is encoded to UTF-16: write `base64` or `base64offset` behind it",
      };
    tests.push(...testsOf(options.isKeyword ? trimmed(decoded) : decoded, options));
  }
  return tests;
}

/** `\` takes the meaning from a wildcard or a backslash behind it; before anything else it is itself. */
function readPieces(text: string): Pieces {
  const pieces: Piece[] = [];
  let literal = "";
  const end = (): void => {
    if (literal !== "") pieces.push(literal);
    literal = "";
  };
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    const next = text.charAt(at + 1);
    if (character === "\\" && (next === "*" || next === "?" || next === "\\")) {
      literal += next;
      at += 1;
    } else if (character === "*" || character === "?") {
      end();
      pieces.push(character === "*" ? ANY : ONE);
    } else literal += character;
  }
  end();
  return pieces;
}

function rewriteAll(all: readonly Pieces[], rewrite: Rewrite): readonly Pieces[] | TextProblem {
  if (rewrite === "contains") return all.map((pieces) => [ANY, ...pieces, ANY]);
  if (rewrite === "startswith") return all.map((pieces) => [...pieces, ANY]);
  if (rewrite === "endswith") return all.map((pieces) => [ANY, ...pieces]);
  if (rewrite === "windash") return all.map((pieces) => pieces.flatMap(dashed));
  return encodeAll(all, rewrite);
}

function dashed(piece: Piece): Piece[] {
  if (typeof piece !== "string") return [piece];
  return piece.split(/([-/\u2013\u2014\u2015])/u).flatMap((part): Piece[] => {
    if (part === "") return [];
    return DASHES.some((dash) => dash === part) ? [DASH] : [part];
  });
}

type Encode = Extract<Rewrite, `utf16${string}` | `base64${string}`>;

function encodeAll(all: readonly Pieces[], encode: Encode): readonly Pieces[] | TextProblem {
  const made: Pieces[] = [];
  for (const pieces of all) {
    const written = writeOutDashes(pieces, MOST_ENCODED);
    if (!written)
      return {
        message: `with each of its dashes as any of five this makes more than ${MOST_ENCODED} values to encode: shorten it`,
      };
    for (const one of written) {
      const encoded = encodeOne(one, encode);
      if ("message" in encoded) return encoded;
      made.push(...encoded);
    }
  }
  return made;
}

function encodeOne(pieces: Pieces, encode: Encode): readonly Pieces[] | TextProblem {
  if (encode === "base64" || encode === "base64offset") {
    const bytes = bytesOf(pieces);
    if (!bytes)
      return {
        message: "a wildcard cannot be encoded: escape it (\\* or \\?), or split the value",
      };
    if (encode === "base64") return [[bytes.toString("base64")]];
    return base64Offsets(bytes).map((text) => (text === "" ? [] : [text]));
  }
  const utf16 = pieces.map((piece) => {
    const bytes = typeof piece === "string" ? Buffer.from(piece, "utf16le") : piece;
    return encode === "utf16be" && typeof piece === "string" && bytes instanceof Buffer
      ? bytes.swap16()
      : bytes;
  });
  return [encode === "utf16" ? [Buffer.from([0xff, 0xfe]), ...utf16] : utf16];
}

/** Undefined where a wildcard stands among them. */
function bytesOf(pieces: Pieces): Buffer | undefined {
  const bytes = pieces.flatMap((piece) => (typeof piece === "symbol" ? [] : [Buffer.from(piece)]));
  return bytes.length === pieces.length ? Buffer.concat(bytes) : undefined;
}

/**
 * What stays the same wherever the value stands among others: three shifts by a byte, each without the characters that hold
 * bits of what is before or behind.
 */
function base64Offsets(bytes: Buffer): string[] {
  return [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString("base64");
    return text.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.length) * 8) / 6));
  });
}

/** Undefined where it would be more than `most`. */
function writeOutDashes<Of extends Piece>(
  pieces: readonly Of[],
  most: number,
): (Of | (typeof DASHES)[number])[][] | undefined {
  const count = pieces.filter((piece) => piece === DASH).length;
  if (DASHES.length ** count > most) return undefined;
  let made: (Of | (typeof DASHES)[number])[][] = [[]];
  for (const piece of pieces) {
    const choices = piece === DASH ? DASHES : [piece];
    made = made.flatMap((head) => choices.map((choice) => [...head, choice]));
  }
  return made;
}

/** Bytes as the text that they are; undefined where they are none. */
function decode(pieces: Pieces): Exclude<Piece, Uint8Array>[] | undefined {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  try {
    return pieces.map((piece) => (piece instanceof Uint8Array ? decoder.decode(piece) : piece));
  } catch {
    return undefined;
  }
}

type TextPiece = Exclude<Piece, Uint8Array>;

function trimmed(pieces: readonly TextPiece[]): readonly TextPiece[] {
  const first = pieces.findIndex((piece) => piece !== ANY);
  const last = pieces.findLastIndex((piece) => piece !== ANY);
  return first < 0 ? pieces.slice(0, 1) : pieces.slice(first, last + 1);
}

function testsOf(pieces: readonly TextPiece[], { cased, isKeyword }: TextOptions): TextTest[] {
  const written = writeOutDashes(pieces, MOST_PATTERNS);
  if (!written) {
    const body = pieces.map(regexOf).join("");
    const source = isKeyword ? body : `\\A${body}\\z`;
    return [
      { kind: "regex", source, flags: { ignoreCase: !cased, multiline: false, dotAll: true } },
    ];
  }
  return written.map((one) => ({ kind: "text", pattern: { parts: merge(one), cased } }));
}

function merge(pieces: Pieces): (string | typeof ANY | typeof ONE)[] {
  const parts: (string | typeof ANY | typeof ONE)[] = [];
  for (const piece of pieces) {
    const before = parts.at(-1);
    if (typeof piece === "string" && typeof before === "string")
      parts[parts.length - 1] = before + piece;
    else if (piece === ONE || typeof piece === "string" || (piece === ANY && before !== ANY))
      parts.push(piece);
  }
  return parts;
}

function regexOf(piece: TextPiece): string {
  if (piece === ANY) return ".*";
  if (piece === ONE) return ".";
  return piece === DASH ? "[-/\u2013\u2014\u2015]" : escapeRegex(piece);
}

/** The pattern of a text with wildcards as an expression: what a placeholder's value is in `re`. */
export function textAsRegex(text: string): string {
  return `(?:${readPieces(text)
    .map((piece) => (piece instanceof Uint8Array ? "" : regexOf(piece)))
    .join("")})`;
}

const escapeRegex = (text: string): string => text.replaceAll(/[\\^$.|?*+()[\]{}-]/g, "\\$&");
