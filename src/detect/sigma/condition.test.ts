import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Named, readCondition } from "./condition.ts";

const NAMES = [
  "a",
  "b",
  "c",
  "selection",
  "selection_1",
  "selection_2",
  "filter_x",
  "filter-y",
  "_hidden",
  "them_not",
];

function shown(condition: Named): string {
  if ("name" in condition) return condition.name;
  if ("not" in condition) return `!${shown(condition.not)}`;
  if ("and" in condition) return `(${condition.and.map(shown).join(" & ")})`;
  return `(${condition.or.map(shown).join(" | ")})`;
}

const read = (text: string, names: readonly string[] = NAMES): string => {
  const made = readCondition(text, { names, noun: "selection" });
  return "message" in made ? `${made.at}: ${made.message}` : shown(made);
};

const LEGAL: readonly [string, string][] = [
  ["a", "a"],
  ["a or b and not c", "(a | (b & !c))"],
  ["not a and b", "(!a & b)"],
  ["not (a or b) and c", "(!(a | b) & c)"],
  ["not not a", "!!a"],
  ["a and b and c", "(a & b & c)"],
  ["((a))", "a"],
  ["(a)or(b)", "(a | b)"],
  ["a AND NOT b Or c", "((a & !b) | c)"],
  ["1 of selection*", "(selection | selection_1 | selection_2)"],
  ["all of selection_*", "(selection_1 & selection_2)"],
  ["any of filter*", "(filter_x | filter-y)"],
  ["1 of *_x", "filter_x"],
  ["1 of *l*e*_2", "selection_2"],
  [
    "1 of them",
    "(a | b | c | selection | selection_1 | selection_2 | filter_x | filter-y | them_not)",
  ],
  ["1 of _*", "_hidden"],
  ["_hidden and a", "(_hidden & a)"],
  ["1 of selection", "selection"],
  ["not 1 of filter*", "!(filter_x | filter-y)"],
  ["2 of selection*", "((selection & (selection_1 | selection_2)) | (selection_1 & selection_2))"],
  ["3 of selection*", "(selection & selection_1 & selection_2)"],
  ["a and\n  (\n b or\n c)", "(a & (b | c))"],
];

test("or binds least, then and, then not, then `of`, then brackets; names with _ are not among them", () => {
  for (const [text, expected] of LEGAL) assert.equal(read(text), expected, text);
});

const ILLEGAL: readonly [string, RegExp][] = [
  ["", /^0: .*empty/],
  ["   ", /^0: .*empty/],
  ["a b", /^2: .*`and` or `or`/],
  ["a and", /^5: .*wanted at the end/],
  ["and a", /^0: .*not `and`/],
  ["(a or b", /^0: the bracket at 1 is not closed/],
  ["a)", /^1: no bracket/],
  ["nope", /^0: there is no selection `nope`; there are a, b/],
  ["a and filter*", /^6: write `1 of filter\*`/],
  ["1 of nope*", /^5: no selection is named like `nope\*`/],
  ["0 of selection*", /^0: before `of`/],
  ["some of selection*", /^0: before `of`/],
  ["4 of selection*", /^0: only 3/],
  ["1 of", /^4: .*wanted at the end/],
  ["a, b", /^1: write `and` or `or`/],
  [`${"(".repeat(150)}a`, /^\d+: nested more than 100/],
  [`${"not ".repeat(150)}a`, /^\d+: nested more than 100/],
  [Array.from({ length: 10_001 }, () => "a").join(" or "), /more than 10000 parts/],
];

test("what is no condition is refused at its place, with what to write", () => {
  for (const [text, expected] of ILLEGAL) assert.match(read(text), expected, text.slice(0, 40));
});

test("`N of` means that at least so many hold", () => {
  const names = ["s1", "s2", "s3", "s4", "s5"];
  const holds = (condition: Named, on: ReadonlySet<string>): boolean => {
    if ("name" in condition) return on.has(condition.name);
    if ("not" in condition) return !holds(condition.not, on);
    return "and" in condition
      ? condition.and.every((part) => holds(part, on))
      : condition.or.some((part) => holds(part, on));
  };
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.subarray(names), (least, on) => {
      const made = readCondition(`${least} of s*`, { names, noun: "selection" });
      assert.ok(!("message" in made));
      assert.equal(holds(made, new Set(on)), on.length >= least);
    }),
  );
});

test("`N of` very many is refused quickly", () => {
  const names = Array.from({ length: 3_000 }, (_, n) => `s${n}`);
  const start = performance.now();
  assert.match(read("1500 of s*", names), /too many/);
  assert.ok(performance.now() - start < 1_000);
});

test("no text makes it throw or hang, and a problem has a place in it", () => {
  const word = fc.oneof(
    fc.constantFrom(
      "a",
      "b",
      "and",
      "or",
      "not",
      "(",
      ")",
      "1",
      "all",
      "of",
      "them",
      "selection*",
      "|",
      ",",
      "***",
      "\n",
    ),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 40 }), (words) => {
      const text = words.join(" ");
      const made = readCondition(text, { names: NAMES, noun: "selection" });
      if ("message" in made) assert.ok(made.at >= 0 && made.at <= text.length);
    }),
    { numRuns: 2_000 },
  );
});
