// What stands behind a backslash.
import { RefusedError, type Scanner } from "./scanner.ts";

/** Ranges as they stand in a character class. `\h`, `\v` and their opposites are not in RE2, whose `\v` is something else. */
const HORIZONTAL =
  "\\t\\x20\\x{a0}\\x{1680}\\x{180e}\\x{2000}-\\x{200a}\\x{202f}\\x{205f}\\x{3000}";
const NOT_HORIZONTAL =
  "\\x00-\\x08\\x0a-\\x1f\\x21-\\x{9f}\\x{a1}-\\x{167f}\\x{1681}-\\x{180d}\\x{180f}-\\x{1fff}\\x{200b}-\\x{202e}\\x{2030}-\\x{205e}\\x{2060}-\\x{2fff}\\x{3001}-\\x{10ffff}";
const VERTICAL = "\\n-\\r\\x{85}\\x{2028}\\x{2029}";
const NOT_VERTICAL = "\\x00-\\x09\\x0e-\\x{84}\\x{86}-\\x{2027}\\x{202a}-\\x{10ffff}";

const SETS: ReadonlyMap<string, string> = new Map([
  ...["d", "D", "w", "W", "s", "S"].map((name) => [name, `\\${name}`] as const),
  ["h", HORIZONTAL],
  ["H", NOT_HORIZONTAL],
  ["v", VERTICAL],
  ["V", NOT_VERTICAL],
]);

const CONTROLS: ReadonlyMap<string, number> = new Map([
  ["a", 7],
  ["e", 27],
  ["f", 12],
  ["n", 10],
  ["r", 13],
  ["t", 9],
]);

const ASSERTIONS: ReadonlyMap<string, string> = new Map([
  ["A", "\\A"],
  ["b", "\\b"],
  ["B", "\\B"],
  ["z", "\\z"],
  ["Z", "(?:\\n?\\z)"],
  ["N", "[^\\n]"],
  ["R", `(?:\\r\\n|[${VERTICAL}])`],
  ["E", ""],
]);

const BACK_REFERENCE = "a back-reference does not run in linear time: write out what is repeated";
const REFUSED: ReadonlyMap<string, string> = new Map([
  ...["g", "k", "1", "2", "3", "4", "5", "6", "7", "8", "9"].map(
    (name) => [name, BACK_REFERENCE] as const,
  ),
  ["K", "\\K does not run in linear time: remove it, since only whether something is found counts"],
  ["G", "\\G means nothing here: write `\\A` for the start of the text"],
  ["X", "\\X does not run in linear time: write `.` for a character"],
  ["C", "\\C means nothing here: write `.` for a character"],
  ["u", "\\u means nothing in PCRE: write \\x{…} with the hexadecimal digits in braces"],
  ["U", "\\U means nothing here: remove it"],
  ["L", "\\L means nothing here: remove it"],
  ["l", "\\l means nothing here: remove it"],
]);

/** One of several characters, as it stands inside a class, or one character. */
export type Escaped = { readonly set: string } | { readonly point: number };

/** Outside of a class. `at`: of the backslash, which the scanner stands behind. */
export function readEscape(scanner: Scanner, at: number): string {
  if (scanner.takeMatch(/Q/y)) return quotation(scanner);
  if (!scanner.text.startsWith("N{", scanner.at)) {
    const assertion = ASSERTIONS.get(scanner.peek());
    if (assertion !== undefined) {
      scanner.take();
      return assertion;
    }
  }
  const escaped = readEscaped(scanner, at);
  if ("point" in escaped) return writePoint(escaped.point);
  return escaped.set.length <= 2 || /^\\[pP]/.test(escaped.set) ? escaped.set : `[${escaped.set}]`;
}

/** What means the same inside and outside of a class. */
export function readEscaped(scanner: Scanner, at: number): Escaped {
  const name = scanner.peek();
  if (name === "")
    throw new RefusedError(at, "nothing follows the backslash: write `\\\\` for the character");
  const refused = REFUSED.get(name);
  if (refused !== undefined) throw new RefusedError(at, refused);
  if (name === "p" || name === "P") return readProperty(scanner, at);
  const number = readNumber(scanner, at);
  if (number !== undefined) return { point: checkPoint(number, at) };
  scanner.take();
  const set = SETS.get(name);
  if (set !== undefined) return { set };
  const control = CONTROLS.get(name);
  if (control !== undefined) return { point: control };
  if (/[A-Za-z]/.test(name))
    throw new RefusedError(at, `\\${name} means nothing: write \`${name}\``);
  return { point: name.codePointAt(0) ?? 0 };
}

/** As RE2 reads it, outside of a class or, where nothing but these mean something, inside. */
export function writePoint(point: number, special = /[\\^$.|?*+()[\]{}-]/): string {
  const character = String.fromCodePoint(point);
  if (point < 0x20 || point === 0x7f) return `\\x${point.toString(16).padStart(2, "0")}`;
  return special.test(character) ? `\\${character}` : character;
}

function quotation(scanner: Scanner): string {
  const found = scanner.takeMatch(/([\s\S]*?)(?:\\E|$)/y);
  const written = Array.from(found?.[1] ?? "", (character) =>
    writePoint(character.codePointAt(0) ?? 0),
  ).join("");
  return written.length > 1 ? `(?:${written})` : written;
}

const NUMBERS: readonly { form: RegExp; radix: number }[] = [
  { form: /x\{([0-9A-Fa-f]+)\}/y, radix: 16 },
  { form: /x([0-9A-Fa-f]{0,2})/y, radix: 16 },
  { form: /N\{U\+([0-9A-Fa-f]+)\}/y, radix: 16 },
  { form: /o\{([0-7]+)\}/y, radix: 8 },
  { form: /(0[0-7]{0,2})/y, radix: 8 },
];

function readNumber(scanner: Scanner, at: number): number | undefined {
  for (const { form, radix } of NUMBERS) {
    const found = scanner.takeMatch(form);
    if (found) return Number.parseInt(found[1] === "" ? "0" : (found[1] ?? "0"), radix);
  }
  const control = scanner.takeMatch(/c([\x20-\x7e])/y);
  if (control) return (control[1] ?? "").toUpperCase().charCodeAt(0) ^ 0x40;
  if (/[xcoN]/.test(scanner.peek()))
    throw new RefusedError(
      at,
      "this character is not written as it should be: \\xhh or \\x{…} with hexadecimal digits",
    );
  return undefined;
}

function checkPoint(point: number, at: number): number {
  const isCharacter = point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
  if (!isCharacter) throw new RefusedError(at, "there is no character of this number");
  return point;
}

function readProperty(scanner: Scanner, at: number): Escaped {
  const found = scanner.takeMatch(/([pP])(?:\{(\^?)([A-Za-z_]+)\}|([A-Z]))/y);
  const [, letter, opposite = "", long, short] = found ?? [];
  const name = long ?? short ?? "";
  if (letter === undefined || !isProperty(name))
    throw new RefusedError(
      at,
      "there is no such property: write a category such as \\p{Lu} or a script such as \\p{Greek}",
    );
  return { set: `\\${letter}{${opposite}${name}}` };
}

/** General categories and scripts are what RE2 knows. */
function isProperty(name: string): boolean {
  if (name === "Any") return true;
  const form = /^[A-Z][a-z]?$/.test(name) ? `General_Category=${name}` : `Script=${name}`;
  try {
    return new RegExp(`\\p{${form}}`, "u").source !== "";
  } catch {
    return false;
  }
}
