import assert from "node:assert/strict";
import { test } from "node:test";
import { readRuleTexts, standAlone } from "./read-rules.ts";
import type { CorrelationRule, RuleSet } from "./rule.ts";

const uuid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;

const detection = (n: number, name: string, level = "low"): string =>
  `title: ${name}\nid: ${uuid(n)}\nname: ${name}\nlevel: ${level}\nlogsource: { product: x }\ndetection: { s: { A: ${n} }, condition: s }\n`;

const BASE = [detection(1, "one"), detection(2, "two", "high"), detection(3, "three")].join(
  "---\n",
);

/** The section in flow style, as the document behind the three rules. */
const correlation = (section: string, head = "title: c\nname: c\n"): string =>
  `---\n${head}correlation: ${section}\n`;

const read = (...documents: readonly string[]): RuleSet =>
  readRuleTexts([{ name: "c.yml", text: BASE + documents.join("") }]);

function readOne(section: string): CorrelationRule {
  const { rules, problems } = read(correlation(section));
  assert.deepEqual(problems, [], section);
  const found = rules.find((rule) => rule.kind === "correlation");
  assert.ok(found);
  return found;
}

test("all eight types, each with what it counts", () => {
  const common = "rules: [one, two], group-by: [User], timespan: 1h";
  const rows: readonly [string, string, Partial<CorrelationRule>][] = [
    [
      "event_count",
      "{ gte: 10 }",
      { conditions: [{ op: "gte", to: 10 }], valueFields: [], percentile: undefined },
    ],
    [
      "value_count",
      "{ field: Host, gt: 2, lte: 5 }",
      {
        conditions: [
          { op: "gt", to: 2 },
          { op: "lte", to: 5 },
        ],
        valueFields: ["Host"],
      },
    ],
    [
      "value_count",
      "{ field: [Host, Domain], neq: 3 }",
      { conditions: [{ op: "neq", to: 3 }], valueFields: ["Host", "Domain"] },
    ],
    ["temporal", "{ gte: 1 }", { conditions: [{ op: "gte", to: 1 }], expression: undefined }],
    ["temporal_ordered", "{ eq: 2 }", { conditions: [{ op: "eq", to: 2 }] }],
    ["value_sum", "{ field: Bytes, gt: 1000000 }", { valueFields: ["Bytes"] }],
    ["value_avg", "{ field: Bytes, lt: 0.5 }", { conditions: [{ op: "lt", to: 0.5 }] }],
    ["value_percentile", "{ field: Bytes, percentile: 95, gt: 5 }", { percentile: 95 }],
    ["value_median", "{ field: Bytes, gt: 5 }", { percentile: 50 }],
  ];
  for (const [type, condition, expected] of rows) {
    const rule = readOne(`{ type: ${type}, ${common}, condition: ${condition} }`);
    assert.deepEqual({ ...rule, ...expected }, rule, type);
    assert.deepEqual(
      [rule.type, rule.rules, rule.groupBy, rule.timespanMs],
      [type, [uuid(1), uuid(2)], ["User"], 3_600_000],
    );
  }
});

test("a temporal rule without a condition wants all of its rules", () => {
  for (const type of ["temporal", "temporal_ordered"])
    assert.deepEqual(
      readOne(`{ type: ${type}, rules: [one, two, three], group-by: [], timespan: 5m }`).conditions,
      [{ op: "gte", to: 3 }],
    );
});

test("a condition of a temporal rule may be an expression over its rules, which then need no list", () => {
  const expected = {
    and: [{ or: [{ rule: uuid(1) }, { rule: uuid(2) }] }, { not: { rule: uuid(3) } }],
  };
  for (const rules of ["rules: [one, two, three], ", `rules: [${uuid(1)}, two, three], `, ""]) {
    const first = rules.includes(uuid(1)) ? uuid(1) : "one";
    const rule = readOne(
      `{ type: temporal, ${rules}group-by: [User], timespan: 1m, condition: (${first} or two) and not three }`,
    );
    assert.deepEqual(rule.expression, expected);
    assert.deepEqual(rule.conditions, []);
    assert.deepEqual(rule.rules, [uuid(1), uuid(2), uuid(3)]);
  }
});

test("timespans are seconds, minutes, hours, days or weeks", () => {
  const rows: readonly [string, number][] = [
    ["30s", 30_000],
    ["90m", 5_400_000],
    ["2h", 7_200_000],
    ["1d", 86_400_000],
    ["1w", 604_800_000],
  ];
  for (const [timespan, ms] of rows)
    assert.equal(
      readOne(
        `{ type: event_count, rules: [one], group-by: [], timespan: ${timespan}, condition: { gte: 2 } }`,
      ).timespanMs,
      ms,
    );
});

test("aliases are a field for each rule, by whatever the rule is called", () => {
  const rule = readOne(
    `{ type: temporal, rules: [one, ${uuid(2)}], group-by: [ip], timespan: 1m, aliases: { ip: { ${uuid(1)}: src, two: dst } } }`,
  );
  assert.deepEqual(
    rule.aliases,
    new Map([
      [
        "ip",
        new Map([
          [uuid(1), "src"],
          [uuid(2), "dst"],
        ]),
      ],
    ]),
  );
});

test("a correlation without a level takes the highest of its rules", () => {
  const section =
    "{ type: event_count, rules: [one, two], group-by: [], timespan: 1m, condition: { gte: 2 } }";
  assert.equal(readOne(section).level, "high");
  const { rules } = read(correlation(section, "title: c\nlevel: informational\n"));
  assert.equal(rules.at(-1)?.level, "informational");
});

test("correlations of correlations, in whatever order they stand", () => {
  const outer = correlation(
    "{ type: temporal_ordered, rules: [inner, two], group-by: [User], timespan: 10m }",
    "title: outer\n",
  );
  const inner = correlation(
    "{ type: event_count, rules: [one], group-by: [User], timespan: 10m, condition: { gte: 10 } }",
    "title: inner\nname: inner\n",
  );
  const { rules, problems } = read(outer, inner);
  assert.deepEqual(problems, []);
  assert.deepEqual(
    rules.map(({ title }) => title),
    ["one", "two", "three", "outer", "inner"],
  );
});

test("what a correlation refers to gives no findings by itself, unless one that refers to it says generate", () => {
  const section = (rules: string, generate: boolean): string =>
    `{ type: event_count, rules: [${rules}], group-by: [], timespan: 1m, condition: { gte: 2 }, generate: ${generate} }`;
  const titles = (set: RuleSet): string[] => standAlone(set).map(({ title }) => title);
  assert.deepEqual(titles(read(correlation(section("one, two", false)))), ["three", "c"]);
  assert.deepEqual(titles(read(correlation(section("one, two", true)))), [
    "one",
    "two",
    "three",
    "c",
  ]);
  assert.deepEqual(
    titles(
      read(
        correlation(section("one, two", false)),
        correlation(section("two", true), "title: d\n"),
      ),
    ),
    ["two", "three", "c", "d"],
  );
  const root = `---\ntitle: c\ngenerate: true\ncorrelation: { type: event_count, rules: [one], group-by: [], timespan: 1m, condition: { gte: 2 } }\n`;
  assert.deepEqual(titles(read(root)), ["one", "two", "three", "c"]);
});

const GOOD = "group-by: [User], timespan: 1m";
const ILLEGAL: readonly [string, RegExp][] = [
  [`{ rules: [one], ${GOOD}, condition: { gte: 2 } }`, /`type` is one of event_count/],
  [`{ type: count, rules: [one], ${GOOD}, condition: { gte: 2 } }`, /`type` is one of/],
  [`{ type: event_count, ${GOOD}, condition: { gte: 2 } }`, /`rules` is missing/],
  [`{ type: event_count, rules: [], ${GOOD}, condition: { gte: 2 } }`, /no rule is named/],
  [`{ type: event_count, rules: [one, one], ${GOOD}, condition: { gte: 2 } }`, /twice/],
  [
    `{ type: event_count, rules: [one, ${uuid(1)}], ${GOOD}, condition: { gte: 2 } }`,
    /stands here already/,
  ],
  [
    `{ type: event_count, rules: [nope], ${GOOD}, condition: { gte: 2 } }`,
    /no rule with the id or the name nope/,
  ],
  [
    `{ type: event_count, rules: [one], group-by: [], condition: { gte: 2 } }`,
    /`timespan`: a number/,
  ],
  [
    `{ type: event_count, rules: [one], group-by: [], timespan: 1M, condition: { gte: 2 } }`,
    /count days/,
  ],
  [
    `{ type: event_count, rules: [one], group-by: [], timespan: 0s, condition: { gte: 2 } }`,
    /at least 1s/,
  ],
  [
    `{ type: event_count, rules: [one], group-by: [], timespan: 99999d, condition: { gte: 2 } }`,
    /at most 3660d/,
  ],
  [
    `{ type: event_count, rules: [one], group-by: [A, A], timespan: 1m, condition: { gte: 2 } }`,
    /twice/,
  ],
  [
    `{ type: event_count, rules: [one], group-by: { a: b }, timespan: 1m, condition: { gte: 2 } }`,
    /name of a field/,
  ],
  [`{ type: event_count, rules: [one], ${GOOD} }`, /`condition` is missing/],
  [`{ type: event_count, rules: [one], ${GOOD}, condition: {} }`, /comparison is missing/],
  [`{ type: event_count, rules: [one], ${GOOD}, condition: { gte: '2' } }`, /without quotes/],
  [`{ type: event_count, rules: [one], ${GOOD}, condition: { ge: 2 } }`, /`ge` means nothing/],
  [`{ type: event_count, rules: [one], ${GOOD}, condition: { gt: 5, lt: 5 } }`, /never holds/],
  [`{ type: event_count, rules: [one], ${GOOD}, condition: { gte: 2, field: A } }`, /value_count/],
  [`{ type: event_count, rules: [one], ${GOOD}, condition: one }`, /temporal and temporal_ordered/],
  [`{ type: value_count, rules: [one], ${GOOD}, condition: { gte: 2 } }`, /`field` is missing/],
  [`{ type: value_sum, rules: [one], ${GOOD}, condition: { gte: 2, field: [A, B] } }`, /one field/],
  [
    `{ type: value_sum, rules: [one], ${GOOD}, condition: { gte: 2, field: A, percentile: 5 } }`,
    /value_percentile/,
  ],
  [
    `{ type: value_percentile, rules: [one], ${GOOD}, condition: { gte: 2, field: A, percentile: 101 } }`,
    /0 to 100/,
  ],
  [`{ type: temporal, rules: [one, two], ${GOOD}, condition: one and nope }`, /no rule `nope`/],
  [`{ type: temporal, rules: [one, two], ${GOOD}, condition: one two }`, /`and` or `or`/],
  [`{ type: temporal, ${GOOD}, condition: one and nope }`, /no rule with the id or the name nope/],
  [`{ type: temporal, rules: [one, two], ${GOOD}, generate: yes }`, /true or false/],
  [
    `{ type: temporal, rules: [one, two], group-by: [ip], timespan: 1m, aliases: { ip: { one: src } } }`,
    /no field for two/,
  ],
  [
    `{ type: temporal, rules: [one, two], group-by: [ip], timespan: 1m, aliases: { ip: { one: a, two: b, three: c } } }`,
    /three is none of the rules/,
  ],
  [
    `{ type: temporal, rules: [one, two], group-by: [ip], timespan: 1m, aliases: [ip] }`,
    /`aliases` is a map/,
  ],
  [
    `{ type: value_count, rules: [one], group-by: [ip], timespan: 1m, aliases: { ip: { one: a } }, condition: { field: ip, gte: 2 } }`,
    /for `group-by`/,
  ],
  ["text", /`correlation` is a map/],
];

test("what is wrong in a correlation is refused at its place, and the rules go on", () => {
  for (const [section, message] of ILLEGAL) {
    const { rules, problems } = read(correlation(section));
    const [problem] = problems.filter(({ severity }) => severity === "error");
    assert.ok(problem, section);
    assert.match(problem.message, message, section);
    assert.equal(problem.line, 24, section);
    assert.deepEqual(
      rules.map(({ title }) => title),
      ["one", "two", "three"],
    );
  }
});

test("an expression with too many choices is refused in order, and not without one", () => {
  const names = Array.from({ length: 14 }, (_, n) => `rule_${n}`);
  const rules = names.map((name, n) => `---\n${detection(100 + n, name)}`);
  const pairs = names.flatMap((name, n) => (n % 2 === 0 ? [`(${name} or ${names[n + 1]})`] : []));
  const of = (type: string): string =>
    correlation(`{ type: ${type}, ${GOOD}, condition: ${pairs.join(" and ")} }`);
  const inOrder = read(...rules, of("temporal_ordered"));
  assert.match(inOrder.problems.map(({ message }) => message).join(), /32 choices/);
  assert.equal(inOrder.rules.length, 3 + names.length);
  assert.deepEqual(read(...rules, of("temporal")).problems, []);
});

const WARNED: readonly [string, RegExp][] = [
  [
    "{ type: event_count, rules: [one], timespan: 1m, condition: { gte: 2 } }",
    /all events are one group/,
  ],
  ["{ type: temporal, rules: [one], group-by: [], timespan: 1m }", /single rule/],
  [
    "{ type: temporal, rules: [one, two], group-by: [], timespan: 1m, condition: one }",
    /does not use two/,
  ],
  [
    "{ type: value_percentile, rules: [one], group-by: [], timespan: 1m, condition: { field: A, lte: 1 } }",
    /50, the median/,
  ],
  [
    "{ type: temporal, rules: [one, two], group-by: [], timespan: 1m, aliases: { ip: { one: a, two: b } } }",
    /does not use the alias ip/,
  ],
  [
    "{ type: temporal, rules: [one, two], group-by: [], timespan: 1m, timeframe: 5m }",
    /write `timespan`/,
  ],
];

test("what is odd in a correlation is a warning, and it is used", () => {
  for (const [section, message] of WARNED) {
    const { rules, problems } = read(correlation(section));
    assert.equal(rules.length, 4, section);
    assert.match(problems.map((problem) => problem.message).join("\n"), message, section);
  }
});

test("a correlation of a rule that has an error, or that there are two of, has an error too", () => {
  const broken =
    "---\ntitle: broken\nname: broken\nlogsource: { product: x }\ndetection: { s: { 'A|nope': 1 }, condition: s }\n";
  const twice = `---\n${detection(4, "three")}`;
  const section = (name: string): string =>
    `{ type: event_count, rules: [${name}], group-by: [], timespan: 1m, condition: { gte: 2 } }`;
  const outer = correlation(section("inner"), "title: outer\n");
  const inner = correlation(section("broken"), "title: inner\nname: inner\n");
  const { rules, problems } = read(
    broken,
    outer,
    inner,
    twice,
    correlation(section("three"), "title: of two\n"),
  );
  assert.deepEqual(
    rules.map(({ title }) => title),
    ["one", "two", "three", "three"],
  );
  const errors = problems
    .filter(({ severity }) => severity === "error")
    .map(({ message }) => message);
  assert.equal(errors.length, 4);
  assert.match(errors.join("\n"), /rule broken has an error itself \(c\.yml:22\)/);
  assert.match(errors.join("\n"), /rule inner has an error itself/);
  assert.match(errors.join("\n"), /three is the name of several rules/);
});

test("circles and very long chains are refused, all others are read", () => {
  const link = (name: string, next: string): string =>
    correlation(
      `{ type: event_count, rules: [${next}], group-by: [], timespan: 1m, condition: { gte: 2 } }`,
      `title: ${name}\nname: ${name}\n`,
    );
  const circle = [
    link("a", "b"),
    link("b", "c"),
    link("c", "a"),
    link("self", "self"),
    link("leads-there", "a"),
  ];
  const chain = Array.from({ length: 40 }, (_, n) => link(`x${n}`, n === 0 ? "one" : `x${n - 1}`));
  const { rules, problems } = read(...circle, ...chain, link("fine", "one"));
  const titles = rules.map(({ title }) => title);
  assert.ok(
    titles.includes("fine") &&
      titles.includes("x15") &&
      !titles.includes("x16") &&
      !titles.includes("a"),
  );
  const messages = problems
    .filter(({ severity }) => severity === "error")
    .map(({ message }) => message)
    .join("\n");
  assert.match(messages, /itself, by way of b, c, a: cut/);
  assert.match(messages, /itself, by way of self: cut/);
  assert.match(messages, /at most 16 deep/);
});

test("nineteen thousand correlations in one circle do not hang", () => {
  const count = 19_000;
  const documents = Array.from(
    { length: count },
    (_, n) =>
      `---\ntitle: c${n}\nname: c${n}\ncorrelation: { type: event_count, rules: [c${(n + 1) % count}], group-by: [], timespan: 1m, condition: { gte: 2 } }\n`,
  );
  const start = performance.now();
  const { rules } = read(...documents);
  assert.equal(rules.length, 3);
  assert.ok(performance.now() - start < 25_000);
});

test("a correlation of correlations that have no such field is warned of", () => {
  const inner = correlation(
    "{ type: event_count, rules: [one], group-by: [Host], timespan: 1m, condition: { gte: 2 } }",
    "title: inner\nname: inner\n",
  );
  const outer = correlation(
    "{ type: temporal, rules: [inner, two], group-by: [User], timespan: 1m }",
    "title: outer\n",
  );
  const { rules, problems } = read(inner, outer);
  assert.equal(rules.length, 5);
  assert.match(problems[0]?.message ?? "", /inner is a correlation without User/);
});
