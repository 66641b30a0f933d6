import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { toRe2 } from "./to-re2.ts";

const SAME = [
  '(?i)\\.exe["\']?\\s+[^"]{0,64}werfault',
  "^[Cc]:\\\\[Pp]rogram[Dd]ata\\\\.{1,9}\\.exe",
  "(^|/)\\.[^./]",
  "[a-zA-Z0-9._%+\\-]+@x{2,10}?",
  "a(?i:b)c(?-i)d",
  "[[:alpha:]_]\\p{L}\\p{Greek}\\P{Lu}",
  "(.){200,}",
  "é+日本",
];

test("what RE2 reads as PCRE does stays as it is", () => {
  for (const source of SAME) assert.deepEqual(toRe2(source), { source });
});

const REWRITTEN: readonly [string, string][] = [
  ["(?P<user>\\w+)", "(?:\\w+)"],
  ["(?<user>a)(?'other'b)", "(?:a)(?:b)"],
  ["a(?#why)b", "ab"],
  ["(?|a|b)", "(?:a|b)"],
  ["foo(?=bar)", "foo(?:bar)"],
  ["foo(?=bar)|x", "foo(?:bar)|x"],
  ["(?<=foo)bar", "(?:foo)bar"],
  ["\\e\\cA\\x9\\x{e9}\\0\\012\\o{101}", "\\x1b\\x01\\x09é\\x00\\x0aA"],
  ["end\\Z", "end(?:\\n?\\z)"],
  ["\\N\\R", "[^\\n](?:\\r\\n|[\\n-\\r\\x{85}\\x{2028}\\x{2029}])"],
  ["\\v", "[\\n-\\r\\x{85}\\x{2028}\\x{2029}]"],
  ["[\\v]", "[\\n-\\r\\x{85}\\x{2028}\\x{2029}]"],
  ["\\Qa.b\\E+", "(?:a\\.b)+"],
  ["[a-\\d]", "[a\\-\\d]"],
  ["[]a]", "[\\]a]"],
  ["[\\b]", "[\\x08]"],
  ["x{,3}", "x\\{,3}"],
  ["\\_\\é", "_é"],
  ["\\N{U+41}", "A"],
];

test("what has another spelling in RE2 is written so", () => {
  for (const [source, expected] of REWRITTEN)
    assert.deepEqual(toRe2(source), { source: expected }, source);
});

const REFUSED: readonly [string, number, RegExp][] = [
  ["a(?=b)c", 1, /look-ahead/],
  ["(a(?=b))", 2, /look-ahead/],
  ["a(?=b)*", 1, /look-ahead/],
  ["a(?!b)", 1, /and not/],
  ["a(?<=b)c", 1, /look-behind/],
  ["(?<!a)b", 0, /and not/],
  ["(a)\\1", 3, /back-reference/],
  ["(?<n>a)\\k<n>", 7, /back-reference/],
  ["(?>a+)", 0, /\(\?:/],
  ["a++", 2, /possessive/],
  ["a{2}+", 4, /possessive/],
  ["(a(?R)?)", 2, /recursion/],
  ["(?(1)a|b)", 0, /\|/],
  ["(*SKIP)a", 0, /verbs/],
  ["(?x) a b", 0, /flags/],
  ["a**", 2, /nothing stands before/],
  ["*a", 0, /\\\*/],
  ["a{5,2}", 1, /smaller number/],
  ["a{1001}", 1, /1000/],
  ["(?:a{100}){11}", 10, /repeats of repeats/],
  ["(a", 0, /not closed/],
  ["a)", 1, /\\\)/],
  ["[a", 0, /not closed/],
  ["[z-a]", 1, /backwards/],
  ["[[:words:]]", 1, /class/],
  ["\\u0041", 0, /\\x\{/],
  ["\\y", 0, /means nothing/],
  ["\\p{Nonsense}", 0, /property/],
  ["\\x{d800}", 0, /no character/],
  ["a\\", 1, /backslash/],
  ["a".repeat(9000), 0, /8192/],
  ["(".repeat(200), 100, /nested/],
];

test("what does not run in linear time is refused with its place and what to write", () => {
  for (const [source, at, message] of REFUSED) {
    const made = toRe2(source);
    assert.ok("message" in made, `${source.slice(0, 40)} is refused`);
    assert.equal(made.at, at, source.slice(0, 40));
    assert.match(made.message, message);
  }
});

test("a rewritten expression finds what the original finds", () => {
  const atom = fc.constantFrom(
    "a",
    "b",
    ".",
    "[ab]",
    "[^a]",
    "\\d",
    "\\x61",
    "(?:a|b)",
    "(?<n>a)",
    "[a-]",
    "\\.",
    "1",
  );
  const piece = fc
    .tuple(atom, fc.constantFrom("", "*", "+", "?", "{2}", "{0,1}", "*?"))
    .map(([a, q]) => a + q);
  const ends = fc.constantFrom("", "(?=b)", "(?=1|a)", "$");
  const starts = fc.constantFrom("", "(?<=a)", "^");
  const texts = fc.array(
    fc.string({ unit: fc.constantFrom("a", "b", "1", ".", "-"), maxLength: 8 }),
    { minLength: 5, maxLength: 20 },
  );
  const sources = fc
    .tuple(starts, fc.array(piece, { minLength: 1, maxLength: 4 }), ends)
    .map(
      ([start, pieces, end]) =>
        start + pieces.map((one, n) => one.replace("<n>", `<n${n}>`)).join("") + end,
    );
  fc.assert(
    fc.property(sources, texts, (source, all) => {
      const made = toRe2(source);
      assert.ok("source" in made, source);
      for (const text of all)
        assert.equal(
          new RegExp(made.source).test(text),
          new RegExp(source).test(text),
          `${source} on ${text}`,
        );
    }),
    { numRuns: 500 },
  );
});

test("no text makes it throw or hang, and a refusal has a place in the text", () => {
  const part = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom(
      "(",
      ")",
      "[",
      "]",
      "\\",
      "(?",
      "{1,",
      "}",
      "|",
      "*",
      "\\x{",
      "\\p{",
      "[:",
      "-",
      "^",
      "(?<",
      "\\Q",
      "\\E",
    ),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
      const source = parts.join("");
      const made = toRe2(source);
      if ("message" in made) assert.ok(made.at >= 0 && made.at <= source.length);
    }),
    { numRuns: 3000 },
  );
  const long = performance.now();
  for (const unit of ["(?#", "[", "\\Q", "a{1,", "(?<a", "\\p{", "[[:a"])
    toRe2(unit.repeat(2000).slice(0, 8192));
  assert.ok(performance.now() - long < 2_000);
});
