// Rules and events at random, alike enough that they often match.
import * as fc from "fast-check";
import type { Json } from "./event.ts";

/** A rule's `detection`, as data: JSON is YAML. */
export type AnyDetection = { readonly [name: string]: Json };

const raw = String.raw;

// What breaks quoting, escaping, patterns, case folding and counting of bytes.
const NASTY = [
  ...Array.from("aAkKsSiIbx019"),
  "\u212A",
  "\u017F",
  "\u0131",
  "\u0130",
  "\u00E9",
  "\u00C9",
  "\u00DF",
  "\u1E9E",
  "\u03C3",
  "\u03C2",
  "\u03A3",
  ...Array.from("'\"`%_$^.|()[]{}+-/#@:;,&<>=~ "),
  "\\",
  "\\\\",
  "\n",
  "\r\n",
  "\t",
  "\0",
  "\u2013",
  "\u2028",
  "\u{1F600}",
  "\u{10FFFF}",
  "e\u0301",
  raw`\n`,
  raw`\u0041`,
  "--",
  "/*",
  "{x:String}",
  "null",
  "true",
  "1",
  "10",
  "-5",
  "1.5",
];

const token = fc.constantFrom(...NASTY);
/** Text as events have it. */
const text = fc.array(token, { maxLength: 5 }).map((tokens) => tokens.join(""));
const wildcard = fc.constantFrom("*", "?", raw`\*`, raw`\?`, raw`\\*`, "**", "*?");
const pattern = fc
  .array(fc.oneof({ weight: 5, arbitrary: token }, { weight: 1, arbitrary: wildcard }), {
    maxLength: 4,
  })
  .map((tokens) => tokens.join(""));
/** Without wildcards, for what is encoded. */
const plain = fc
  .array(fc.constantFrom(...Array.from("abkIEX 1é\u{1F600}")), { minLength: 1, maxLength: 4 })
  .map((tokens) => tokens.join(""));

const FIELDS = [
  "A",
  "B",
  "n.x",
  "n.y.z",
  "list",
  "objects.k",
  "it's",
  "a b",
  raw`back\slash`,
  'q"',
  "per%cent",
];
const field = fc.constantFrom(...FIELDS);

const number = fc.oneof(
  fc.integer({ min: -3, max: 12 }),
  fc.constantFrom(1.5, -0.5, 4624, 4_294_967_296, 9_007_199_254_740_991),
);
const time = fc
  .integer({ min: Date.UTC(2019, 11, 28), max: Date.UTC(2027, 0, 5) })
  .map((ms) => new Date(ms).toISOString().replace(".000Z", "Z"));
const address = fc.constantFrom(
  "10.0.0.1",
  "10.0.0.255",
  "10.255.255.255",
  "11.0.0.0",
  "192.168.1.7",
  "0.0.0.0",
  "255.255.255.255",
  "::1",
  "fe80::1",
  "FE80:0:0:0:0:0:0:1",
  "2001:db8::8:800:200c:417a",
  "2001:db8:ffff::",
  "1.2.3",
  "1.2.3.4.5",
  "10.0.0.256",
  "10.0.0.1 ",
  ":::",
  "g::1",
);
const range = fc.constantFrom(
  "10.0.0.0/8",
  "10.0.0.0/24",
  "192.168.0.0/16",
  "0.0.0.0/0",
  "10.0.0.1/32",
  "::1/128",
  "fe80::/10",
  "2001:db8::/32",
  "::/0",
);

// Expressions that PCRE, RE2 and JavaScript understand alike.
const regexAtom = fc.constantFrom(
  "a",
  "k",
  "[a-c]",
  "[^a]",
  ".",
  raw`\d`,
  raw`\.`,
  raw`\\`,
  "(a|k)",
  "(?:x|10)",
  "é",
  "\u{1F600}",
  "'",
  '"',
  "%",
  "_",
  raw`\*`,
  " ",
  "[0-9A-F]",
  raw`[\\/]`,
);
const regexPiece = fc
  .tuple(regexAtom, fc.constantFrom("", "", "", "*", "+", "?", "{1,2}"))
  .map((pair) => pair.join(""));
const regex = fc
  .tuple(
    fc.constantFrom("", "^"),
    fc.array(regexPiece, { minLength: 1, maxLength: 3 }),
    fc.constantFrom("", "$"),
  )
  .map(([start, pieces, end]) => start + pieces.join("") + end);

const listOf = (value: fc.Arbitrary<Json>, minLength = 1): fc.Arbitrary<Json> =>
  fc.oneof(value, fc.array(value, { minLength: Math.max(minLength, 2), maxLength: 3 }));
const several = (value: fc.Arbitrary<Json>): fc.Arbitrary<Json> =>
  fc.uniqueArray(value, { minLength: 2, maxLength: 3 });

/** Modifiers and the values that may stand behind them. */
const CHAINS: readonly (readonly [modifiers: string, values: fc.Arbitrary<Json>])[] = [
  ["", listOf(pattern)],
  ["", listOf(number)],
  ["", fc.boolean()],
  ["", fc.constant(null)],
  ["", fc.constant("")],
  ["|contains", listOf(pattern)],
  ["|startswith", listOf(pattern)],
  ["|endswith", listOf(pattern)],
  ["|cased", listOf(pattern)],
  ["|contains|cased", listOf(pattern)],
  ["|cased|startswith", listOf(pattern)],
  ["|endswith|cased", listOf(pattern)],
  ["|contains|all", several(pattern)],
  ["|startswith|all", several(pattern)],
  ["|contains|cased|all", several(pattern)],
  ["|neq", listOf(fc.oneof(pattern, number))],
  ["|contains|neq", listOf(pattern)],
  ["|contains|windash", listOf(fc.constantFrom("-a", "/k", " -", "a", "-\u2013"))],
  ["|windash|startswith", listOf(fc.constantFrom("-a", "/", "k-"))],
  ["|endswith|windash", listOf(fc.constantFrom("-a", "/k", "-"))],
  ["|base64", listOf(plain)],
  ["|base64|contains", listOf(plain)],
  ["|base64offset|contains", listOf(plain)],
  ["|base64offset|contains|cased", listOf(plain)],
  ["|utf16le|base64offset|contains", listOf(plain)],
  ["|wide|base64|contains", listOf(plain)],
  ["|utf16be|base64", listOf(plain)],
  ["|utf16|base64", listOf(plain)],
  ["|re", listOf(regex)],
  ["|re|i", listOf(regex)],
  ["|re|m", listOf(regex)],
  ["|re|s", listOf(regex)],
  ["|re|i|m|s", listOf(regex)],
  ["|re|neq", regex],
  ["|re|all", several(regex)],
  ["|cidr", listOf(range)],
  ["|cidr|neq", range],
  ["|lt", number],
  ["|lte", number],
  ["|gt", number],
  ["|gte", number],
  ["|minute", fc.integer({ min: 0, max: 59 })],
  ["|hour", listOf(fc.integer({ min: 0, max: 23 }))],
  ["|day", fc.integer({ min: 1, max: 31 })],
  ["|week", listOf(fc.integer({ min: 1, max: 53 }))],
  ["|month", fc.integer({ min: 1, max: 12 })],
  ["|year", fc.integer({ min: 2019, max: 2027 })],
  ["|hour|gte", fc.integer({ min: 0, max: 23 })],
  ["|week|lt", fc.integer({ min: 1, max: 53 })],
  ["|exists", fc.boolean()],
  ["|fieldref", field],
  ["|fieldref|neq", field],
  ["|fieldref|startswith", field],
  ["|fieldref|endswith", field],
  ["|fieldref|contains", field],
  ["|expand", fc.constantFrom("%name%", "x%name%*")],
  ["|contains|expand", fc.constantFrom("%name%", raw`\%%name%`)],
];

export const PLACEHOLDERS: ReadonlyMap<string, readonly string[]> = new Map([
  ["name", ["a*", "k", "%_'"]],
]);

// What else might be read as a time, such as a number, is left open by the specification.
const isOfTime = (modifiers: string): boolean => /minute|hour|day|week|month|year/.test(modifiers);
const item = fc.constantFrom(...CHAINS).chain(([modifiers, values]) =>
  fc.tuple(
    (isOfTime(modifiers) ? fc.constant("when") : field).map((name) => `${name}${modifiers}`),
    values,
  ),
);
const map = fc
  .array(item, { minLength: 1, maxLength: 2 })
  .map((items): Json => Object.fromEntries(items));
const keyword = fc
  .array(fc.constantFrom(...Array.from("abkKs1x"), "\u212A", "é", "10"), {
    minLength: 2,
    maxLength: 3,
  })
  .map((tokens) => tokens.join(""));
const keywords = fc.oneof(
  fc.array(keyword, { minLength: 1, maxLength: 2 }),
  several(keyword).map((words): Json => ({ "|all": words })),
);
const selection: fc.Arbitrary<Json> = fc.oneof(
  { weight: 6, arbitrary: map },
  { weight: 2, arbitrary: fc.array(map, { minLength: 1, maxLength: 2 }) },
  { weight: 1, arbitrary: keywords },
);

const NAMES = ["s_a", "s_b", "f_a", "_own"] as const;
const { condition } = fc.letrec<{ condition: string }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    fc.constantFrom(...NAMES, "1 of them", "all of them", "1 of s_*", "all of s_*", "1 of *_a"),
    tie("condition").map((inner) => `not ${inner}`),
    fc.tuple(tie("condition"), tie("condition")).map((pair) => pair.join(" and ")),
    fc.tuple(tie("condition"), tie("condition")).map((pair) => pair.join(" or ")),
    tie("condition").map((inner) => `(${inner})`),
  ),
}));

export const anyDetection: fc.Arbitrary<AnyDetection> = fc.oneof(
  {
    weight: 2,
    arbitrary: item.map(([key, value]): AnyDetection => ({
      s_a: { [key]: value },
      condition: "s_a",
    })),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(selection, selection, selection, selection, condition)
      .map(([a, b, c, d, joined]): AnyDetection => ({
        s_a: a,
        s_b: b,
        f_a: c,
        _own: d,
        condition: joined,
      })),
  },
);

const encodedText = fc
  .tuple(plain, fc.constantFrom("", "x", "xy"), fc.constantFrom<BufferEncoding>("utf8", "utf16le"))
  .map(([inner, before, encoding]) => Buffer.from(before + inner, encoding).toString("base64"));
const bigInteger = fc.constantFrom(
  9_007_199_254_740_993n,
  -9_223_372_036_854_775_808n,
  18_446_744_073_709_551_615n,
  18_446_744_073_709_551_616n,
  10n ** 30n,
);
const scalar: fc.Arbitrary<Json> = fc.oneof(
  { weight: 6, arbitrary: text },
  { weight: 2, arbitrary: number },
  { weight: 1, arbitrary: fc.boolean() },
  { weight: 1, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: time },
  { weight: 1, arbitrary: address },
  { weight: 1, arbitrary: encodedText },
  { weight: 1, arbitrary: bigInteger },
  {
    weight: 1,
    arbitrary: fc.constantFrom("4624", "-1", "1.5", "007", "1e3", " 5", "0x10", "nan", "inf"),
  },
);
const maybe = (value: fc.Arbitrary<Json>): fc.Arbitrary<Json | undefined> =>
  fc.option(value, { nil: undefined, freq: 3 });

/** Every field of `FIELDS` may be there; `list` and `objects` are arrays. */
export const anyEvent: fc.Arbitrary<Json> = fc
  .record({
    when: maybe(fc.oneof(time, fc.constantFrom("no time", null))),
    A: maybe(scalar),
    B: maybe(scalar),
    n: maybe(fc.record({ x: scalar, y: fc.record({ z: scalar }) }, { requiredKeys: [] })),
    list: maybe(fc.array(scalar, { maxLength: 3 })),
    objects: maybe(
      fc.array(fc.record({ k: scalar, other: scalar }, { requiredKeys: [] }), { maxLength: 3 }),
    ),
    "it's": maybe(scalar),
    "a b": maybe(scalar),
    [raw`back\slash`]: maybe(scalar),
    'q"': maybe(scalar),
    "per%cent": maybe(scalar),
  })
  .map(withoutUndefined);

function withoutUndefined(event: { readonly [key: string]: Json | undefined }): Json {
  const entries = Object.entries(event).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, value] as const],
  );
  return Object.fromEntries(entries);
}
