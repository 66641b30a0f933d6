import { test } from "node:test";
import assert from "node:assert/strict";
import { z } from "zod";
import { IncidentFile } from "../config/incident-file.ts";
import { sha256 } from "../core/digest.ts";
import { fileOf, scoped, scopedAs, withCustomers } from "../../test/support/dumps.ts";
import type { TestContext } from "../../test/support/context.ts";
import { cohortFigures } from "./cohort-figures.ts";
import { cohortSql, standingExposuresSql } from "./cohort-sql.ts";
import { secretValues } from "./secret-values.ts";

const CUSTOMERS = `id,email,username,phone,country,two_factor
1,ann@example.org,ann,,US,true
2,bob@example.org,bob,,DE,false
3,ann@example.org,ann2,,US,false
4,dave@example.org,dave,,FR,false
`;
const GITHUB = `ghp_${"a".repeat(30)}`;
const TOKEN = `${GITHUB}1yLcDB`;
const DUMP = `username,email,password,github_token
ann,ann@example.org,$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy,${TOKEN}
bob,bob@example.org,5f4dcc3b5aa765d61d8327deb882cf99,bad
dave,dave@example.org,,
,zoe@example.net,,
`;

const COHORTS = {
  affected: { in: "dump" },
  hashed: { in: "dump", with: "user.authorization.password" },
  tokens: { with: ["token"] },
  american: { in: "dump", country: "us" },
  open: { where: { two_factor: "false" } },
  rest: "affected - hashed",
  either: "(rest + tokens) & affected",
  hashedabroad: { set: "hashed", country: ["DE", "FR"] },
};

async function scene(): Promise<TestContext> {
  return await withCustomers(CUSTOMERS, { country: "country", attributes: ["two_factor"] });
}

const Account = z.object({ account: z.string() });

async function accountsIn(t: TestContext, file: IncidentFile, expression: string): Promise<string> {
  const click = await t.ctx.click();
  const rows = await click.query(
    Account,
    `select account from ${cohortSql(file, expression)} order by account`,
  );
  return rows.map((row) => row.account || "-").join(" ");
}

test("cohorts are sets over exposures, the registry and each other", async () => {
  await using t = await scene();
  await scoped(t, DUMP);
  const file = fileOf({}, { cohorts: COHORTS });
  const sets: Record<string, string> = {};
  for (const name of Object.keys(COHORTS)) sets[name] = await accountsIn(t, file, name);
  assert.deepEqual(sets, {
    affected: "- 1 2 4",
    hashed: "1 2",
    tokens: "1 2",
    american: "1",
    open: "2 3 4",
    rest: "- 4",
    either: "- 1 2 4",
    hashedabroad: "2",
  });
  assert.equal(await accountsIn(t, file, "affected - hashed - open"), "-");
});

test("figures count accounts and people by what was exposed of theirs, once each", async () => {
  await using t = await scene();
  await scoped(t, DUMP);
  const file = fileOf({}, { cohorts: { affected: { in: "dump" } } });
  const [affected] = await cohortFigures(t.ctx, { incident: "inc", file });
  for (const atOnce of [1, 2])
    assert.deepEqual(await cohortFigures(t.ctx, { incident: "inc", file, atOnce }), [affected]);
  assert.deepEqual(
    {
      ...affected,
      categories: affected?.categories.map((one) => [
        one.category,
        one.sureness,
        one.accounts,
        one.details.map((d) => `${d.accounts} ${d.detail} ${d.grade}`.trim()).join(", "),
      ]),
    },
    {
      name: "affected",
      accounts: 3,
      people: 3,
      minors: 0,
      estates: 0,
      doNotContact: 0,
      severalAccounts: 0,
      withoutAddress: 0,
      unregistered: 1,
      ambiguous: 0,
      categories: [
        ["user.contact.email", "confirmed", 4, "4"],
        ["user.account.username", "confirmed", 3, "3"],
        ["token.github", "confirmed", 2, "1 ghp, 1 malformed"],
        ["user.authorization.password", "confirmed", 2, "1 MD5 or NTLM weak, 1 bcrypt strong"],
      ],
      countries: [
        { country: "DE", accounts: 1 },
        { country: "FR", accounts: 1 },
        { country: "US", accounts: 1 },
      ],
      regions: [],
      languages: [{ language: "", people: 3 }],
    },
  );
});

test("a withdrawal takes back whom it names, and only from the evidence that it names", async () => {
  await using t = await scene();
  await scoped(t, DUMP);
  const evidence = {
    dump: { file: "d", kind: "records" },
    more: { file: "m", kind: "records" },
    wrong: { file: "w", kind: "records", withdraws: "dump" },
  };
  const file = IncidentFile.parse({
    incident: "inc",
    title: "t",
    lead: "l",
    evidence,
    cohorts: { affected: { in: "dump" }, all: { in: ["dump", "more"] } },
  });
  await scopedAs(t, { key: "more", dump: "username\nbob\n", file });
  await scopedAs(t, { key: "wrong", dump: "username\nbob\ndave\n", file });
  assert.equal(await accountsIn(t, file, "affected"), "- 1");
  assert.equal(await accountsIn(t, file, "all"), "- 1 2");
});

test("secret values come out of the sealed evidence by their mark, each use in the ledger", async () => {
  await using t = await scene();
  await scoped(t, DUMP);
  const found = [];
  for await (const batch of secretValues(t.ctx, {
    incident: "inc",
    file: fileOf(),
    category: "token.github",
    why: "revoke",
  }))
    found.push(...batch);
  const mark = (value: string): string => sha256(value).subarray(0, 16).toString("hex");
  assert.deepEqual(
    found.toSorted((a, b) => (a.account < b.account ? -1 : 1)),
    [
      { mark: mark(TOKEN), registry: "customers", account: "1", value: TOKEN },
      { mark: mark("bad"), registry: "customers", account: "2", value: "bad" },
    ],
  );
  const click = await t.ctx.click();
  const [left] = await click.query(
    z.object({ n: z.number() }),
    "select count() as n from system.tables where database = currentDatabase() and name like 'scoping_%'",
  );
  assert.equal(left?.n, 0);
});

test("hostile names, attributes and expressions reach ClickHouse as literals or not at all", async () => {
  await using t = await scene();
  await scoped(t, DUMP);
  const hostile = "x') or 1 = 1 --\\' {a:String} `";
  const file = fileOf(
    {},
    {
      cohorts: {
        a: { where: { [hostile]: hostile } },
        b: { country: hostile },
        loop: "loop + a",
        deep: "a",
      },
    },
  );
  assert.equal(await accountsIn(t, file, "a"), "");
  assert.equal(await accountsIn(t, file, "b"), "");
  for (const expression of ["a'", "a) or (1", "constructor", "nope", "loop", ""]) {
    assert.throws(() => cohortSql(file, expression), { code: "invalid" });
  }
  assert.ok(standingExposuresSql({ ...file, incident: "a'b\\" }).includes("'a\\'b\\\\'"));
});
