import assert from "node:assert/strict";
import { test } from "node:test";
import { createConnection } from "mysql2/promise";
import { SqlConnector } from "../../config/connectors-schema.ts";
import { batchOf } from "../../../test/support/batch.ts";
import { NO_MARIADB, startMariaDb } from "../../../test/support/mariadb.ts";
import type { Prepared } from "../../work/handler.ts";
import { prepareSql } from "./sql.ts";

const ACTION = {
  do: "update accounts set password = null where id in (:targets)",
  left: "select id from accounts where password is not null and id = any(:targets)",
  found: "select id from accounts where id in (:targets)",
};

async function read(address: string, sql: string): Promise<unknown> {
  const connection = await createConnection({ uri: address, rowsAsArray: true });
  const [rows] = await connection.query(sql).finally(async () => await connection.end());
  return Array.isArray(rows) && Array.isArray(rows[0]) ? rows[0][0] : undefined;
}

async function prepare(
  address: string,
  action: Partial<typeof ACTION> = {},
  timeout = "5s",
): Promise<Prepared> {
  const connector = SqlConnector.parse({
    sql: address,
    timeout,
    actions: { it: { ...ACTION, ...action } },
  });
  const { it } = connector.actions;
  assert.ok(it);
  const traits = { idempotent: true, batch: 1_000, concurrency: 1 };
  return await prepareSql({ connector, action: it, traits, watching: false, undo: false });
}

test("mariadb: ids above 2^53 stay apart, malformed ones touch nobody, one bad target spoils nothing", async (t) => {
  await using database = await startMariaDb();
  if (!database) {
    t.skip(NO_MARIADB);
    return;
  }
  await database.run(`
    create table accounts (id bigint unsigned primary key, password text, constraint five check (id <> 5 or password is not null));
    insert into accounts values (1, 'old'), (2, 'old'), (5, 'old'), (7, 'old'), (9007199254740992, 'old'), (9007199254740993, 'old')`);
  await using step = await prepare(database.address);
  const keys = ["9007199254740993", "7up", "07", "99", "5", "1"];
  const outcomes = await step.act(batchOf(keys));
  assert.deepEqual(outcomes, [
    { state: "done" },
    { state: "refused", reason: "malformed-key" },
    { state: "refused", reason: "malformed-key" },
    { state: "gone" },
    { state: "refused", reason: "sql-23000" },
    { state: "done" },
  ]);
  assert.deepEqual(await step.verify?.(batchOf(["9007199254740993", "1"])), [
    { state: "done" },
    { state: "done" },
  ]);
  assert.equal(
    await read(
      database.address,
      "select group_concat(id order by id) from accounts where password is not null",
    ),
    "2,5,7,9007199254740992",
  );
});

test("mariadb: text ids, a slow statement, a statement that does not fit and a missing right", async (t) => {
  await using database = await startMariaDb();
  if (!database) {
    t.skip(NO_MARIADB);
    return;
  }
  await database.run(
    "create table accounts (id varchar(40) primary key, password text); insert into accounts values ('a''b', 'old'), ('c', 'old')",
  );
  await using step = await prepare(database.address);
  assert.deepEqual(await step.act(batchOf(["a'b", "x') or ('1'='1"])), [
    { state: "done" },
    { state: "gone" },
  ]);
  await using slow = await prepare(
    database.address,
    { do: "update accounts set password = sleep(3) where id in (:targets)" },
    "200ms",
  );
  assert.deepEqual(await slow.act(batchOf(["c"])), [
    { retry: true, reason: "PROTOCOL_SEQUENCE_TIMEOUT" },
  ]);
  await assert.rejects(
    prepare(database.address, { left: "select id from nowhere where id in (:targets)" }),
    { code: "incompatible" },
  );
  const asTocsin = database.address.replace("root@", "tocsin:p%40ss@");
  await database.run(
    "create user 'tocsin'@'localhost' identified by 'p@ss'; grant select on cloud.* to 'tocsin'@'localhost'",
  );
  await assert.rejects(prepare(asTocsin.replace("p%40ss", "wrong")), { code: "forbidden" });
  await using poor = await prepare(asTocsin).catch(() => undefined);
  if (poor) await assert.rejects(poor.act(batchOf(["c"])), { code: "forbidden" });
  assert.equal(await read(database.address, "select password from accounts where id = 'c'"), "old");
});
