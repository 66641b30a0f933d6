import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type postgres from "postgres";
import { exampleCompany } from "../../test/support/example-company.ts";
import { checkStores, imageDigests } from "./check-stores.ts";
import { makeImages, openSite } from "./example-cloud/company-site.ts";
import type { Doors } from "./example-cloud/example-cloud.ts";
import { HASHED, LINKED, TOKENS } from "./expected.sql.ts";

/** What Tocsin should have done, done by hand. */
async function contain(sql: postgres.Sql): Promise<void> {
  await sql.unsafe(
    `update accounts set password_hash = null, must_reset = true, changed_at = now() where id in (${HASHED})`,
  );
  await sql.unsafe(`update sessions set ended_at = now() where account_id in (${HASHED})`);
  await sql.unsafe(
    `update builds set linked = false, unlinked_at = now() where account_id in (${LINKED})`,
  );
  await sql.unsafe(`update github.token set revoked_at = now() where digest in (${TOKENS})`);
}

const FAULTS: Readonly<Record<string, readonly [statement: string, check: string]>> = {
  "a password left alive": [
    `update accounts set password_hash = 'x', must_reset = false where id = (${HASHED} limit 1)`,
    "passwords invalid",
  ],
  "one untouched account's password ended": [
    `update accounts set password_hash = null where id = (select id from accounts where id not in (${HASHED}) limit 1)`,
    "other accounts changed",
  ],
  "one touched account's address changed": [
    `update accounts set email = 'x@y.example' where id = (${HASHED} limit 1)`,
    "other accounts changed",
  ],
  "one account gone": [
    `delete from accounts where id = (select id from accounts where id not in (${HASHED}) limit 1)`,
    "other accounts changed",
  ],
  "a session left open": [
    `update sessions set ended_at = null where account_id in (${HASHED})`,
    "sessions still open",
  ],
  "another's session ended": [
    `update sessions set ended_at = now() where id = (select id from sessions where account_id not in (${HASHED}) limit 1)`,
    "sessions of others ended",
  ],
  "a token left alive": [
    `update github.token set revoked_at = null where digest in (select * from (${TOKENS}) t limit 1)`,
    "GitHub tokens dead",
  ],
  "another's token killed": [
    `update github.token set revoked_at = now() where digest = (select digest from github.token where digest not in (${TOKENS}) limit 1)`,
    "other GitHub tokens dead",
  ],
  "a build left linked": [
    `update builds set linked = true, unlinked_at = null where account_id = (${LINKED} limit 1)`,
    "accounts with builds unlinked",
  ],
  "another's build unlinked": [
    `update builds set linked = false, unlinked_at = now() where id = (select id from builds where account_id not in (${LINKED}) limit 1)`,
    "builds of others unlinked",
  ],
  "a link deleted": [
    `delete from links where account_id = (${LINKED} limit 1)`,
    "rows of links changed",
  ],
};

test("each fault in the stores is found by its own check, and a right response passes all", async () => {
  await using company = await exampleCompany();
  const { sql, dir } = company;
  const images = join(dir, "images");
  await makeImages(images, 7);
  const site = await openSite({ sql, images, token: "t" });
  try {
    const doors = { site: site.url } as Doors; // the only door that these checks use
    const digests = await imageDigests(doors);
    const failed = async (): Promise<string[]> =>
      (await checkStores(sql, doors, digests)).filter(({ ok }) => !ok).map(({ name }) => name);
    assert.ok(
      (await failed()).includes("canary accounts refused with the old password"),
      "before anything is done",
    );
    await contain(sql);
    assert.deepEqual(await failed(), []);
    for (const [fault, [statement, check]] of Object.entries(FAULTS)) {
      await broken(sql, statement, async () =>
        assert.ok((await failed()).includes(check), `${fault}: ${check}`),
      );
    }
    await writeFile(join(images, "nginx.json"), "{}");
    assert.deepEqual(await failed(), ["official images unaltered"]);
  } finally {
    await site.close();
  }
});

/** Runs `look` with the fault in place, then puts the tables back. */
async function broken(
  sql: postgres.Sql,
  statement: string,
  look: () => Promise<void>,
): Promise<void> {
  const tables = ["accounts", "sessions", "builds", "links", "github.token"];
  for (const table of tables)
    await sql.unsafe(`drop table if exists truth.saved_${table.replace(".", "_")}`);
  for (const table of tables)
    await sql.unsafe(
      `create table truth.saved_${table.replace(".", "_")} as select * from ${table}`,
    );
  const { count } = await sql.unsafe(statement);
  assert.ok(count > 0, statement);
  await look();
  for (const table of tables) {
    await sql.unsafe(`delete from ${table}`);
    await sql.unsafe(`insert into ${table} select * from truth.saved_${table.replace(".", "_")}`);
  }
}
