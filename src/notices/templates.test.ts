import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { noticeSettings } from "../../test/support/notice-people.ts";
import { TocsinError } from "../core/errors.ts";
import { noticeKit } from "./render.ts";
import { noticePerson } from "../../test/support/notice-people.ts";
import { reviewTemplates, type CohortFacts } from "./review-templates.ts";
import { placeholdersOf, readTemplates, type Templates } from "./templates.ts";

const { organisation } = noticeSettings();
const dir = mkdtempSync(join(tmpdir(), "tocsin-templates-"));
after(() => {
  rmSync(dir, { recursive: true, force: true });
});

async function read(files: Readonly<Record<string, string>>): Promise<Templates> {
  const folder = mkdtempSync(join(dir, "incident-"));
  mkdirSync(join(folder, "notices"));
  for (const [name, source] of Object.entries(files))
    writeFileSync(join(folder, "notices", name), source);
  return await readTemplates(folder, "notices/affected", organisation);
}

async function problemsOf(source: string): Promise<string[]> {
  try {
    await read({ "affected.en.md": source });
    return [];
  } catch (error) {
    assert.ok(error instanceof TocsinError && error.code === "invalid");
    return error.problems.map(({ at, message }) => `${at}: ${message}`);
  }
}

const GOOD =
  "# Your account\n\n{{ greeting }}\n\n{{ exposed }}\n\n{{ advice }}\n\n{{ reference }}\n";

test("one file a language is read, and the digest is of all of them", async () => {
  const one = await read({
    "affected.en.md": GOOD,
    "affected.fr-CA.md": GOOD,
    "other.en.md": "x",
    "affected.md": "x",
  });
  assert.deepEqual(Object.keys(one.sources), ["en", "fr-CA"]);
  const other = await read({ "affected.en.md": GOOD, "affected.fr-CA.md": `${GOOD} ` });
  assert.notEqual(one.digest, other.digest);
  assert.deepEqual(placeholdersOf(one), ["greeting", "exposed", "advice", "reference"]);
});

test("without any template it is not found, and one outside of the folder is refused", async () => {
  await assert.rejects(read({}), { code: "not_found" });
  const folder = mkdtempSync(join(dir, "incident-"));
  writeFileSync(join(dir, "secret.md"), GOOD);
  symlinkSync(join(dir, "secret.md"), join(folder, "n.en.md"));
  await assert.rejects(readTemplates(folder, "n", organisation), { code: "invalid" });
  writeFileSync(join(dir, "up.en.md"), GOOD);
  await assert.rejects(readTemplates(folder, "../up", organisation), { code: "invalid" });
});

const BAD: readonly [string, RegExp][] = [
  ["no subject\n", /subject/],
  ["# S\n\n{{ password }}\n", /no placeholder password/],
  ["# S\n\n{% if %}\n", /affected\.en\.md:3:/],
  ["# S\n\nx\n{{ name | upcase }}\n", /affected\.en\.md:4:.*upcase/],
  ["# S\n\n{% include 'etc' %}\n", /include/],
  ["# Hello {{ name }}\n\nx\n", /locked screens/],
  ["# S\n\n[sign in](https://example.cloud/reset?t=1)\n", /not plain/],
  ["# S\n\n[sign in](https://example.cloud/password/reset)\n", /way to sign in/],
  ["# S\n\nSee https://example.cloud.evil.org/ now\n", /not the organisation's site/],
  ["# S\n\nSee www.bit.ly/x\n", /not the organisation's site/],
  ["# S\n\n[x]: http://evil.example\n", /not the organisation's site/],
  ["# S\n\n![](https://example.cloud/p.gif)\n", /pictures/],
  ["# S\n\n<img src='https://t.example/p'>\n", /no HTML/],
  ["# S\n\nYour key was ghp_16C7e42F292c6912E7710c838347Ae178B4a\n", /looks like a secret/],
  ["# S\n\nid 8f14e45fceea167a5a36dedd4bea2543abcd\n", /looks like a secret/],
  ["# S\n\n\uE0000\uE001\n", /private-use/],
];

for (const [source, problem] of BAD) {
  test(`refused: ${JSON.stringify(source.slice(0, 50))}`, async () => {
    assert.match((await problemsOf(source)).join("\n"), problem);
  });
}

test("the organisation's plain site and its contact may be linked", async () => {
  const body =
    "[us](https://example.cloud), {{ organisation.site }}, [write](mailto:privacy@example.cloud), https://www.example.cloud/security";
  assert.deepEqual(await problemsOf(`# S\n\n${body}\n`), []);
});

test("a template that would run for ever is stopped", () => {
  const templates = {
    en: "# S\n\n{% for i in (1..3000000) %}{% for j in (1..3000000) %}x{% endfor %}{% endfor %}\n",
  };
  assert.throws(
    () => noticeKit(noticeSettings({ templates }), Buffer.alloc(32)).show(noticePerson()),
    /limit/,
  );
});

const FACTS: CohortFacts = {
  people: 100,
  categories: { "user.account.username": 100 },
  languages: { en: 90, fr: 10 },
  withoutName: 0,
  withSeveralAccounts: 0,
  hasWindow: true,
  correction: false,
};

async function warnings(source: string, facts: Partial<CohortFacts> = {}): Promise<string[]> {
  const templates = await read({ "affected.en.md": source, "affected.fr.md": source });
  return reviewTemplates(templates, { ...FACTS, ...facts })
    .filter(({ at }) => !at.includes(".fr."))
    .map(({ code }) => code);
}

test("a good template for its cohort gets no warning", async () => {
  assert.deepEqual(await warnings(GOOD), []);
});

const WARNED: readonly [string, string, Partial<CohortFacts>][] = [
  ["names-category-of-nobody", `${GOOD}Your telephone number was read.\n`, {}],
  [
    "names-category-not-of-all",
    `${GOOD}Your GitHub token is dead.\n`,
    { categories: { "user.account.username": 100, "token.github": 40 } },
  ],
  ["advice-without-exposure", `${GOOD}Change your password.\n`, {}],
  ["omits-exposures", "# S\n\nSomething happened. {{ reference }}\n", {}],
  ["omits-accounts", "# S\n\nSomething happened. {{ reference }}\n", { withSeveralAccounts: 3 }],
  ["omits-reference", "# S\n\n{{ exposed }}\n", {}],
  ["empty-placeholder", `${GOOD}Dear {{ name }}\n`, { withoutName: 4 }],
  ["empty-placeholder", `${GOOD}In {{ window }}\n`, { hasWindow: false }],
  ["language-missing", GOOD, { languages: { en: 50, sv: 50 } }],
  ["category-without-words", GOOD, { categories: { "ours.shoe_size": 100 } }],
];

for (const [code, source, facts] of WARNED) {
  test(`a careful colleague says: ${code}`, async () => {
    assert.ok((await warnings(source, facts)).includes(code));
  });
}

test("what stands behind a condition is said to those only, and is no warning", async () => {
  const body = `${GOOD}{% if exposed contains "token.github" %}Your GitHub token is dead.{% endif %}{% if name %}Dear {{ name }}{% endif %}\n`;
  assert.deepEqual(
    await warnings(body, {
      withoutName: 4,
      categories: { "user.account.username": 100, "token.github": 4 },
    }),
    [],
  );
});
