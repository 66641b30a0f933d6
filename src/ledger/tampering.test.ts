import assert from "node:assert/strict";
import { test } from "node:test";
import type { Context } from "../db/context.ts";
import { testContext } from "../../test/support/context.ts";
import { checkpointLedger } from "./checkpoint-ledger.ts";
import { fill } from "../../test/support/fill-ledger.ts";
import { sequenceLedger } from "./sequence-ledger.ts";
import { verifyLedger } from "./verify-ledger.ts";

const TAMPERING: readonly (readonly [
  name: string,
  sql: string,
  found: readonly (readonly [string, (string | undefined)?])[],
])[] = [
  [
    "an actor that is changed",
    "update ledger_entries set actor = 'x' where id = 2",
    [["changed", "2"]],
  ],
  [
    "a time that is moved by a millisecond",
    "update ledger_entries set at = at + interval '1 ms' where id = 2",
    [["changed", "2"]],
  ],
  [
    "a body that is changed",
    "update ledger_bodies set body = replace(body, '1 about', '9 about') where entry = 2",
    [["body-changed", "2"]],
  ],
  ["a body that is deleted", "delete from ledger_bodies where entry = 2", [["missing", "2"]]],
  [
    "a body that is erased past the ledger",
    "update ledger_bodies set body = null, salt = null, erased_by = 3 where entry = 2",
    [["erasure", "2"]],
  ],
  [
    "an entry that is deleted",
    "alter table ledger_places drop constraint ledger_places_entry_fkey; alter table ledger_bodies drop constraint ledger_bodies_entry_fkey; delete from ledger_entries where id = 2",
    [["missing", "2"]],
  ],
  [
    "a place that is deleted",
    "delete from ledger_places where place = 1",
    [["missing"], ["unplaced", "2"]],
  ],
  [
    "an entry that is deleted with its place",
    "delete from ledger_bodies where entry = 2; delete from ledger_places where place = 1; delete from ledger_entries where id = 2",
    [["missing"]],
  ],
  [
    "two entries that change places",
    "alter table ledger_places drop constraint ledger_places_entry_key; update ledger_places set entry = case entry when 2 then 3 else 2 end where entry in (2, 3)",
    [
      ["moved", "3"],
      ["moved", "2"],
    ],
  ],
  [
    "a tail that is cut off with all its hashes",
    "delete from ledger_bodies where entry in (5, 6); delete from ledger_batches; delete from ledger_places where place >= 4; delete from ledger_nodes where place >= 4 or (level = 1 and place = 2); delete from ledger_entries where id >= 5; delete from ledger_checkpoints",
    [["truncated"]],
  ],
  [
    "a member's body that is changed",
    'update ledger_batches set members = replace(members, \'"key":"4"\', \'"key":"5"\')',
    [["members-changed", "6"]],
  ],
  [
    "a member that is taken out past the ledger",
    "update ledger_batches set members = (members::jsonb - 3)::text",
    [["members-changed", "6"]],
  ],
  ["a batch that is deleted", "delete from ledger_batches", [["missing", "6"]]],
  [
    "a member's commitment that is replaced",
    "update ledger_batches set commitments = overlay(commitments placing '\\x00'::bytea from 40)",
    [["members-changed", "6"]],
  ],
  [
    "a leaf hash that is replaced",
    "update ledger_nodes set hash = sha256('x') where level = 0 and place = 1",
    [["changed", "2"], ["tree"], ["checkpoint"], ["checkpoint"]],
  ],
  [
    "a subtree that is replaced",
    "update ledger_nodes set hash = sha256('x') where level = 1 and place = 1",
    [["tree"]],
  ],
  ["a subtree that is put in", "insert into ledger_nodes values (5, 3, sha256('x'))", [["tree"]]],
  [
    "a checkpoint of another root",
    "update ledger_checkpoints set root = sha256('x')",
    [["checkpoint"]],
  ],
  [
    "a checkpoint that is forged",
    "insert into ledger_checkpoints select 3, made_at, sha256('x'), E'example.cloud/tocsin\\n3\\nAAAA\\n\\n— example.cloud/tocsin AAAA\\n' from ledger_checkpoints",
    [["checkpoint"]],
  ],
  [
    "an entry that is slipped in without a place",
    "insert into ledger_entries (kind, at, actor, commitment) values ('a.b', now(), 'x', sha256('x'))",
    [["unplaced", "7"]],
  ],
];

test("verify finds and names each kind of tampering, and nothing else", async (suite) => {
  await using t = await testContext();
  await fill(t.ctx);
  await checkpointLedger(t.ctx);
  await asOwner(
    t.ctx,
    TABLES.map((table) => `create table kept_${table} as table ledger_${table}`).join("; "),
  );
  assert.equal((await verifyLedger(t.ctx)).ok, true);
  for (const [name, statements, expected] of TAMPERING) {
    await suite.test(name, async () => {
      await asOwner(t.ctx, statements);
      const found = await verifyLedger(t.ctx);
      assert.equal(found.ok, false);
      const told = found.problems.map(({ what, entry }) =>
        entry === undefined ? what : `${what} ${entry}`,
      );
      const wanted = expected.map((one) => one.join(" "));
      assert.deepEqual(new Set(told), new Set(wanted), JSON.stringify(found.problems, null, 1));
      assert.equal(told.length, wanted.length);
    });
    await asOwner(t.ctx, `truncate ${TABLES.map((table) => `ledger_${table}`).join(", ")}`);
    await asOwner(
      t.ctx,
      TABLES.map(
        (table) => `insert into ledger_${table} overriding system value table kept_${table}`,
      ).join("; "),
    );
    assert.equal((await verifyLedger(t.ctx)).ok, true);
  }
});

test("a ledger rewritten from end to end is found by the checkpoints outside the database, and is not signed again", async () => {
  await using t = await testContext();
  await fill(t.ctx);
  await checkpointLedger(t.ctx);
  await asOwner(
    t.ctx,
    "update ledger_entries set actor = 'x' where id = 2; delete from ledger_places; delete from ledger_nodes; delete from ledger_checkpoints; insert into ledger_pending select id from ledger_entries",
  );
  await sequenceLedger(t.ctx);
  const found = await verifyLedger(t.ctx);
  assert.deepEqual(
    found.problems.map(({ what }) => what),
    ["checkpoint"],
  );
  await assert.rejects(checkpointLedger(t.ctx), { code: "refused" });
});

const TABLES = ["entries", "bodies", "batches", "pending", "places", "nodes", "checkpoints"];

/** As somebody who owns the database, past every trigger. */
async function asOwner(ctx: Context, statements: string): Promise<void> {
  await ctx.db.write.unsafe(
    `set session_replication_role = replica; ${statements}; set session_replication_role = origin`,
  );
}
