import assert from "node:assert/strict";
import { test } from "node:test";
import { showCondition } from "../../../test/support/show-condition.ts";
import type { RuleSet } from "./rule.ts";
import { readRuleTexts } from "./read-rules.ts";

/** A rule with one selection, that one line of YAML. */
function readLine(line: string, placeholders: Record<string, string[]> = {}): RuleSet {
  const text = `title: t\nlogsource: { product: windows }\ndetection:\n  selection:\n    ${line}\n  condition: selection\n`;
  return readRuleTexts([{ name: "rule.yml", text }], {
    placeholders: new Map(Object.entries(placeholders)),
  });
}

function conditionOf(line: string, placeholders: Record<string, string[]> = {}): string {
  const { rules, problems } = readLine(line, placeholders);
  assert.deepEqual(
    problems.filter(({ severity }) => severity === "error"),
    [],
    line,
  );
  const [rule] = rules;
  assert.ok(rule?.kind === "detection");
  return showCondition(rule.condition);
}

const VALUES: readonly [string, string][] = [
  ["Image: 'C:\\Windows\\whoami.exe'", "Image = C:\\Windows\\whoami.exe"],
  ["EventID: 4624", "EventID = #4624"],
  ["EventID: [517, 1102]", "(EventID = #517 | EventID = #1102)"],
  ["EventID: '4624'", "EventID = 4624"],
  ["Options: 0x17", "Options = #23"],
  ["Big: 12345678901234567890", "Big = 12345678901234567890"],
  ["Ratio: 1.5", "Ratio = #1.5"],
  ["Flag: true", "Flag = #true"],
  ["Flag: no", "Flag = no"],
  ["Field: ''", "Field = "],
  ["Field: null", "Field = #null"],
  ["Field:", "Field = #null"],
  ["Date: 2026-11-25", "Date = 2026-11-25"],
  ["a.b.c: x", "a.b.c = x"],
  ["'1': x", "1 = x"],
  ["Field: '*'", "Field = <*>"],
];

test("a value is what YAML says it is", () => {
  for (const [line, expected] of VALUES) assert.equal(conditionOf(line), expected, line);
});

// The section "Escape Character" of the specification, sentence by sentence.
const ESCAPES: readonly [string, string][] = [
  ["prog?.exe", "F = prog<?>.exe"],
  ["antivirus_V*.exe", "F = antivirus_V<*>.exe"],
  ["a\\b", "F = a\\b"],
  ["a\\\\b", "F = a\\b"],
  ["a\\*b", "F = a*b"],
  ["a\\?b", "F = a?b"],
  ["a\\\\*", "F = a\\<*>"],
  ["a\\\\\\*", "F = a\\*"],
  ["a\\\\\\b", "F = a\\\\b"],
  ["a\\\\\\\\b", "F = a\\\\b"],
  ["\\\\\\\\server", "F = \\\\server"],
  ["end\\", "F = end\\"],
  ["a**?*b", "F = a<*><?><*>b"],
];

test("wildcards and escapes are read as the specification says", () => {
  for (const [value, expected] of ESCAPES)
    assert.equal(conditionOf(`F: '${value}'`), expected, value);
});

const MODIFIERS: readonly [string, string][] = [
  ["F|contains: x", "F = <*>x<*>"],
  ["F|startswith: x", "F = x<*>"],
  ["F|endswith: '\\cmd.exe'", "F = <*>\\cmd.exe"],
  ["F|contains: '*x*'", "F = <*>x<*>"],
  ["F|contains: 0123", "F = <*>0123<*>"],
  ["F|contains: true", "F = <*>true<*>"],
  ["F|contains|all: [a, b]", "(F = <*>a<*> & F = <*>b<*>)"],
  ["F|all|contains: [a, b]", "(F = <*>a<*> & F = <*>b<*>)"],
  ["F|cased: x", "F == x"],
  ["F|contains|cased: x", "F == <*>x<*>"],
  ["F|cased|contains: x", "F == <*>x<*>"],
  ["F|neq: x", "!F = x"],
  ["F|neq: 5", "!F = #5"],
  ["F|neq: null", "!F = #null"],
  ["F|neq: [a, b]", "!(F = a | F = b)"],
  ["F|contains|neq: [a, b]", "!(F = <*>a<*> | F = <*>b<*>)"],
  ["F|exists: true", "exists(F) = true"],
  ["F|exists: false", "exists(F) = false"],
  ["F|lt: 5", "F < 5"],
  ["F|lte: 5.5", "F <= 5.5"],
  ["F|gt: -1", "F > -1"],
  ["F|gte: 0", "F >= 0"],
  ["F|gte|neq: 5", "!F >= 5"],
  ["F|minute: 59", "minute(F) == 59"],
  ["F|hour: [0, 23]", "(hour(F) == 0 | hour(F) == 23)"],
  ["F|hour|gte: 18", "hour(F) >= 18"],
  ["F|day|lt: 2", "day(F) < 2"],
  ["F|week: 53", "week(F) == 53"],
  ["F|month|neq: 12", "!month(F) == 12"],
  ["F|year: 2026", "year(F) == 2026"],
  ["F|cidr: 10.0.0.0/8", "F in 10.0.0.0/8"],
  [
    "F|cidr: ['192.168.0.0/16', '2001:db8::/32', '::1', 127.0.0.1]",
    "(F in 192.168.0.0/16 | F in 2001:db8::/32 | F in ::1/128 | F in 127.0.0.1/32)",
  ],
  ["F|fieldref: Other", "F equals = @Other"],
  ["F|fieldref|startswith: Other", "F startswith = @Other"],
  ["F|fieldref|endswith: Other", "F endswith = @Other"],
  ["F|fieldref|contains|cased: Other", "F contains == @Other"],
  ["F|fieldref|neq: Other", "!F equals = @Other"],
  ["F|re: '^a.*b$'", "F ~ /^a.*b$/"],
  ["F|re: 'a\\*b?'", "F ~ /a\\*b?/"],
  ["F|re|i: a", "F ~ /a/i"],
  ["F|re|i|m|s: a", "F ~ /a/ims"],
  ["F|re|ignorecase|multiline|dotall: a", "F ~ /a/ims"],
  ["F|re|all: [a, b]", "(F ~ /a/ & F ~ /b/)"],
  ["F|re|neq: a", "!F ~ /a/"],
  ["F|re: '(?<name>a)(?=b)'", "F ~ /(?:a)(?:b)/"],
  ["F|base64: foobar", "F = Zm9vYmFy"],
  ["F|base64|contains: ab", "F = <*>YWI=<*>"],
  [
    "F|base64offset|contains: foobar",
    "(F = <*>Zm9vYmFy<*> | F = <*>Zvb2Jhc<*> | F = <*>mb29iYX<*>)",
  ],
  [
    "F|base64offset|contains: foobar!",
    "(F = <*>Zm9vYmFyI<*> | F = <*>Zvb2Jhci<*> | F = <*>mb29iYXIh<*>)",
  ],
  ["F|wide: 'ab'", "F = a\0b\0"],
  ["F|utf16le: 'ab'", "F = a\0b\0"],
  ["F|utf16be: 'ab'", "F = \0a\0b"],
  ["F|wide|base64: 'ab'", "F = YQBiAA=="],
  ["F|utf16be|base64: ab", "F = AGEAYg=="],
  ["F|utf16|base64: 'ab'", "F = //5hAGIA"],
  ["F|wide|base64: 'ä'", "F = 5AA="],
  ["F|wide|contains: 'a'", "F = <*>a\0<*>"],
  ["F|windash: '-f'", "(F = -f | F = /f | F = \u2013f | F = \u2014f | F = \u2015f)"],
  [
    "F|contains|windash: ' /f'",
    "(F = <*> -f<*> | F = <*> /f<*> | F = <*> \u2013f<*> | F = <*> \u2014f<*> | F = <*> \u2015f<*>)",
  ],
  [
    "F|windash|contains: a-b-c-d-e",
    "F ~ /\\A.*a[-/\u2013\u2014\u2015]b[-/\u2013\u2014\u2015]c[-/\u2013\u2014\u2015]d[-/\u2013\u2014\u2015]e.*\\z/is",
  ],
  [
    "F|windash|cased: '-a?(-b-c-d'",
    "F ~ /\\A[-/\u2013\u2014\u2015]a.\\([-/\u2013\u2014\u2015]b[-/\u2013\u2014\u2015]c[-/\u2013\u2014\u2015]d\\z/s",
  ],
];

test("each modifier, and each legal chain, makes the tests that the specification says", () => {
  for (const [line, expected] of MODIFIERS) assert.equal(conditionOf(line), expected, line);
});

test("the three shifts of base64offset are found wherever the value stands in an encoded text", () => {
  const [rule] = readLine("F|base64offset|contains: 'http://'").rules;
  assert.ok(rule?.kind === "detection");
  const shown = showCondition(rule.condition);
  for (const before of ["", "x", "xy", "xyz"]) {
    const encoded = Buffer.from(`${before}http://example.com`).toString("base64");
    const parts = [...shown.matchAll(/<\*>(.*?)<\*>/g)].map((found) => found[1] ?? "?");
    assert.ok(
      parts.some((part) => encoded.includes(part)),
      `${before}: ${encoded} has none of ${parts.join(" ")}`,
    );
  }
});

const PLACEHOLDERS = { Servers: ["srv*", "db1"], Users: ["root"], dotted: ["a.b*"], empty: [] };

const EXPANSIONS: readonly [string, string][] = [
  ["F|expand: '%Servers%'", "(F = srv<*> | F = db1)"],
  ["F|contains|expand: '%Servers%'", "(F = <*>srv<*> | F = <*>db1<*>)"],
  ["F|expand: '%Users%@%Servers%'", "(F = root@srv<*> | F = root@db1)"],
  ["F: '%Servers%'", "F = %Servers%"],
  ["F|expand: '\\%plain%Users%'", "F = %plainroot"],
  ["F|re|expand: '^%dotted%$'", "F ~ /^(?:a\\.b.*)$/"],
  ["F|expand|base64: '%Users%'", "F = cm9vdA=="],
];

test("placeholders become their values, with expand and only with it", () => {
  for (const [line, expected] of EXPANSIONS)
    assert.equal(conditionOf(line, PLACEHOLDERS), expected, line);
  assert.equal(conditionOf("F|cidr|expand: '%Net%'", { Net: ["10.0.0.0/8"] }), "F in 10.0.0.0/8");
});

/** The line, the column in it (from 1), what the message says. */
const ILLEGAL: readonly [string, number, RegExp][] = [
  ["F|re|contains: a", 6, /anchored/],
  ["F|contains|re: a", 12, /anchored/],
  ["F|re|cased: a", 6, /case-sensitive already/],
  ["F|i: a", 3, /flag of `re`/],
  ["F|i|re: a", 5, /re\|i/],
  ["F|contains|contains: a", 12, /twice/],
  ["F|startswith|endswith: a", 14, /`contains` alone/],
  ["F|contains|base64: a", 12, /encoding first/],
  ["F|contains|wide: a", 12, /wide\|contains/],
  ["F|base64|windash: a", 10, /windash` first/],
  ["F|wide|utf16be: a", 8, /one encoding/],
  ["F|base64|base64offset: a", 10, /not both/],
  ["F|cidr|contains: a", 8, /beside `cidr`/],
  ["F|contains|fieldref: a", 12, /fieldref\|endswith/],
  ["F|fieldref|re: a", 12, /beside/],
  ["F|exists|all: true", 10, /exists: true/],
  ["F|lt|gt: 5", 6, /two keys/],
  ["F|gte|hour: 5", 7, /hour\|gte/],
  ["F|hour|day: 5", 8, /one part/],
  ["F|nope: a", 3, /no modifier `nope`/],
  ["F|Contains: a", 3, /write `contains`/],
  ["F|: a", 3, /missing behind/],
  ["F|contains |all: [a, b]", 3, /write `contains`/],
  ["F|cidr: 10.0.0.0/33", 9, /takes a range/],
  ["F|cidr: '10.0.*'", 9, /takes a range/],
  ["F|cidr: fe80::1%eth0", 9, /takes a range/],
  ["F|exists: 'true'", 11, /without quotes/],
  ["F|lt: '5'", 7, /without quotes/],
  ["F|lt: 123456789012345678901", 7, /smaller/],
  ["F|hour: 24", 9, /0 to 23/],
  ["F|minute: 1.5", 11, /whole number/],
  ["F|contains: null", 13, /null/],
  ["F: [a, null]", 8, /null/],
  ["F: []", 1, /empty/],
  ["F: { a: b }", 1, /dot/],
  ["F: [[a]]", 5, /not a list/],
  ["'': a", 1, /name is missing/],
  ["'|all|startswith': [a, b]", 1, /anywhere/],
  ["'|cidr': 10.0.0.0/8", 1, /asks for a field/],
  ["' F': a", 1, /space/],
  ["F|re: 5", 7, /quotes/],
  ["F|windash: 5", 12, /quotes/],
  ["F|re: 'a(?!b)'", 9, /and not/],
  ["F|re: '''(a'", 10, /not closed/],
  ["F|fieldref: ''", 13, /name of a field/],
  ["F|fieldref: 'a*'", 13, /wildcards/],
  ["F|base64: 'a*'", 11, /wildcard/],
  ["F|wide: 'ä'", 9, /base64/],
  ["F|expand: '%Nope%'", 12, /no values/],
  ["F|expand: 'a%empty%'", 13, /no values/],
  ["F|windash|base64: a-b-c-d-e-f", 19, /625/],
  ["F: .inf", 4, /cannot be used/],
];

test("an illegal chain or value is an error at its place, with what to write", () => {
  for (const [line, column, message] of ILLEGAL) {
    const { rules, problems } = readLine(line, PLACEHOLDERS);
    const [problem] = problems.filter(({ severity }) => severity === "error");
    assert.ok(problem, `${line} is refused`);
    assert.match(problem.message, message, line);
    assert.deepEqual(
      [problem.file, problem.line, problem.column],
      ["rule.yml", 5, column + 4],
      line,
    );
    assert.deepEqual(rules, [], line);
  }
});

const WARNED: readonly [string, RegExp][] = [
  ["F|contains|all: a", /single value/],
  ["F|all: [a]", /single value/],
  ["F|base64offset: abc", /base64offset\|contains/],
  ["F|expand: abc", /no %placeholder%/],
  ["F|re: ''", /exists: true/],
];

test("what is legal and odd is a warning, and the rule is used", () => {
  for (const [line, message] of WARNED) {
    const { rules, problems } = readLine(line);
    assert.equal(rules.length, 1, line);
    assert.deepEqual(
      problems.map(({ severity }) => severity),
      ["warning"],
      line,
    );
    assert.match(problems[0]?.message ?? "", message);
  }
});

test("a very long value is refused, whatever it would become", () => {
  for (const key of ["F", "F|windash", "F|wide|base64offset|contains", "F|re"]) {
    const { rules, problems } = readLine(`${key}: '${"-a".repeat(5_000)}'`);
    assert.deepEqual(rules, [], key);
    assert.match(problems[0]?.message ?? "", /longer than 8192/);
  }
});

test("values that explode are a problem, not a hang", () => {
  const many = { many: Array.from({ length: 9_000 }, (_, n) => `value-${n}`) };
  for (const line of [
    "F|expand: '%many%%many%'",
    "F|expand|windash: ['-a-b-c%many%', '-a-b%many%']",
  ]) {
    const start = performance.now();
    const { rules, problems } = readLine(line, many);
    assert.deepEqual(rules, [], line);
    assert.match(problems[0]?.message ?? "", /more/);
    assert.ok(performance.now() - start < 2_000);
  }
});
