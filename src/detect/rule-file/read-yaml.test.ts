import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readYaml } from "./read-yaml.ts";
import { SourceText } from "./source-text.ts";
import { entryOf, isText, type YamlNode } from "./yaml-node.ts";

const read = (text: string) => [
  ...readYaml(new SourceText({ file: "f.yml", name: "f.yml" }, text)),
];

function plain(node: YamlNode | undefined): unknown {
  if (!node) return undefined;
  if (node.is === "list") return node.items.map(plain);
  if (node.is === "map")
    return Object.fromEntries(node.entries.map(({ key, value }) => [key, plain(value)]));
  return node.value;
}

const values = (text: string): unknown[] => read(text).map(({ root }) => plain(root));
const problemsOf = (text: string): string[] =>
  read(text).flatMap(({ notes }) =>
    notes.problems.map(({ line, column, message }) => `${line}:${column} ${message}`),
  );

test("a file's documents are read one by one, empty ones are none", () => {
  assert.deepEqual(values("a: 1\n---\nb: 2\n---\n# nothing\n---\nc: 3\n...\n"), [
    { a: 1 },
    { b: 2 },
    { c: 3 },
  ]);
  assert.deepEqual(values("# first\n\n---\na: 1\n"), [{ a: 1 }]);
  assert.deepEqual(values("%YAML 1.2\n---\na: 1\n...\n---\nb: 2"), [{ a: 1 }, { b: 2 }]);
  assert.deepEqual(values("a: |\n  x\n  --- y\n---\r\nb: 2\r\n"), [{ a: "x\n--- y\n" }, { b: 2 }]);
});

test("what is wrong in one document does not reach the next, and has its place in the file", () => {
  const documents = read("a: 1\n---\nb: [1\n---\nc: 3\n");
  assert.deepEqual(
    documents.map(({ root }) => plain(root)),
    [{ a: 1 }, undefined, { c: 3 }],
  );
  const [problem] = documents[1]?.notes.problems ?? [];
  assert.deepEqual([problem?.file, problem?.line], ["f.yml", 4]);
});

test("YAML 1.2: yes, no and dates are texts", () => {
  assert.deepEqual(values("a: no\nb: 2026-11-25\nc: 0o17\nd: 0x1F\ne: ~\nf:\ng: True\n"), [
    { a: "no", b: "2026-11-25", c: 15, d: 31, e: null, f: null, g: true },
  ]);
});

const WRONG: readonly [string, string][] = [
  ["a: 1\nb: 2\na: 3\n", "3:1 a stands here twice: keep one, or write its values as one list"],
  ["\ta: 1\n", "1:1 a tab cannot indent: use spaces"],
  [
    "a: *nope\n",
    "1:4 an alias (*name) means nothing here: there is no anchor of this name above, or a text starts with *: put it in quotes",
  ],
  ["a: &x { b: 1 }\nc:\n  <<: *x\n", "3:3 this cannot be a key: write a plain name"],
  ["? [a, b]\n: c\n", "1:3 this cannot be a key: write a plain name"],
  ['a: "\\q"\n', '1:5 this backslash means nothing in "…": use single quotes'],
];

test("what is no YAML, and what is no plain YAML, is refused at its place", () => {
  for (const [text, expected] of WRONG) assert.equal(problemsOf(text)[0], expected, text);
});

test("bombs are refused quickly: aliases, depth, length, keys, circles", () => {
  const laughs = [
    "a0: &a0 [x,x,x,x,x,x,x,x,x,x]",
    ...Array.from(
      { length: 12 },
      (_, n) => `a${n + 1}: &a${n + 1} [${Array.from({ length: 10 }, () => `*a${n}`).join(",")}]`,
    ),
  ].join("\n");
  const bombs = [
    laughs,
    "a: &x [*x]\n",
    `a: ${"[".repeat(20_000)}`,
    `a: ${"[".repeat(100)}${"]".repeat(100)}`,
    `${" ".repeat(3)}${"- ".repeat(20_000)}x`,
    `a:\n${"- x\n".repeat(120_000)}`,
    `a: '${"x".repeat(600_000)}'`,
    `{${Array.from({ length: 60_000 }, (_, n) => `k${n % 59_000}: 1`).join(",")}}`,
  ];
  for (const bomb of bombs) {
    const start = process.cpuUsage(); // of this process: others may keep the machine busy
    const problems = problemsOf(`${bomb}\n---\nstill: read\n`);
    assert.ok(problems.length > 0, bomb.slice(0, 40));
    assert.deepEqual(values(`${bomb}\n---\nstill: read\n`).at(-1), { still: "read" });
    assert.ok(process.cpuUsage(start).user < 4e6, bomb.slice(0, 40));
  }
});

test("two hundred aliases are enough", () => {
  const text = (count: number): string =>
    `a: &x v\nb: [${Array.from({ length: count }, () => "*x").join(", ")}]\n`;
  assert.deepEqual(problemsOf(text(200)), []);
  assert.match(problemsOf(text(201))[0] ?? "", /200 aliases/);
});

test("a file of very many documents is read up to a bound", () => {
  const start = process.cpuUsage(); // of this process: others may keep the machine busy
  const documents = read("---\n".repeat(1_000_000));
  assert.match(documents.at(-1)?.notes.problems[0]?.message ?? "", /more than 20000 documents/);
  assert.ok(process.cpuUsage(start).user < 4e6);
});

const STYLES = [
  (text: string) => `k: ${text}\n`,
  (text: string) => `k: '${text.replaceAll("'", "''")}'\n`,
  (text: string) => `k: "${text}"\n`,
  (text: string) => `k: |\n    ${text.replaceAll(" ", "\n    ")}\n`,
  (text: string) => `k: >-\n  ${text.replaceAll(" ", "\n  ")}\n`,
  (text: string) => `k:\n  ${text.replaceAll(" ", "\n  ")}\n`,
  (text: string) => `k: '${text.replaceAll("'", "''").replaceAll(" ", "\n   ")}'\n`,
];

test("a character of a text is found where it stands in the file, however the text is written", () => {
  const words = fc.array(
    fc.string({ unit: fc.constantFrom("a", "b", "(", "*", "'", "é"), minLength: 1, maxLength: 6 }),
    { minLength: 1, maxLength: 5 },
  );
  fc.assert(
    fc.property(words, fc.nat(STYLES.length - 1), fc.nat(), (parts, style, index) => {
      const text = `x${parts.join(" ")}`;
      const written = `# c\n---\n${STYLES[style]?.(text) ?? ""}`;
      const root = read(written)[0]?.root;
      const node = root?.is === "map" ? entryOf(root, "k")?.value : undefined;
      assert.ok(node && isText(node));
      const at = index % text.length;
      const character = node.text.charAt(at);
      if (/\s/.test(character)) return;
      assert.equal(written.charAt(node.offsetOf(at)), character, written);
    }),
    { numRuns: 1_000 },
  );
});

test("no text makes it throw, and problems have a place in the file", () => {
  const part = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom(
      "---\n",
      "a: ",
      "- ",
      "&x ",
      "*x",
      "[",
      "]",
      "{",
      "}",
      "'",
      '"',
      "|\n",
      ">\n",
      "!!binary ",
      "? ",
      "\n",
      "  ",
      "...\n",
      "%TAG ",
    ),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 40 }), (parts) => {
      const text = parts.join("");
      const lines = text.split("\n").length;
      for (const { notes } of read(text))
        for (const { line, column } of notes.problems)
          assert.ok(line >= 1 && line <= lines && column >= 1);
    }),
    { numRuns: 1_500 },
  );
});
