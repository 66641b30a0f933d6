// One test of a rule as SQL over one value.
import { quote } from "../../db/click-bind.ts";
import {
  ANY,
  type Comparison,
  ONE,
  type RegexFlags,
  type Test,
  type TextPattern,
  type TimePart,
} from "../sigma/rule.ts";
import { cidrSql } from "./cidr-sql.ts";
import { foldAllSql, foldPlain, isPlain } from "./fold.ts";

/** SQL of a value that is there: itself, and folded by `foldSql`. Both String, never null. */
export type ValueSql = { readonly value: string; readonly folded: string };

/** Tests of the value itself; the others ask whether there is one, or for a second one. */
export type ValueTest = Exclude<Test, { kind: "null" | "exists" | "field" }>;

export function isValueTest(test: Test): test is ValueTest {
  return test.kind !== "null" && test.kind !== "exists" && test.kind !== "field";
}

/** SQL, Bool, never null. */
export function valueTestSql(test: ValueTest, of: ValueSql): string {
  if (test.kind === "text") return patternSql(test.pattern, of);
  if (test.kind === "regex")
    return `match(${of.value}, ${quote(regexSource(test.source, test.flags))})`;
  if (test.kind === "cidr") return cidrSql(test.range, of.value);
  if (test.kind === "compare") return compareSql(test, of.value);
  if (test.kind === "flag") return `${of.folded} = '${test.value}'`;
  return `ifNull(toFloat64OrNull(${of.value}) = ${numberSql(test.value)}, false)`;
}

/**
 * In RE2 as ClickHouse runs it: there `.` matches a line's end unless it is told not to, a NUL ends a pattern, and what a match must contain
 * is looked for first, byte by byte: of `日?` it wants the first two bytes. So what is not ASCII is written by its number.
 */
export function regexSource(source: string, flags: RegexFlags): string {
  const on = `${flags.ignoreCase ? "i" : ""}${flags.multiline ? "m" : ""}${flags.dotAll ? "s" : ""}`;
  return `(?${on}${flags.dotAll ? "" : "-s"})${source.replace(/\0|\P{ASCII}/gu, byNumber)}`;
}

function byNumber(character: string): string {
  return `\\x{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

function numberSql(value: number): string {
  return `toFloat64(${Object.is(value, -0) ? "0" : String(value)})`;
}

const OPERATORS = {
  lt: "<",
  lte: "<=",
  gt: ">",
  gte: ">=",
  eq: "=",
  neq: "!=",
} as const satisfies Record<Comparison, string>;

const TIME_FUNCTIONS = {
  minute: "toMinute",
  hour: "toHour",
  day: "toDayOfMonth",
  week: "toISOWeek",
  month: "toMonth",
  year: "toYear",
} as const satisfies Record<TimePart, string>;

function compareSql({ op, to, of }: Extract<Test, { kind: "compare" }>, value: string): string {
  const compared = `${OPERATORS[op]} ${numberSql(to)}`;
  if (of === undefined) {
    const number = `toFloat64OrNull(${value})`;
    return `ifNull(isFinite(${number}) and ${number} ${compared}, false)`;
  }
  // Shorter text is a number that would be read as some day of this year.
  const time = `parseDateTime64BestEffortOrNull(${value}, 6, 'UTC')`;
  return `(length(${value}) >= 8 and ifNull(${TIME_FUNCTIONS[of]}(${time}) ${compared}, false))`;
}

export type FieldComparison = Extract<Test, { kind: "field" }>;

/** SQL, Bool, of two values that are both there. */
export function fieldTestSql({ how, cased }: FieldComparison, one: string, other: string): string {
  const [a, b] = cased ? [one, other] : [foldAllSql(one), foldAllSql(other)];
  return COMPARED[how](a, b);
}

const COMPARED = {
  equals: (a, b) => `${a} = ${b}`,
  startswith: (a, b) => `startsWith(${a}, ${b})`,
  endswith: (a, b) => `endsWith(${a}, ${b})`,
  contains: (a, b) => `position(${a}, ${b}) > 0`,
} as const satisfies Record<FieldComparison["how"], (a: string, b: string) => string>;

/** Is the pattern run as a regular expression, for want of something cheaper? Of merged parts. */
export function needsRegex(parts: TextPattern["parts"], cased: boolean): boolean {
  const literals = parts.filter((part) => typeof part === "string");
  return parts.includes(ONE) || literals.length > 1 || !(cased || literals.every(isPlain));
}

function patternSql({ parts, cased }: TextPattern, of: ValueSql): string {
  const merged = mergeParts(parts);
  if (needsRegex(merged, cased)) return `match(${of.value}, ${quote(patternRegex(merged, cased))})`;
  const literal = merged.find((part) => typeof part === "string");
  if (literal === undefined) return merged.length > 0 ? "true" : `${of.value} = ''`;
  const [text, wanted] = cased
    ? [of.value, quote(literal)]
    : [of.folded, quote(foldPlain(literal))];
  if (merged.length === 3) return `position(${text}, ${wanted}) > 0`;
  if (merged.length === 1) return `${text} = ${wanted}`;
  return `${merged[0] === ANY ? "endsWith" : "startsWith"}(${text}, ${wanted})`;
}

/** Neighbouring literals as one, `**` as `*`, no empty ones. */
export function mergeParts(parts: TextPattern["parts"]): TextPattern["parts"] {
  const merged: (string | typeof ANY | typeof ONE)[] = [];
  for (const part of parts) {
    const before = merged.at(-1);
    if (part === "" || (part === ANY && before === ANY)) continue;
    if (typeof part === "string" && typeof before === "string")
      merged[merged.length - 1] = before + part;
    else merged.push(part);
  }
  return merged;
}

/** The same pattern that stands anywhere in the value. */
export function anywhere({ parts, cased }: TextPattern): TextPattern {
  return { parts: mergeParts([ANY, ...parts, ANY]), cased };
}

/** RE2. `\C` is any byte, so that `*` also steps over what is no UTF-8. */
export function patternRegex(parts: TextPattern["parts"], cased: boolean): string {
  const body = parts.map((part) => {
    if (part === ANY) return "\\C*";
    return part === ONE ? "." : escapeRegex(part);
  });
  return `(?s${cased ? "" : "i"})\\A${body.join("")}\\z`;
}

/** In RE2 and in Hyperscan. */
export function escapeRegex(literal: string): string {
  return literal.replace(
    /(?![A-Za-z0-9])\p{ASCII}/gu,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}
