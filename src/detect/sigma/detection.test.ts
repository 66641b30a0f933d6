import assert from "node:assert/strict";
import { test } from "node:test";
import { showCondition } from "../../../test/support/show-condition.ts";
import { readRuleTexts } from "./read-rules.ts";
import type { RuleSet } from "./rule.ts";

const indented = (text: string): string => text.replaceAll(/^(?=.)/gm, "  ");

function read(detection: string): RuleSet {
  const text = `title: t\nlogsource: { product: windows }\ndetection:\n${indented(detection)}`;
  return readRuleTexts([{ name: "rule.yml", text }]);
}

const LEGAL: readonly [string, string, string][] = [
  [
    "a map is all of its items",
    "s: { A: 1, B: [x, y] }\ncondition: s",
    "(A = #1 & (B = x | B = y))",
  ],
  [
    "a list of maps is any of them",
    "s: [{ A: 1 }, { B: 2, C: 3 }]\ncondition: s",
    "(A = #1 | (B = #2 & C = #3))",
  ],
  [
    "a list of texts is any keyword",
    "s: [EVIL, 'a*b', 4625]\ncondition: s",
    "(* = EVIL | * = a<*>b | * = 4625)",
  ],
  ["a keyword may stand anywhere already", "s: ['*evil*']\ncondition: s", "* = evil"],
  ["keywords with all", "s: { '|all': [a, b] }\ncondition: s", "(* = a & * = b)"],
  [
    "keywords with modifiers",
    "s: { '|re|i': 'a+', '|cased': B, '|contains': c }\ncondition: s",
    "(* ~ /a+/i & * == B & * = c)",
  ],
  ["keywords and maps in one list", "s: [evil, { A: 1 }]\ncondition: s", "(* = evil | A = #1)"],
  ["a single keyword", "s: evil\ncondition: s", "* = evil"],
  [
    "a list of conditions is any of them",
    "a: { A: 1 }\nb: { B: 2 }\ncondition: [a, b]",
    "(A = #1 | B = #2)",
  ],
  [
    "not null, by a selection of its own",
    "s: { A: 1 }\nf: { B: null }\ncondition: s and not f",
    "(A = #1 & !B = #null)",
  ],
  [
    "the same selection twice",
    "a: { A: 1 }\nb: { B: 2 }\ncondition: a and b or not a",
    "((A = #1 & B = #2) | !A = #1)",
  ],
];

test("selections and conditions are read as the specification says", () => {
  for (const [about, detection, expected] of LEGAL) {
    const { rules, problems } = read(detection);
    assert.deepEqual(problems, [], about);
    const [rule] = rules;
    assert.ok(rule?.kind === "detection");
    assert.equal(showCondition(rule.condition), expected, about);
  }
});

/** What is wrong, with `line:column` of it; line 4 is the first of the detection. */
const ILLEGAL: readonly [string, string, RegExp][] = [
  ["s: { A: 1 }", "4:3", /`condition` is missing/],
  ["condition: s", "4:3", /a selection is missing/],
  ["s: {}\ncondition: s", "4:6", /map is empty/],
  ["s: []\ncondition: s", "4:3", /s is empty/],
  ["s: [[a]]\ncondition: s", "4:7", /not a list/],
  ["s: [null]\ncondition: s", "4:7", /null/],
  ["s: { A: 1 }\ncondition: s and t", "5:20", /no selection `t`; there are s/],
  ["s: { A: 1 }\ncondition: >-\n  s\n  and t", "7:9", /no selection `t`/],
  ["s: { A: 1 }\ncondition: { a: b }", "5:14", /a condition is text/],
  ["s: { A: 1 }\ncondition: [s, t]", "5:18", /no selection `t`/],
  [
    "s: { A: 1 }\ncondition: s | count() by User > 10",
    "5:16",
    /type: event_count, rules: \[name\], group-by: \[User\], timespan: 5m, condition: \{ gt: 10 \}/,
  ],
  [
    "s: { A: 1 }\ntimeframe: 1h\ncondition: s | count(User) by Host >= 3",
    "6:16",
    /type: value_count, rules: \[name\], group-by: \[Host\], timespan: 1h, condition: \{ field: User, gte: 3 \}/,
  ],
  [
    "s: { A: 1 }\ncondition: s | sum(Bytes) > 5",
    "5:16",
    /value_sum, rules: \[name\], group-by: \[\], timespan: 5m, condition: \{ field: Bytes, gt: 5 \}/,
  ],
  ["s: { A: 1 }\ncondition: s | near t", "5:16", /type: temporal/],
  ["s: { A: 1 }\ncondition: s | nonsense", "5:16", /counting behind/],
];

test("what is wrong in a detection is refused at its place, with what to write", () => {
  for (const [detection, at, message] of ILLEGAL) {
    const { rules, problems } = read(detection);
    const [problem] = problems.filter(({ severity }) => severity === "error");
    assert.ok(problem, detection);
    assert.match(problem.message, message, detection);
    assert.equal(`${problem.line}:${problem.column}`, at, detection);
    assert.deepEqual(rules, []);
  }
});

test("a selection that the condition does not use is a warning", () => {
  const { rules, problems } = read("s: { A: 1 }\nfilter: { B: 2 }\ncondition: s");
  assert.equal(rules.length, 1);
  assert.deepEqual(
    problems.map(({ line, severity }) => [line, severity]),
    [[5, "warning"]],
  );
});

test("a rule of very many values, and a condition that repeats them, are refused quickly", () => {
  const start = performance.now();
  const values = Array.from({ length: 51_000 }, (_, n) => `v${n}`).join(",");
  assert.match(
    read(`s: { A: [${values}] }\ncondition: s`).problems[0]?.message ?? "",
    /more tests than a rule may have/,
  );
  const some = Array.from({ length: 1_000 }, (_, n) => `v${n}`).join(",");
  const repeated = Array.from({ length: 300 }, () => "s").join(" or ");
  assert.match(
    read(`s: { A: [${some}] }\ncondition: ${repeated}`).problems[0]?.message ?? "",
    /repeats its selections/,
  );
  assert.ok(performance.now() - start < 4_000);
});
