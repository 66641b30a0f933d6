import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { showCondition } from "../../../test/support/show-condition.ts";
import { readRules, readRuleTexts } from "./read-rules.ts";
import type { RuleProblem, RuleSet } from "./rule.ts";

const rule = (title: string, head = "", field = "A"): string =>
  `title: ${title}\n${head}logsource: { product: windows, category: process_creation }\ndetection: { s: { ${field}: 1 }, condition: s }\n`;

async function inFolder(
  files: Record<string, string | Uint8Array>,
  look: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "tocsin-rules-"));
  try {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(join(folder, name, ".."), { recursive: true });
      await writeFile(join(folder, name), text);
    }
    await look(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const titles = ({ rules }: RuleSet): string[] => rules.map(({ title }) => title);
const read = (text: string): RuleSet => readRuleTexts([{ name: "r.yml", text }]);
const shown = ({ file, line, column, severity, message }: RuleProblem): string =>
  `${file}:${line}:${column} ${severity} ${message}`;

test("folders are read to the bottom by name, files of any name as given, nothing twice", async () => {
  const files = {
    "b.yml": rule("b"),
    "a/z.yaml": rule("az"),
    "a/B.yml": rule("aB"),
    "a/note.md": "# no rule",
    ".git/x.yml": rule("git"),
    "plain.sigma": rule("plain"),
  };
  await inFolder(files, async (folder) => {
    await symlink(folder, join(folder, "a", "round"));
    assert.deepEqual(titles(await readRules([folder])), ["aB", "az", "b"]);
    assert.deepEqual(
      titles(await readRules([join(folder, "plain.sigma"), join(folder, "b.yml"), folder])),
      ["plain", "b", "aB", "az"],
    );
  });
});

test("what cannot be read is a problem, and the rest is read", async () => {
  const files = {
    "a.yml": rule("a"),
    "latin1.yml": Uint8Array.of(0x74, 0x3a, 0xe9, 0x0a),
    "bom.yml": `\u{FEFF}${rule("bom")}`,
  };
  await inFolder(files, async (folder) => {
    const set = await readRules([join(folder, "nope"), folder, "/dev/null"]);
    assert.deepEqual(titles(set), ["a", "bom"]);
    assert.deepEqual(
      set.problems.map(
        ({ file, line, column, message }) =>
          `${file.replace(folder, "")}:${line}:${column} ${message}`,
      ),
      [
        "/nope:1:1 there is no such file or folder",
        "/dev/null:1:1 neither a file nor a folder",
        "/latin1.yml:1:1 not UTF-8: save it as UTF-8",
      ],
    );
  });
});

test("a rule without an id gets one that is the same from wherever it is read", async () => {
  await inFolder(
    { "in/a.yml": `${rule("x")}---\n${rule("x")}---\n${rule("y")}` },
    async (folder) => {
      const ids = async (path: string): Promise<string[]> =>
        (await readRules([path])).rules.map(({ id }) => id);
      const whole = await ids(join(folder, "in"));
      assert.equal(new Set(whole).size, 3);
      assert.deepEqual(await ids(join(folder, "in", "a.yml")), whole);
      assert.notDeepEqual(await ids(folder), whole);
      for (const id of whole)
        assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    },
  );
});

const ID = "id: 6f3e2987-db24-4c78-a860-b4f4095a7095\n";

test("the second rule with an id is refused, the first stays", () => {
  const set = read(
    `${rule("first", ID)}---\n${rule("second", ID.toUpperCase().replace("ID", "id"))}`,
  );
  assert.deepEqual(titles(set), ["first"]);
  assert.match(
    set.problems.map(shown).join(),
    /r\.yml:6:1 error the id .* is that of the rule at r\.yml:1/,
  );
});

test("all that a rule says of itself is kept", () => {
  const text =
    "title: t\nid: 6f3e2987-db24-4c78-a860-b4f4095a7095\nname: n\nrelated: [{ id: x, type: similar }]\nstatus: test\ndescription: d\nlicense: MIT\n" +
    "references: [https://example.com]\nauthor: Me, You\ndate: 2026-11-25\nmodified: 2026-11-25\ntags: [attack.t1110.003]\nlevel: high\n" +
    "fields: [User]\nfalsepositives: [Backups]\nscope: [server]\ncustom: anything\ntaxonomy: ocsf\nlogsource: { service: sshd, definition: x }\ndetection: { s: { user.name: root, actor.user.name|fieldref: user.name }, condition: s }\n";
  const { rules, problems, documents } = read(text);
  assert.deepEqual(problems, []);
  assert.equal(documents, 1);
  assert.deepEqual(rules, [
    {
      id: "6f3e2987-db24-4c78-a860-b4f4095a7095",
      name: "n",
      title: "t",
      level: "high",
      status: "test",
      description: "d",
      author: "Me, You",
      kind: "detection",
      tags: ["attack.t1110.003"],
      references: ["https://example.com"],
      fields: ["User"],
      falsepositives: ["Backups"],
      taxonomy: "ocsf",
      logsource: { product: undefined, category: undefined, service: "sshd" },
      at: { file: "r.yml", line: 1, column: 1 },
      condition: rules[0]?.kind === "detection" ? rules[0].condition : undefined,
    },
  ]);
});

test("a rule without a level is of medium level", () => {
  assert.equal(read(rule("x")).rules[0]?.level, "medium");
});

const HEADS: readonly [string, string, RegExp][] = [
  ["title: [a]\n", "error", /`title` is text/],
  ["title: ''\n", "error", /empty/],
  [`title: ${"x".repeat(257)}\n`, "error", /at most 256/],
  ["", "error", /`title` is missing/],
  ["title: t\nlevel: urgent\n", "error", /one of informational, low/],
  ["title: t\nstatus: new\n", "error", /one of stable/],
  ["title: t\nname: { a: b }\n", "error", /`name` is text/],
  ["title: t\ntags: [{ a: b }]\n", "error", /list of texts/],
  ["title: t\nid: mine\n", "warning", /UUID/],
  ["title: t\ndate: 2026/11/25\n", "warning", /2026-11-25/],
  ["title: t\ntags: [T1110]\n", "warning", /namespace/],
  ["title: t\nreferences: https://example.com\n", "warning", /write - before/],
  ["title: t\ntaxonomy: ecs\n", "warning", /taxonomy ecs is not known/],
  ["title: t\nrelated: [{ id: x, type: cousin }]\n", "warning", /derived/],
];

test("what a rule says of itself wrongly is an error where it matters, else a warning", () => {
  for (const [head, severity, message] of HEADS) {
    const { rules, problems } = read(
      `${head}logsource: { product: x }\ndetection: { s: { A: 1 }, condition: s }\n`,
    );
    assert.deepEqual(
      problems.map((problem) => problem.severity),
      [severity],
      head,
    );
    assert.match(problems[0]?.message ?? "", message, head);
    assert.equal(rules.length, severity === "error" ? 0 : 1, head);
  }
});

const DETECTION = "detection: { s: { A: 1 }, condition: s }\n";
const DOCUMENTS: readonly [string, string, RegExp][] = [
  [`title: t\n${DETECTION}`, "error", /`logsource` is missing/],
  [`title: t\nlogsource: {}\n${DETECTION}`, "error", /names nothing/],
  [`title: t\nlogsource: x\n${DETECTION}`, "error", /is a map/],
  [`title: t\nlogsource: { product: 5 }\n${DETECTION}`, "error", /quotes/],
  [
    "title: t\nlogsource: { product: x }\n",
    "error",
    /`detection`, `correlation` or `filter` is missing/,
  ],
  [`title: t\nlogsource: { product: x }\n${DETECTION}correlation: {}\n`, "error", /two documents/],
  ["title: t\nlogsource: { product: x }\ndetection: [a]\n", "error", /`detection` is a map/],
  ["action: global\ntitle: t\n", "error", /write each rule whole/],
  ["services: { web: { image: x } }\n", "warning", /no Sigma rule/],
  ["- a\n- b\n", "warning", /no Sigma rule/],
];

test("a document that is no whole rule is refused; what is none at all is left out with a warning", () => {
  for (const [text, severity, message] of DOCUMENTS) {
    const { rules, problems } = read(`${text}---\n${rule("next")}`);
    assert.equal(problems[0]?.severity, severity, text);
    assert.match(problems.map((problem) => problem.message).join("\n"), message, text);
    assert.deepEqual(
      rules.map(({ title }) => title),
      ["next"],
      text,
    );
  }
});

test("a rule by OCSF attributes may be for any source, and names attributes that there are", () => {
  const ocsf = (detection: string): RuleSet =>
    read(
      `title: o\nname: o\ntaxonomy: ocsf\nlogsource: {}\ndetection: { s: ${detection}, condition: s }\n`,
    );
  assert.deepEqual(ocsf("{ user.name: root, src_endpoint.port|gt: 5 }").problems, []);
  assert.match(
    ocsf("{ username: root }").problems[0]?.message ?? "",
    /no event has the attribute username: docs/,
  );
  assert.match(
    ocsf("{ src.ip: 1 }").problems[0]?.message ?? "",
    /is it one of src_endpoint\.ip, dst_endpoint\.ip\?/,
  );
  assert.match(
    ocsf("{ user.name|fieldref: usr }").problems[0]?.message ?? "",
    /no event has the attribute usr/,
  );
});

test("a correlation groups events by OCSF by attributes that there are", () => {
  const text = (by: string): string =>
    `title: o\nname: o\ntaxonomy: ocsf\nlogsource: {}\ndetection: { s: { user.name: root }, condition: s }\n---\ntitle: c\ncorrelation: { type: event_count, rules: [o], group-by: [${by}], timespan: 1m, condition: { gte: 2 } }\n`;
  assert.equal(read(text("src_endpoint.ip")).rules.length, 2);
  const { rules, problems } = read(text("src_ip"));
  assert.equal(rules.length, 1);
  assert.match(problems.map(shown).join(), /r\.yml:8:\d+ error no event has the attribute src_ip/);
});

test("log sources are lower case, and one that is not is taken for what it means", () => {
  const { rules, problems } = read(rule("x").replace("windows", "Windows"));
  assert.ok(rules[0]?.kind === "detection" && rules[0].logsource.product === "windows");
  assert.equal(problems[0]?.severity, "warning");
});

const filter = (rules: string, logsource = "{ product: windows }", more = ""): string =>
  `title: f\n${more}logsource: ${logsource}\nfilter:\n  rules: ${rules}\n  admins: { User|startswith: adm_ }\n  condition: not admins\n`;

const conditions = ({ rules }: RuleSet): Record<string, string> =>
  Object.fromEntries(
    rules.flatMap((one) =>
      one.kind === "detection" ? [[one.title, showCondition(one.condition)]] : [],
    ),
  );

test("a filter's condition must hold too, of the rules that it names by id or name", () => {
  const set = read(
    [
      filter("[6f3e2987-db24-4c78-a860-b4f4095a7095, named]"),
      rule("a", ID),
      rule("b", "name: named\n"),
      rule("c"),
    ].join("---\n"),
  );
  assert.deepEqual(set.problems, []);
  assert.deepEqual(conditions(set), {
    a: "(A = #1 & !User = adm_<*>)",
    b: "(A = #1 & !User = adm_<*>)",
    c: "A = #1",
  });
  assert.equal(set.documents, 4);
});

test("a filter of any rule is of all rules of its log source and taxonomy", () => {
  const others =
    rule("b").replace("windows", "linux") + "---\n" + rule("c", "taxonomy: ocsf\n", "message");
  for (const any of ["any", "all"]) {
    const set = read(`${rule("a")}---\n${others}---\n${filter(any)}`);
    assert.deepEqual(conditions(set), {
      a: "(A = #1 & !User = adm_<*>)",
      b: "A = #1",
      c: "message = #1",
    });
  }
  const narrow = read(
    `${rule("a")}---\n${filter("any", "{ product: windows, service: security }")}`,
  );
  assert.deepEqual(conditions(narrow), { a: "A = #1" });
});

test("several filters all hold, and a rule that is named twice is filtered once", () => {
  const set = read(
    [
      rule("a", `${ID}name: named\n`),
      filter("[named, 6f3e2987-db24-4c78-a860-b4f4095a7095]"),
      filter("named"),
    ].join("---\n"),
  );
  assert.deepEqual(conditions(set), { a: "(A = #1 & !User = adm_<*> & !User = adm_<*>)" });
});

const FILTERS: readonly [string, string, RegExp][] = [
  [filter("[nope]"), "warning", /no rule with the id or the name nope .*: it is not filtered/],
  [filter("[named]", "{ product: linux }"), "warning", /logsource or taxonomy is not that/],
  [
    filter("[named]", "{ product: windows }", "taxonomy: ocsf\n").replace("User|", "user.name|"),
    "warning",
    /logsource or taxonomy is not that/,
  ],
  [filter("[]"), "error", /`rules: any`/],
  [filter("[named]").replace("  rules: [named]\n", ""), "error", /`rules` is missing/],
  [filter("[named]").replace("  condition: not admins\n", ""), "error", /`condition` is missing/],
  [
    filter("[named]").replace("logsource: { product: windows }\n", ""),
    "error",
    /`logsource` is missing/,
  ],
];

test("a filter that does not fit leaves the rules as they are and says so", () => {
  for (const [text, severity, message] of FILTERS) {
    const set = read(`${rule("a", "name: named\n")}---\n${text}`);
    assert.deepEqual(conditions(set), { a: "A = #1" }, text);
    assert.equal(set.problems[0]?.severity, severity, text);
    assert.match(set.problems[0]?.message ?? "", message, text);
  }
});

test("one bad rule leaves out itself and nothing else, and a document names at most twenty problems", () => {
  const bad = `title: bad\nlogsource: { product: x }\ndetection:\n  s:\n${Array.from({ length: 200 }, (_, n) => `    F${n}|nope: x\n`).join("")}  condition: s\n`;
  const set = read([rule("a"), bad, rule("b")].join("---\n"));
  assert.deepEqual(titles(set), ["a", "b"]);
  assert.equal(set.problems.length, 21);
});
