// What `field|modifier|…: value` asks of a field, by the specification's appendix of modifiers. Modifiers are applied to a
// value one after the other, in the order written.
import { type Json, textOf } from "./event.ts";
import { ANY, literally, type Pattern, plainText, readPattern } from "./pattern.ts";

export type Placeholders = ReadonlyMap<string, readonly string[]>;

/** One of the texts that a value stands for (windash and base64offset make several), and how it is to be compared. */
export type Ask = {
  /** As written in the rule, its placeholders filled in. */
  readonly value: Json;
  readonly pattern: Pattern;
  /** Set where the value has been encoded to bytes that are no text by themselves. */
  readonly bytes: Buffer | undefined;
  readonly modifiers: ReadonlySet<string>;
};

/** All texts that one value of a rule stands for: any of them will do. */
export function asksOf(
  value: Json,
  modifiers: readonly string[],
  placeholders: Placeholders,
): Ask[] {
  const texts =
    modifiers.includes("expand") && typeof value === "string"
      ? expansions(value, placeholders)
      : [value];
  const written = texts.map((text): Ask => ({
    value: text,
    pattern: typeof text === "string" ? readPattern(text) : literally(textOf(text)),
    bytes: undefined,
    modifiers: new Set(modifiers),
  }));
  return modifiers.reduce<Ask[]>(
    (asks, modifier) => asks.flatMap((ask) => rewrite(ask, modifier)),
    written,
  );
}

function rewrite(ask: Ask, modifier: string): Ask[] {
  // In a regular expression and in a field's name, these say how to compare; they change no text.
  if (ask.modifiers.has("re") || ask.modifiers.has("fieldref")) return [ask];
  return REWRITES.get(modifier)?.(ask) ?? [ask];
}

type Rewrite = (ask: Ask) => Ask[];

const REWRITES: ReadonlyMap<string, Rewrite> = new Map<string, Rewrite>([
  ["contains", (ask) => [{ ...ask, pattern: [ANY, ...ask.pattern, ANY] }]],
  ["startswith", (ask) => [{ ...ask, pattern: [...ask.pattern, ANY] }]],
  ["endswith", (ask) => [{ ...ask, pattern: [ANY, ...ask.pattern] }]],
  ["windash", (ask) => dashes(ask.pattern).map((pattern) => ({ ...ask, pattern }))],
  ["base64", (ask) => [asText(ask, bytesOf(ask).toString("base64"))]],
  ["base64offset", (ask) => base64Offsets(bytesOf(ask)).map((text) => asText(ask, text))],
  ["utf16le", (ask) => [asBytes(ask, utf16(ask))]],
  ["wide", (ask) => [asBytes(ask, utf16(ask))]],
  ["utf16be", (ask) => [asBytes(ask, utf16(ask).swap16())]],
  ["utf16", (ask) => [asBytes(ask, Buffer.concat([Buffer.from([0xff, 0xfe]), utf16(ask)]))]],
]);

const asText = (ask: Ask, text: string): Ask => ({
  ...ask,
  bytes: undefined,
  pattern: literally(text),
});

const asBytes = (ask: Ask, bytes: Buffer): Ask => ({
  ...ask,
  bytes,
  pattern: literally(bytes.toString("utf8")),
});

const bytesOf = (ask: Ask): Buffer => ask.bytes ?? Buffer.from(plainText(ask.pattern), "utf8");
const utf16 = (ask: Ask): Buffer => Buffer.from(plainText(ask.pattern), "utf16le");

const DASHES = ["-", "/", "\u2013", "\u2014", "\u2015"];

/** Each of the five for each of the five: all permutations. */
function dashes(pattern: Pattern): Pattern[] {
  let made: Pattern[] = [[]];
  for (const part of pattern) {
    const choices: readonly Pattern[number][] =
      typeof part === "string" && DASHES.includes(part) ? DASHES : [part];
    made = made.flatMap((head): Pattern[] => choices.map((choice) => [...head, choice]));
  }
  return made;
}

/**
 * The part of the encoding that stays the same wherever the value stands: three shifts, each without the characters that
 * share bits with what is before or behind.
 */
function base64Offsets(bytes: Buffer): string[] {
  return [0, 1, 2].map((shift) => {
    const bits = (shift + bytes.length) * 8;
    const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString("base64");
    return text.slice(Math.ceil((shift * 8) / 6), Math.floor(bits / 6));
  });
}

/** `%name%` becomes each of its values; `\%` is a plain percent sign. */
function expansions(written: string, placeholders: Placeholders): string[] {
  const pieces = written.match(/\\%|%[^%\s]+%|[\s\S]/gu) ?? [];
  return pieces.reduce<string[]>(
    (made, piece) => {
      const choices = choicesOf(piece, placeholders);
      return made.flatMap((head) => choices.map((choice) => head + choice));
    },
    [""],
  );
}

function choicesOf(piece: string, placeholders: Placeholders): readonly string[] {
  if (piece === "\\%") return ["%"];
  if (piece.length < 3) return [piece];
  const values = placeholders.get(piece.slice(1, -1));
  if (!values) throw new Error(`no values for the placeholder ${piece}`);
  return values;
}
