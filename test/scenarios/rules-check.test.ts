// `tocsin rules check`, and docs/rules.md: its rules are read as the page says.
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { z } from "zod";
import { readRuleTexts } from "../../src/detect/sigma/read-rules.ts";
import { EVENT_COLUMNS } from "../../src/logs/event-columns.ts";
import { ROOT, tocsin } from "../support/little-host.ts";

async function inFolder(
  files: Record<string, string>,
  look: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "tocsin-rules-"));
  try {
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    await look(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const page = await readFile(join(ROOT, "docs", "rules.md"), "utf8");
const blocks = [...page.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, kind, text = ""]) => ({
  kind,
  text,
}));
const examples = blocks.filter(({ kind }) => kind === "yaml").map(({ text }) => text);
const [said = ""] = blocks.filter(({ kind }) => kind === "").map(({ text }) => text);

test("the rules on the page are read without a problem, but for the last", () => {
  for (const text of examples.slice(0, -1)) {
    const { rules, problems } = readRuleTexts([{ name: "rules.md", text }]);
    assert.deepEqual(problems, [], text);
    assert.ok(rules.length > 0);
  }
  assert.ok(examples.length >= 5);
});

test("the page names every attribute that a rule can name", () => {
  for (const attribute of Object.keys(EVENT_COLUMNS))
    assert.ok(page.includes(`\`${attribute}\``), attribute);
});

test("the last rule of the page has the problems that it shows", async () => {
  await inFolder({ "encoded.yml": examples.at(-1) ?? "" }, async (folder) => {
    const { status, out } = await tocsin(["rules", "check", "encoded.yml"], { folder });
    assert.equal(out.trim(), said.trim());
    assert.equal(status, 65);
  });
});

const RULE =
  "title: t\nlogsource: { product: x }\ndetection:\n  s: { Host|expand: '%Servers%' }\n  condition: s\n";
const Answer = z.object({
  documents: z.int(),
  detections: z.int(),
  errors: z.int(),
  warnings: z.int(),
  problems: z.array(z.object({ at: z.string(), severity: z.string(), message: z.string() })),
});

test("rules check needs no tocsin.yaml, answers in JSON, and takes placeholders", async () => {
  await inFolder(
    {
      "rule.yml": RULE,
      "values.list": "Servers: [srv*, db1]\n",
      "broken.list": "Servers: { a: b }\n",
    },
    async (folder) => {
      const without = await tocsin(["rules", "check", "--json"], { folder });
      const refused = Answer.parse(JSON.parse(without.out));
      assert.equal(without.status, 65);
      assert.deepEqual([refused.documents, refused.detections, refused.errors], [1, 0, 1]);
      assert.equal(refused.problems[0]?.at, "rule.yml:4:22");
      const given = await tocsin(
        ["rules", "check", ".", "--json", "--placeholders", "values.list"],
        { folder },
      );
      assert.equal(given.status, 0, given.out);
      assert.deepEqual(Answer.parse(JSON.parse(given.out)).problems, []);
      const wrong = await tocsin(["rules", "check", "--placeholders", "broken.list"], { folder });
      assert.equal(wrong.status, 65);
      assert.match(wrong.err, /broken\.list:1:10/);
      assert.equal(
        (await tocsin(["rules", "check", "--placeholders", "nope"], { folder })).status,
        66,
      );
      assert.equal((await tocsin(["rules", "check", "nope"], { folder })).status, 65);
    },
  );
});
