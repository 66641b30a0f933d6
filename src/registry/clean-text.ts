// Unicode forms that identifiers are compared in. Node and ClickHouse take them from the same Unicode version; a test compares
// every code point.
import { bound } from "./sql-text.ts";

/** Characters that nobody sees: controls, soft hyphen, zero-width, direction marks, tags, the replacement character. */
export const HIDDEN_RANGES: readonly (readonly [number, number])[] = [
  [0x00, 0x1f],
  [0x7f, 0x9f],
  [0xad, 0xad],
  [0x61c, 0x61c],
  [0x180e, 0x180e],
  [0x200b, 0x200f],
  [0x2028, 0x202e],
  [0x2060, 0x206f],
  [0xfeff, 0xfeff],
  [0xfff9, 0xffff],
  [0xe0000, 0xe0fff],
];

const SPACE_RANGES: readonly (readonly [number, number])[] = [
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
];

export const HIDDEN = ranges(HIDDEN_RANGES, "js");
export const HIDDEN_SQL = ranges(HIDDEN_RANGES, "re2");
const edge = (dialect: "js" | "re2"): string => {
  const blank = `[${ranges(SPACE_RANGES, dialect)}${ranges(HIDDEN_RANGES, dialect)}]+`;
  return `^${blank}|${blank}$`;
};
const EDGE = new RegExp(edge("js"), "gu");

/** NFKC, lower case, nothing blank or hidden at the ends. */
export function cleanText(text: string): string {
  return lowered(text).replace(EDGE, "");
}

/** As `cleanText`, for a ClickHouse String that may hold anything: bytes that are not UTF-8 become U+FFFD. */
export function cleanTextSql(value: string): string {
  return bound(
    "ct0",
    value,
    bound(
      "ct1",
      `if(isASCII(ct0), lower(ct0), normalizeUTF8NFKC(lowerUTF8(normalizeUTF8NFKC(toValidUTF8(ct0)))))`,
      `if(match(ct1, '${sqlPattern("^[!-~].*[!-~]$|^[!-~]?$")}') , ct1, replaceRegexpAll(ct1, '${sqlPattern(edge("re2"))}', ''))`,
    ),
  );
}

/** NFKC and case-folded: `Straße` and `STRASSE` are one, and so are Σ, σ and ς. */
export function foldText(text: string): string {
  return cleanText(text.toWellFormed().normalize("NFKC").toUpperCase());
}

export function foldTextSql(value: string): string {
  return cleanTextSql(
    bound("ft0", value, `if(isASCII(ft0), ft0, upperUTF8(normalizeUTF8NFKC(toValidUTF8(ft0))))`),
  );
}

/** A regular expression as it stands in a ClickHouse string literal. */
export function sqlPattern(pattern: string): string {
  return pattern.replaceAll("\\", "\\\\").replaceAll("'", "\\'");
}

function lowered(text: string): string {
  return text.toWellFormed().normalize("NFKC").toLowerCase().normalize("NFKC");
}

function ranges(of: readonly (readonly [number, number])[], dialect: "js" | "re2"): string {
  const point = (code: number): string =>
    dialect === "js" ? `\\u{${code.toString(16)}}` : `\\x{${code.toString(16)}}`;
  return of.map(([from, to]) => `${point(from)}-${point(to)}`).join("");
}
