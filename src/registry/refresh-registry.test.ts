import assert from "node:assert/strict";
import { test } from "node:test";
import { actorWithAllScopes } from "../core/scope.ts";
import { TocsinError } from "../core/errors.ts";
import { sha256Hex } from "../core/digest.ts";
import { sharedData } from "../../test/support/shared-data.ts";
import { readFileSync } from "node:fs";
import { checkRegistry } from "./check-registry.ts";
import { findPeople } from "./find-people.ts";
import { refreshRegistry } from "./refresh-registry.ts";
import { registryStatus } from "./registry-status.ts";
import { setAside } from "./set-aside.ts";
import { accounts, asideOf, put, registryContext, rows } from "./registry-test.ts";

const HEADER = "id,email,username,phone,name,country,plan\n";

test("a CSV file becomes accounts with comparable identifiers, and the ledger says so", async () => {
  await using t = await registryContext();
  put(
    t,
    `${HEADER}1,Jo.Doe+x@Gmail.com,JoDoe,030 901820,Jo,de,pro\n2,ann@example.org,Ann,+44 20 7946 0018,Ann,UK,free\n`,
  );
  const [done] = await refreshRegistry(t.ctx, {});
  assert.deepEqual([done?.accounts, done?.added, done?.rows], [2, 2, 2]);
  assert.deepEqual(
    await accounts(t, "account, address, username, phone, country, contact_address, attributes"),
    [
      {
        account: "1",
        address: "jodoe@gmail.com",
        username: "jodoe",
        phone: "+4930901820",
        country: "DE",
        contact_address: "Jo.Doe+x@gmail.com",
        attributes: { plan: "pro" },
      },
      {
        account: "2",
        address: "ann@example.org",
        username: "ann",
        phone: "+442079460018",
        country: "GB",
        contact_address: "ann@example.org",
        attributes: { plan: "free" },
      },
    ],
  );
  const [found] = await t.ctx.db
    .read`select count(*)::int as count from ledger_entries where kind = 'registry.refreshed'`;
  assert.equal(found?.["count"], 1);
  const hex = sha256Hex("customers", "\0", "jodoe@gmail.com").slice(0, 32);
  const [person] = await rows(
    t,
    "select replaceAll(toString(subject), '-', '') as subject from current_accounts where account = '1'",
  );
  assert.equal(person?.["subject"], hex);
});

test("nobody without the scope refreshes, lists or finds", async () => {
  await using t = await registryContext();
  const ctx = {
    ...t.ctx,
    actor: { ...actorWithAllScopes("guest", "cli"), scopes: new Set<never>() },
  };
  const forbidden = (error: unknown): boolean =>
    error instanceof TocsinError && error.code === "forbidden";
  await assert.rejects(refreshRegistry(ctx, {}), forbidden);
  await assert.rejects(setAside(ctx, {}), forbidden);
  await assert.rejects(findPeople(ctx, { who: "x" }), forbidden);
  await assert.rejects(registryStatus(ctx), forbidden);
});

test("rows that cannot be taken are listed with their place, and the rest goes on", async () => {
  await using t = await registryContext();
  const big = "x".repeat(1_000_000);
  put(
    t,
    Buffer.concat([
      Buffer.from(`${HEADER}1,a@example.org,a,,"A, ""the\nfirst""",DE,pro\n`),
      Buffer.from("2,b@example.org,b,,B,DE\n"), // a field too few
      Buffer.from('3,c@example.org,c,,"C"x,DE,pro\n'), // text behind a quote
      Buffer.from("\r\n4,nobody,d,,D,DE,pro\r\n"),
      Buffer.from(",e@example.org,e,,E,DE,pro\n"),
      Buffer.from("1,again@example.org,f,,F,DE,pro\n"),
      Buffer.from(`7,g@example.org,g,,${big},DE,pro\n`),
      Buffer.from("8,h@example.org,h,,M\0N,DE,pro\n"),
      Buffer.from([...Buffer.from("9,i@example.org,i,,M"), 0xfc, ...Buffer.from("ller,DE,pro\n")]),
      Buffer.from("10,,j,,J,Atlantis,pro\n"),
      Buffer.from("11,k@example.org,k,123,K,DE,pro\n"),
      Buffer.from("12,pаypal@example.org,l,,L,DE,pro\n"),
      Buffer.from("13,m@exam"),
    ]),
  );
  const [done] = await refreshRegistry(t.ctx, {});
  assert.equal(done?.accounts, 8);
  assert.deepEqual(await asideOf(t), [
    "2  broken-record removed",
    "3  broken-record removed",
    "4 4 invalid-address unreachable",
    "5  missing-key removed",
    "6 1 duplicate-key removed",
    "7 7 value-too-long marked",
    "8 8 nul-byte marked",
    "9 9 wrong-encoding marked",
    "10 10 no-address unreachable",
    "10 10 unknown-country marked",
    "11 11 invalid-phone marked",
    "12 12 mixed-scripts marked",
    "13  truncated removed",
  ]);
  assert.deepEqual(
    await accounts(t, "account, if(length(name) > 100, toString(length(name)), name) as name"),
    [
      { account: "1", name: 'A, "the\nfirst"' },
      { account: "10", name: "J" },
      { account: "11", name: "K" },
      { account: "12", name: "L" },
      { account: "4", name: "D" },
      { account: "7", name: "4000" },
      { account: "8", name: "MN" },
      { account: "9", name: "M\ufffdller" },
    ],
  );
  assert.equal((await setAside(t.ctx, { effect: "removed" })).length, 5);
});

test("a quote that never closes costs its own line", async () => {
  await using t = await registryContext();
  put(
    t,
    `${HEADER}1,a@example.org,"a,,A,DE,pro\n2,b@example.org,b,,B,DE,pro\n3,c@example.org,c,,C,DE,pro\n`,
  );
  await refreshRegistry(t.ctx, {});
  assert.deepEqual((await accounts(t, "account")).length, 2);
  assert.deepEqual(await asideOf(t), ["1  broken-record removed"]);
});

test("a second refresh counts what changed, and accounts that vanished are closed and keep their ids only", async () => {
  await using t = await registryContext({ may_shrink_by: 0.5 });
  put(
    t,
    `${HEADER}1,a@example.org,a,,A,DE,pro\n2,b@example.org,b,,B,DE,pro\n3,c@example.org,c,,C,DE,pro\n`,
  );
  await refreshRegistry(t.ctx, {});
  put(
    t,
    `${HEADER}1,a@example.org,a,,A,DE,pro\n3,new@example.org,c,,C,DE,pro\n4,d@example.org,d,,D,DE,pro\n`,
  );
  const [done] = await refreshRegistry(t.ctx, {});
  assert.deepEqual([done?.accounts, done?.added, done?.changed, done?.closed], [3, 1, 1, 1]);
  assert.deepEqual(
    (await accounts(t, "account, address")).map((row) => row["address"]),
    ["a@example.org", "new@example.org", "d@example.org"],
  );
  assert.deepEqual(await rows(t, "select account from closed_accounts"), [{ account: "2" }]);
  assert.deepEqual(
    await rows(
      t,
      "select count() as n from current_identifiers where value in ('b@example.org', 'c@example.org')",
    ),
    [{ n: 0 }],
  );
  const [again] = await refreshRegistry(t.ctx, {});
  assert.deepEqual([again?.added, again?.changed, again?.closed], [0, 0, 0]);
  assert.deepEqual(await rows(t, "select account from closed_accounts"), [{ account: "2" }]);
});

test("a source that shrinks suddenly is refused, changes nothing, and is taken when told", async () => {
  await using t = await registryContext();
  const line = (n: number): string => `${n},u${n}@example.org,u${n},,U,DE,pro\n`;
  put(t, HEADER + Array.from({ length: 10 }, (_, n) => line(n)).join(""));
  await refreshRegistry(t.ctx, {});
  put(t, HEADER + line(1));
  await assert.rejects(
    refreshRegistry(t.ctx, {}),
    (error) => error instanceof TocsinError && error.code === "refused",
  );
  assert.equal((await accounts(t, "account")).length, 10);
  const [done] = await refreshRegistry(t.ctx, { shrink: true });
  assert.deepEqual([done?.accounts, done?.closed], [1, 9]);
});

test("who is written to: the owner, a minor's guardian, an estate's contact, or another contact of the account", async () => {
  await using t = await registryContext({
    contacts: { guardian: "guardian", estate: "estate", security: "security" },
    minor: "born",
    do_not_contact: "quiet",
    shared_mailbox: "shared",
  });
  t.ctx.clock.set("2026-06-15T12:00:00Z");
  put(
    t,
    [
      "id,email,username,phone,name,country,plan,guardian,estate,security,born,quiet,shared",
      "1,a@example.org,,,,,,,,,1990-01-01,,",
      "2,b@example.org,,,,,,parent@example.org,,,2008-06-16,,",
      "3,c@example.org,,,,,,parent@example.org,,,20080615,,",
      "4,d@example.org,,,,,,,,,true,,",
      "5,e@example.org,,,,,,,heirs@example.org,,,court order,",
      "6,nobody,,,,,,,,sec@example.org,,,",
      "7,info@example.org,,,,,,,,,,,yes",
      "8,info@example.org,,,,,,,,,,,yes",
      "9,f@example.org,,,,,,,,,,,",
      "10,F@example.org,,,,,,,,,,,",
    ].join("\n"),
  );
  await refreshRegistry(t.ctx, {});
  const found = await rows(
    t,
    "select toUInt32(account) as n, contact_role as role, contact_address as to, do_not_contact as quiet, minor from current_accounts order by n",
  );
  assert.deepEqual(
    found.slice(0, 6).map((row) => Object.values(row).join(" ")),
    [
      "1 owner a@example.org  false",
      "2 guardian parent@example.org  true",
      "3 owner c@example.org  false",
      "4 owner d@example.org  true",
      "5 estate heirs@example.org court order false",
      "6 security sec@example.org  false",
    ],
  );
  const [people] = await rows(
    t,
    "select uniqExact(subject) as people, uniqExactIf(subject, account in ('7', '8')) as shared, uniqExactIf(subject, account in ('9', '10')) as one from current_accounts",
  );
  assert.deepEqual(people, { people: 9, shared: 2, one: 1 });
  assert.ok((await asideOf(t)).includes("4 4 minor-without-guardian marked"));
});

test("finding a person takes any spelling, gives all their accounts, and is in the ledger", async () => {
  await using t = await registryContext();
  put(
    t,
    `${HEADER}1,jo.doe@gmail.com,jo,+4930901820,Jo,DE,pro\n2,jodoe+two@gmail.com,jo2,,Jo,DE,pro\n3,x@example.org,x,,X,DE,pro\n`,
  );
  await refreshRegistry(t.ctx, {});
  for (const who of ["J.o.Doe@googlemail.com", "JO", "+49 30 901820", "2"]) {
    assert.deepEqual(
      (await findPeople(t.ctx, { who })).map(({ account }) => account),
      ["1", "2"],
      who,
    );
  }
  assert.deepEqual(await findPeople(t.ctx, { who: "nobody@example.org" }), []);
  const [found] = await t.ctx.db
    .read`select count(*)::int as count from ledger_entries where kind = 'people.read'`;
  assert.equal(found?.["count"], 5);
});

test("a column that the source does not have is named, in a check and in a refresh", async () => {
  await using t = await registryContext({ language: "locale" });
  put(t, `${HEADER}1,a@example.org,a,,A,DE,pro\n`);
  const check = await checkRegistry(t.ctx, "customers");
  assert.equal(check.ok, false);
  assert.match(check.problems[0]?.message ?? "", /no column locale; it has id, email/);
  await assert.rejects(
    refreshRegistry(t.ctx, {}),
    /registry.customers.language: the source has no column locale/,
  );
});

test("a file in UTF-16, an empty one and a missing one are refused with what to do", async () => {
  await using t = await registryContext();
  await assert.rejects(refreshRegistry(t.ctx, {}), /there is no file/);
  put(t, "");
  await assert.rejects(refreshRegistry(t.ctx, {}), /no line of column names/);
  put(t, Buffer.from(`\ufeff${HEADER}`, "utf16le"));
  await assert.rejects(refreshRegistry(t.ctx, {}), /is in UTF-16: save it as UTF-8/);
});

test("the status counts accounts, people and what is set aside", async () => {
  await using t = await registryContext();
  put(t, `${HEADER}1,a@example.org,a,,A,DE,pro\n2,A@example.org,b,,B,DE,pro\n3,,c,,C,DE,pro\n`);
  await refreshRegistry(t.ctx, {});
  const [status] = await registryStatus(t.ctx);
  assert.deepEqual(
    [status?.accounts, status?.people, status?.unreachable, status?.setAside],
    [3, 2, 1, { "no-address": 1 }],
  );
});

test("NDJSON: numbers, nulls and missing values, and lines that are no object", async () => {
  await using t = await registryContext({ from: { ndjson: "customers.ndjson" } });
  const lines = [
    '{"id":1,"email":"a@example.org","username":"a","phone":null,"name":"A\\u0000","country":"DE","plan":true}',
    "",
    "{broken",
    "[1]",
    '{"id":"2","email":"b@example.org"}',
    '{"id":3,"em',
  ];
  put(t, lines.join("\n"), "customers.ndjson");
  await refreshRegistry(t.ctx, {});
  assert.deepEqual(await accounts(t, "account, address, name, attributes"), [
    { account: "1", address: "a@example.org", name: "A", attributes: { plan: "true" } },
    { account: "2", address: "b@example.org", name: "", attributes: { plan: "" } },
  ]);
  assert.deepEqual(await asideOf(t), [
    "1 1 nul-byte marked",
    "2  broken-record removed",
    "3  broken-record removed",
    "5  truncated removed",
  ]);
});

test("Parquet is read by row number, and a truncated file is refused", async () => {
  await using t = await registryContext({ from: { parquet: "customers.parquet" } });
  const click = await t.ctx.click();
  await click.unload({
    select:
      "select number as id, concat('u', toString(number), '@example.org') as email, '' as username, '' as phone, 'N' as name, 'DE' as country, number % 2 = 0 as plan from numbers(1000)",
    path: `${t.dir}/customers.parquet`,
    format: "Parquet",
  });
  const [done] = await refreshRegistry(t.ctx, {});
  assert.deepEqual([done?.accounts, done?.rows], [1000, 1000]);
  assert.deepEqual(
    await rows(t, "select min(row) as first, max(row) as last from current_accounts"),
    [{ first: 1, last: 1000 }],
  );
  put(t, readFileSync(`${t.dir}/customers.parquet`).subarray(0, 2000), "customers.parquet");
  await assert.rejects(refreshRegistry(t.ctx, {}), /is no whole Parquet file/);
  assert.equal((await accounts(t, "account")).length, 1000);
});

test("people of a real data set: each record an account, one person found by name and birth date", async (c) => {
  const path = sharedData("people/febrl1.csv");
  if (path === undefined) return c.skip("shared data is not here");
  await using t = await registryContext({
    from: { csv: path },
    key: "rec_id",
    identifiers: {},
    name: "surname",
    country: undefined,
    attributes: [],
    minor: "date_of_birth",
    subject: ["soc_sec_id"],
  });
  const [done] = await refreshRegistry(t.ctx, {});
  assert.equal(done?.accounts, 1000);
  const [people] = await rows(
    t,
    "select uniqExact(subject) as people, countIf(minor) as minors from current_accounts",
  );
  assert.ok(
    Number(people?.["people"]) >= 500 && Number(people?.["people"]) < 600,
    JSON.stringify(people),
  );
});
