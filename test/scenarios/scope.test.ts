// docs/scope.md as a person follows it, and what `tocsin scope` does with bad input.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { z } from "zod";
import { xlsxOf } from "../support/documents/office.ts";
import { zipOf } from "../support/documents/zip.ts";
import { ROOT, tocsin } from "../support/little-host.ts";

const page = await readFile(join(ROOT, "docs", "scope.md"), "utf8");

const Person = z.object({
  kind: z.literal("person"),
  match: z.string(),
  account: z.string(),
  address: z.string().optional(),
  fields: z.array(
    z.object({
      category: z.string(),
      sureness: z.string(),
      grade: z.string(),
      places: z.array(z.string()),
    }),
  ),
});

async function inFolder(look: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "tocsin-scope-test-"));
  try {
    await look(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function follow(folder: string): Promise<void> {
  for (const [, name = "", text = ""] of page.matchAll(/^cat > (\S+) <<'END'\n([\s\S]*?)END\n/gm))
    await writeFile(join(folder, name), text);
  execFileSync("tar", ["czf", "leak.tgz", "leaked.csv", "minutes.md"], { cwd: folder });
}

function linesOf(out: string, kind: string): unknown[] {
  return out
    .split("\n")
    .filter((line) => line.startsWith(`{"kind":${JSON.stringify(kind)}`))
    .map((line): unknown => JSON.parse(line));
}

function people(out: string): string[] {
  return linesOf(out, "person")
    .map((line) => Person.parse(line))
    .flatMap(({ match, account, fields }) =>
      fields.map(({ category, sureness, grade, places }) =>
        [account, match, category, sureness, grade, ...places].filter(Boolean).join(" · "),
      ),
    );
}

test("the page's files give the page's people, each field with its place", async () => {
  await inFolder(async (folder) => {
    await follow(folder);
    const { status, out } = await tocsin(
      ["scope", "--registry", "customers.csv", "leak.tgz", "--json"],
      { folder },
    );
    assert.equal(status, 0);
    const row = (number: number): string => `leak.tgz › leaked.csv › row ${number}`;
    assert.deepEqual(people(out), [
      `1001 · certain · user.account.username · confirmed · ${row(1)}`,
      `1001 · certain · user.authorization.password · confirmed · weak · ${row(1)}`,
      `1001 · certain · user.contact.email · confirmed · ${row(1)}`,
      `1001 · certain · user.content.support · confirmed · ${row(1)}`,
      `1001 · certain · user.financial.credit_card · possible · ${row(1)}`,
      `1002 · certain · user.account.username · confirmed · ${row(2)}`,
      `1002 · certain · user.authorization.password · confirmed · strong · ${row(2)}`,
      `1002 · certain · user.contact.email · confirmed · ${row(2)}`,
      `1002 · certain · user.content.support · confirmed · ${row(2)}`,
      `1003 · certain · user.contact.email · confirmed · ${row(2)} · leak.tgz › minutes.md › line 3`,
      "1003 · certain · user.contact.phone_number · confirmed · leak.tgz › minutes.md › line 3",
      `unmatched · user.account.username · confirmed · ${row(3)}`,
      `unmatched · user.authorization.password · confirmed · weak · ${row(3)}`,
      `unmatched · user.contact.email · confirmed · ${row(3)}`,
    ]);
  });
});

test("no value is shown unless it is asked for", async () => {
  await inFolder(async (folder) => {
    await follow(folder);
    for (const more of [[], ["--json"]]) {
      const said = await tocsin(["scope", "--registry", "customers.csv", "leak.tgz", ...more], {
        folder,
      });
      for (const value of ["hunter2", "ada@", "nora@", "4111", "bela"])
        assert.ok(!`${said.out}${said.err}`.includes(value), `${value} is shown`);
    }
    const { out } = await tocsin(
      ["scope", "--registry", "customers.csv", "leak.tgz", "--json", "--show-values"],
      { folder },
    );
    const shown = linesOf(out, "person").map((line) => Person.parse(line).address);
    assert.deepEqual(shown, [
      "ada@mail.example",
      "bela@mail.example",
      "chiyo@mail.example",
      "nora@elsewhere.example",
    ]);
  });
});

test("what cannot be read is named, an address of two people is ambiguous, and the rest is read", async () => {
  await inFolder(async (folder) => {
    await follow(folder);
    await writeFile(
      join(folder, "customers.csv"),
      "id,email,username\n1,ada@mail.example,one\n2,other@mail.example,two\n",
    );
    await writeFile(
      join(folder, "mixed.csv"),
      "username,email,city\none,other@mail.example,Rome\nx1,x1@else.example,Bern\n",
    );
    await writeFile(
      join(folder, "book.xlsx"),
      xlsxOf([{ name: "S", hidden: true, rows: [["email"], ["ada@mail.example"]] }]),
    );
    await writeFile(
      join(folder, "locked.zip"),
      zipOf([{ name: "a.txt", content: "x", encrypted: true }]),
    );
    await writeFile(
      join(folder, "cut.zip"),
      zipOf([{ name: "a.txt", content: "x" }]).subarray(0, 40),
    );
    const files = ["mixed.csv", "book.xlsx", "locked.zip", "cut.zip"];
    const { status, out } = await tocsin(
      ["scope", "--registry", "customers.csv", ...files, "--json"],
      { folder },
    );
    assert.equal(status, 0);
    const unread = linesOf(out, "unread").map((line) =>
      z.object({ at: z.string(), reason: z.string() }).parse(line),
    );
    assert.deepEqual(
      unread.map(({ at, reason }) => `${at}: ${reason}`),
      ["locked.zip › a.txt: encrypted", "cut.zip: damaged"],
    );
    for (const line of [
      "1 · certain · user.contact.email · possible · mixed.csv › row 1",
      "2 · ambiguous · user.contact.email · possible · mixed.csv › row 1",
    ])
      assert.ok(people(out).includes(line), people(out).join("\n"));
    assert.ok(people(out).some((line) => line.includes('book.xlsx › sheet "S" (hidden) › row 2')));
  });
});

test("wrong input says what to do", async () => {
  await inFolder(async (folder) => {
    await follow(folder);
    await writeFile(join(folder, "odd.csv"), "colour,shape\nred,round\n");
    const tries = [
      [["scope", "leak.tgz"], 65, /--registry customers\.csv/],
      [["scope", "--registry", "nowhere.csv", "leak.tgz"], 66, /there is no file/],
      [["scope", "--registry", "odd.csv", "leak.tgz"], 65, /--key COLUMN/],
      [["scope", "--registry", "customers.csv", "nowhere"], 66, /nowhere/],
    ] as const;
    for (const [args, wanted, says] of tries) {
      const { status, err } = await tocsin([...args], { folder });
      assert.equal(status, wanted, err);
      assert.match(err, says);
    }
  });
});
