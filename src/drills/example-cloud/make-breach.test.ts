import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { zstdDecompressSync } from "node:zlib";
import { exampleCompany, type ExampleCompany } from "../../../test/support/example-company.ts";
import { isGithubToken } from "./github-token.ts";
import { BROKEN_ROWS } from "./make-breach.ts";
import { verifyPassword } from "./password-hashes.ts";

async function digestOf({ sql, dir }: ExampleCompany): Promise<string> {
  const rows = await sql.unsafe(`
    select (select sum(hashtextextended(a::text, 0)::numeric) from accounts a)::text as accounts,
      (select sum(hashtextextended(l::text, 0)::numeric) from links l)::text as links,
      (select sum(hashtextextended(s::text, 0)::numeric) from sessions s)::text as sessions`);
  const dump = await readFile(join(dir, "leak", "dump.csv.zst"));
  return `${JSON.stringify(rows)} ${createHash("sha256").update(zstdDecompressSync(dump)).digest("hex")}`;
}

test("the same seed makes the same company and the same dump, another seed another", async () => {
  const digests: string[] = [];
  for (const seed of [7, 7, 8]) {
    await using company = await exampleCompany(seed);
    digests.push(await digestOf(company));
  }
  assert.equal(digests[0], digests[1]);
  assert.notEqual(digests[0], digests[2]);
});

test("the company is what the scale asks for", async (t) => {
  await using company = await exampleCompany();
  await t.test(
    "the dump's accounts, hashes, tokens and broken rows are exactly counted",
    async () => await countDump(company),
  );
  await t.test(
    "a canary's stored hash is really its password's, in every format",
    async () => await signIn(company),
  );
  await t.test(
    "minors have a guardian, estates a contact, and some asked not to be written to",
    async () => await lookAtPeople(company),
  );
});

async function countDump(company: ExampleCompany): Promise<void> {
  const text = zstdDecompressSync(
    await readFile(join(company.dir, "leak", "dump.csv.zst")),
  ).toString();
  const [header, ...lines] = text.trimEnd().split("\n");
  assert.equal(
    header,
    "user_name,email,password_hash,github_access_token,bitbucket_access_token,date_joined",
  );
  const broken = new Set(BROKEN_ROWS.map((row) => row.trimEnd()));
  const rows = lines
    .filter((line) => !broken.has(line))
    .map((line) => line.replace(/"[^"]*"/g, "quoted").split(","));
  assert.equal(lines.length - rows.length, 3);
  assert.equal(rows.length, company.size.affected);
  assert.equal(rows.filter((row) => row[2] !== "").length, company.size.hashed);
  assert.equal(rows.filter((row) => row[3] !== "").length, company.size.github);
  assert.equal(rows.filter((row) => row[4] !== "").length, company.size.bitbucket);
  assert.equal(
    rows.filter((row) => row[3] !== "" && !isGithubToken(row[3] ?? "")).length,
    company.size.malformed,
  );
}

async function signIn(company: ExampleCompany): Promise<void> {
  const canaries = await company.sql<{ password: string; hash: string }[]>`
    select password, password_hash as hash from truth.canary join accounts on id = account_id`;
  assert.ok(canaries.length >= 4);
  for (const { password, hash } of canaries) {
    assert.equal(await verifyPassword(company.sql, password, hash), true, hash.slice(0, 10));
    assert.equal(await verifyPassword(company.sql, `${password}x`, hash), false, hash.slice(0, 10));
  }
}

test("a token's checksum is the one that GitHub's own has", () => {
  assert.equal(isGithubToken("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"), true);
  assert.equal(isGithubToken("ghp_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq18"), false);
});

async function lookAtPeople(company: ExampleCompany): Promise<void> {
  const [row] = await company.sql<
    { minors: number; estates: number; silent: number; shared: number; spelt: number }[]
  >`
    select count(*) filter (where minor and guardian_email is not null)::int as minors,
      count(*) filter (where estate_email is not null)::int as estates,
      count(*) filter (where do_not_contact is not null)::int as silent,
      count(*) filter (where shared_mailbox)::int as shared,
      (select count(*)::int from (
        select truth.mailbox_key(email) from accounts where not shared_mailbox group by 1 having count(distinct email) > 1) s) as spelt
    from accounts join truth.leak on account = id`;
  assert.ok(
    row &&
      row.minors >= 1 &&
      row.estates >= 1 &&
      row.silent >= 2 &&
      row.shared >= 1 &&
      row.spelt >= 1,
    JSON.stringify(row),
  );
}
