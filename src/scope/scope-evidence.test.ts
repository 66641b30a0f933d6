import { test } from "node:test";
import { z } from "zod";
import { xlsxOf } from "../../test/support/documents/office.ts";
import { zipOf } from "../../test/support/documents/zip.ts";
import { PLACED_EXPOSURES } from "./places.sql.ts";
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { refreshRegistry } from "../registry/refresh-registry.ts";
import { scopeEvidence } from "./scope-evidence.ts";
import { scopingOf } from "./scoping.ts";
import {
  CUSTOMERS,
  exposuresOf,
  fileOf,
  scoped,
  scopedAs,
  withCustomers,
} from "../../test/support/dumps.ts";

const BCRYPT = "$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy";

test("a dump becomes exposures of whom its rows point to, each value told by its form", async () => {
  await using t = await withCustomers();
  const dump = `username,email,password_hash,github_token\nann,Ann@Example.org,${BCRYPT},\nBOB,bob@example.org,5f4dcc3b5aa765d61d8327deb882cf99,ghp_bad\n`;
  const result = await scoped(t, dump);
  assert.equal(result.matched, 2);
  assert.deepEqual(await exposuresOf(t), [
    "1 user.account.username confirmed row 1 by email + username",
    "1 user.authorization.password confirmed row 1 by email + username bcrypt strong",
    "1 user.contact.email confirmed row 1 by email + username",
    "2 token.github confirmed row 2 by email + username malformed",
    "2 user.account.username confirmed row 2 by email + username",
    "2 user.authorization.password confirmed row 2 by email + username MD5 or NTLM weak",
    "2 user.contact.email confirmed row 2 by email + username",
  ]);
});

test("the scoping is kept with its entry in the ledger, and is done again only where something has changed", async () => {
  await using t = await withCustomers();
  const { fresh, ...first } = await scoped(
    t,
    "username,email\nann,ann@example.org\nzoe,zoe@example.net\n",
  );
  assert.equal(fresh, true);
  const again = async (sure = "confirmed") =>
    (await scopeEvidence(t.ctx, { incident: "inc", key: "dump", file: fileOf({ sure }) })).fresh;
  assert.equal(await again(), false);
  assert.deepEqual(await scopingOf(t.ctx, "inc"), [first]);
  const kinds = await t.ctx.db.read<
    { kind: string }[]
  >`select kind from ledger_entries where incident = 'inc' order by id`;
  assert.deepEqual(
    kinds.map((row) => row.kind),
    ["evidence.taken", "evidence.unsealed", "evidence.scoped"],
  );
  const before = await exposuresOf(t);
  const click = await t.ctx.click();
  await click.command("truncate table exposures");
  assert.equal(await again(), true);
  assert.deepEqual(await exposuresOf(t), before);
  assert.equal(await again("likely"), true);
  await refreshRegistry(t.ctx, {});
  assert.equal(await again("likely"), false);
  await writeFile(join(t.dir, "customers.csv"), `${CUSTOMERS}9,zoe@example.net,zoe,\n`);
  await refreshRegistry(t.ctx, {});
  assert.equal(await again("likely"), true);
  assert.deepEqual(await exposuresOf(t), [
    "1 user.account.username likely row 1 by email + username",
    "1 user.contact.email likely row 1 by email + username",
    "9 user.account.username likely row 2 by email + username",
    "9 user.contact.email likely row 2 by email + username",
  ]);
});

test("an address of two accounts of one person exposes both, unless another identifier decides", async () => {
  await using t = await withCustomers(
    "id,email,username,phone\n1,two@example.org,red,\n2,two@example.org,blue,\n",
  );
  await scoped(t, "email,username\ntwo@example.org,\ntwo@example.org,blue\n");
  assert.deepEqual(await exposuresOf(t), [
    "1 user.contact.email confirmed row 1 by email",
    "2 user.contact.email confirmed row 1 by email",
    "2 user.account.username confirmed row 2 by email + username",
    "2 user.contact.email confirmed row 2 by email + username",
  ]);
});

test("identifiers of two people are ambiguous: each is possibly exposed", async () => {
  await using t = await withCustomers();
  const result = await scoped(t, "email,username\nann@example.org,bob\n");
  assert.equal(result.ambiguous, 1);
  assert.equal(result.matched, 0);
  assert.deepEqual(await exposuresOf(t), [
    "1 user.account.username possible row 1 by ambiguous: email + username",
    "1 user.contact.email possible row 1 by ambiguous: email + username",
    "2 user.account.username possible row 1 by ambiguous: email + username",
    "2 user.contact.email possible row 1 by ambiguous: email + username",
  ]);
});

test("a user name beside a stranger's address is only likely, and counted as doubtful", async () => {
  await using t = await withCustomers();
  const result = await scoped(t, "email,username\nelse@example.net,ann\n");
  assert.equal(result.doubtful, 1);
  assert.deepEqual(await exposuresOf(t), [
    "1 user.account.username likely row 1 by username, other address",
    "1 user.contact.email likely row 1 by username, other address",
  ]);
});

test("rows of nobody are counted, and those with an address are people outside the registry", async () => {
  await using t = await withCustomers();
  const result = await scoped(t, "email,username\nNew@Example.net,x1\nnew@example.net,x2\n,x3\n");
  assert.deepEqual([result.unmatched, result.unregistered, result.people], [3, 1, 0]);
  assert.equal((await exposuresOf(t)).length, 4);
});

test("empty values expose nothing, and a row with only the account's key still says that it is there", async () => {
  await using t = await withCustomers();
  await scoped(t, "id,password,email\n1,NULL,\n2,\\N,bob@example.org\n");
  assert.deepEqual(await exposuresOf(t), [
    "1 user.unique_id confirmed row 1 by key",
    "2 user.contact.email confirmed row 2 by email + key",
  ]);
});

test("rows that are not whole are set aside with their numbers, and the rest goes on", async () => {
  await using t = await withCustomers();
  const dump = Buffer.concat([
    Buffer.from("username,email\nann,ann@example.org\nbob\nx,y,z\n"),
    Buffer.from([0x62, 0xff, 0x2c, 0x78, 0x0a]),
    Buffer.from('n\0l,x\n"open,x\nbob,bob@example.org\n'),
  ]);
  const result = await scoped(t, dump);
  assert.equal(result.rows, 7);
  assert.deepEqual(result.setAside, [
    { reason: "too few fields", count: 1, rows: [2] },
    { reason: "too many fields", count: 1, rows: [3] },
    { reason: "not UTF-8", count: 1, rows: [4] },
    { reason: "a NUL byte", count: 1, rows: [5] },
    { reason: "a quote that does not close", count: 1, rows: [6] },
  ]);
  assert.deepEqual(
    (await exposuresOf(t)).map((line) => line.replace(/ by.*/, "")),
    [
      "1 user.account.username confirmed row 1",
      "1 user.contact.email confirmed row 1",
      "2 user.account.username confirmed row 7",
      "2 user.contact.email confirmed row 7",
    ],
  );
});

test("compression is found by content, whatever the file is called", async () => {
  const dump = "username;email\nann;ann@example.org\n";
  await using t = await withCustomers();
  for (const [name, bytes] of Object.entries({
    gzip: gzipSync(dump),
    zstd: zstdCompressSync(dump),
  })) {
    const file = { ...fileOf(), incident: `packed-${name}` };
    const result = await scopedAs(t, { key: "dump", dump: bytes, file });
    assert.equal(result.format, `CSV, semicolon, ${name}`);
    assert.equal(result.matched, 1);
  }
  const bzip2 = { ...fileOf(), incident: "packed-bzip2" };
  await assert.rejects(scopedAs(t, { key: "dump", dump: "BZh91AY&SY", file: bzip2 }), {
    code: "invalid",
  });
});

test("a cut-off archive is refused, and the exposures stay as they were", async () => {
  await using t = await withCustomers();
  await assert.rejects(
    scoped(t, gzipSync("username,email\nann,ann@example.org\n".repeat(50)).subarray(0, 60)),
    { code: "invalid" },
  );
  assert.deepEqual(await exposuresOf(t), []);
});

test("columns in incident.yaml correct what was recognised; one that the dump lacks is refused", async () => {
  await using t = await withCustomers();
  const columns = { c1: "service.servers.count", email: "ignore" };
  const result = await scoped(t, "username,email,c1\nann,ann@example.org,5\n", { columns });
  assert.deepEqual(
    result.columns.map(({ category, how }) => [category, how]),
    [
      ["user.account.username", "registry"],
      [null, "named in incident.yaml"],
      ["service.servers.count", "named in incident.yaml"],
    ],
  );
  assert.deepEqual((await exposuresOf(t)).length, 2);
  await assert.rejects(
    scopeEvidence(t.ctx, {
      incident: "inc",
      key: "dump",
      file: fileOf({ columns: { nope: "user.name" } }),
    }),
    {
      code: "invalid",
      message: /no column nope; it has username, email, c1/,
    },
  );
});

test("a column that fits two categories is reported with both, points by both, and exposes the more telling", async () => {
  await using t = await withCustomers();
  const result = await scoped(t, "login,x\nann@example.org,1\nbob@example.org,2\n");
  assert.deepEqual(result.columns[0], {
    column: "login",
    category: "user.contact.email",
    how: "content",
    also: ["user.account.username"],
  });
  assert.equal(result.matched, 2);
});

test("evidence that is being scoped is not scoped twice at once, and needs its scope", async () => {
  await using t = await withCustomers();
  await scoped(t, "username,email\nann,ann@example.org\n");
  const both = await Promise.allSettled(
    [1, 2].map(
      async () => await scopeEvidence(t.ctx, { incident: "inc", key: "dump", file: fileOf() }),
    ),
  );
  assert.deepEqual(both.map((one) => one.status).toSorted(), ["fulfilled", "rejected"]);
  const actor = { ...t.ctx.actor, scopes: new Set<never>() };
  await assert.rejects(
    scopeEvidence({ ...t.ctx, actor }, { incident: "inc", key: "dump", file: fileOf() }),
    { code: "forbidden" },
  );
});

test("documents are evidence too: hidden sheets, texts and what they do not tell, each with its place", async () => {
  await using t = await withCustomers();
  const book = xlsxOf([
    {
      name: "S",
      hidden: true,
      rows: [
        ["email", "amount"],
        ["ann@example.org", 12],
      ],
    },
  ]);
  const pack = zipOf([
    { name: "book.xlsx", content: book },
    { name: "notes.md", content: "# Call\n\nBob (bob@example.org) asks for carol@example.org\n" },
    { name: "locked.txt", content: "x", encrypted: true },
  ]);
  const found = await scoped(t, pack);
  assert.deepEqual(
    [
      found.format,
      found.matched,
      found.unmatched,
      found.unread.map(({ at, reason }) => `${at}: ${reason}`),
    ],
    ["ZIP archive of 3", 2, 1, ["dump › locked.txt: encrypted"]],
  );
  const text = 2 ** 31;
  assert.deepEqual(await exposuresOf(t), [
    "1 user.contact.email confirmed row 1 by email",
    "1 user.payment confirmed row 1 by email",
    ` user.contact.email confirmed row ${text} by `,
    `2 user.contact.email confirmed row ${text + 2} by email`,
    `3 user.contact.email confirmed row ${text + 2} by email`,
  ]);
  const places = await (
    await t.ctx.click()
  ).query(
    z.object({ stands: z.string() }),
    `select distinct stands from (${PLACED_EXPOSURES}) order by stands`,
    { incident: "inc" },
  );
  assert.deepEqual(
    places.map(({ stands }) => stands),
    [
      "dump › book.xlsx › metadata › entry 1",
      'dump › book.xlsx › sheet "S" (hidden) › row 2',
      "dump › notes.md › line 3",
    ],
  );
});

test("evidence of which nothing can be read is refused with the reason", async () => {
  await using t = await withCustomers();
  const locked = zipOf([{ name: "a.txt", content: "x", encrypted: true }]);
  await assert.rejects(scoped(t, locked), { code: "invalid", message: /a\.txt: needs a password/ });
});
