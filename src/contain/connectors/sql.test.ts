import assert from "node:assert/strict";
import { test } from "node:test";
import type postgres from "postgres";
import { connectPostgres } from "../../db/postgres-driver.ts";
import { SqlConnector } from "../../config/connectors-schema.ts";
import { postgresOptions } from "../../db/postgres-address.ts";
import { batchOf } from "../../../test/support/batch.ts";
import { testContext } from "../../../test/support/context.ts";
import type { Prepared } from "../../work/handler.ts";
import { prepareSql } from "./sql.ts";

const traits = { idempotent: true, batch: 1_000, concurrency: 1 };

type Shop = AsyncDisposable & {
  readonly sql: postgres.Sql;
  prepare(
    action: Record<string, unknown>,
    how?: { watching?: boolean; undo?: boolean; timeout?: string },
  ): Promise<Prepared>;
};

/** A customer database with accounts 1 … 6. */
async function openShop(id: "bigint" | "uuid" | "text"): Promise<Shop> {
  await using opened = new AsyncDisposableStack();
  const t = opened.use(await testContext());
  const sql = connectPostgres({ ...postgresOptions(t.databaseUrl), max: 2, onnotice: () => {} });
  opened.defer(async () => await sql.end());
  await sql.unsafe(
    `create table shop_accounts (id ${id} primary key, password text, changed int not null default 0)`,
  );
  const from = id === "uuid" ? "lpad(n::text, 32, '0')::uuid" : `n::${id}`;
  await sql.unsafe(
    `insert into shop_accounts (id, password) select ${from}, 'old' from generate_series(1, 6) n`,
  );
  const held = opened.move();
  return {
    sql,
    prepare: async (action, how = {}) => {
      const connector = SqlConnector.parse({
        sql: t.databaseUrl,
        ...(how.timeout !== undefined && { timeout: how.timeout }),
        actions: { it: { ...ACTION, ...action } },
      });
      const { it } = connector.actions;
      assert.ok(it);
      return await prepareSql({
        connector,
        action: it,
        traits,
        watching: how.watching ?? false,
        undo: how.undo ?? false,
      });
    },
    [Symbol.asyncDispose]: async () => await held.disposeAsync(),
  };
}

const ACTION = {
  do: "update shop_accounts set password = null, changed = changed + 1 where id = any(:targets)",
  left: "select id from shop_accounts where password is not null and id = any(:targets)",
  found: "select id from shop_accounts where id in (:targets)",
  undo: "update shop_accounts set password = 'old' where id = any(:targets)",
};

async function idsLeft(shop: Shop): Promise<string[]> {
  const rows =
    await shop.sql`select id::text as id from shop_accounts where password is not null order by id`;
  return rows.map((row) => String(row["id"]));
}

test("a batch is done in the customer's database, read back, and nobody else is touched", async () => {
  await using shop = await openShop("bigint");
  await using step = await shop.prepare({});
  const batch = batchOf(["2", "4", "99"]);
  assert.deepEqual(await step.act(batch), [
    { state: "done" },
    { state: "done" },
    { state: "gone" },
  ]);
  assert.deepEqual(await step.verify?.(batchOf(["2", "4"])), [
    { state: "done" },
    { state: "done" },
  ]);
  assert.deepEqual(await idsLeft(shop), ["1", "3", "5", "6"]);
});

test("a statement that changes nothing is found out by the read-back", async () => {
  await using shop = await openShop("bigint");
  await using step = await shop.prepare({
    do: "update shop_accounts set changed = 1 where id = any(:targets)",
  });
  const batch = batchOf(["1"]);
  assert.deepEqual(await step.act(batch), [{ state: "done" }]);
  const [outcome] = (await step.verify?.(batch)) ?? [];
  assert.deepEqual(outcome, {
    state: "refused",
    reason: "not-proved",
    detail: { readBack: "left" },
  });
});

test("a key that the column would read differently touches nobody", async () => {
  await using shop = await openShop("bigint");
  await using step = await shop.prepare({});
  const outcomes = await step.act(
    batchOf(["01", "+1", "1x", "1) or (true", "18446744073709551616", "3"]),
  );
  const refused = { state: "refused", reason: "malformed-key" };
  assert.deepEqual(outcomes, [refused, refused, refused, refused, refused, { state: "done" }]);
  assert.deepEqual(await idsLeft(shop), ["1", "2", "4", "5", "6"]);
});

test("text keys are data whatever they contain", async () => {
  await using shop = await openShop("text");
  await using step = await shop.prepare({});
  const odd = `a"b\\c,{d}'e`;
  await shop.sql`insert into shop_accounts (id, password) values (${odd}, 'old')`;
  assert.deepEqual(await step.act(batchOf([odd, "', '1"])), [{ state: "done" }, { state: "gone" }]);
  assert.deepEqual(await idsLeft(shop), ["1", "2", "3", "4", "5", "6"]);
});

test("uuid columns take the organisation's ids as text", async () => {
  await using shop = await openShop("uuid");
  await using step = await shop.prepare({});
  const outcomes = await step.act(batchOf(["00000000-0000-0000-0000-000000000001", "1"]));
  assert.deepEqual(outcomes, [{ state: "done" }, { state: "refused", reason: "malformed-key" }]);
});

test("one target that the database refuses does not spoil the batch", async () => {
  await using shop = await openShop("bigint");
  await shop.sql`alter table shop_accounts add constraint five check (id <> 5 or password is not null)`;
  await using step = await shop.prepare({});
  const outcomes = await step.act(batchOf(["1", "2", "3", "4", "5", "6"]));
  assert.deepEqual(outcomes[4], { state: "refused", reason: "sql-23514" });
  assert.equal(
    outcomes.filter((outcome) => "state" in outcome && outcome.state === "done").length,
    5,
  );
  assert.deepEqual(await idsLeft(shop), ["5"]);
  const [changed] = await shop.sql`select max(changed) as most from shop_accounts`;
  assert.equal(changed?.["most"], 1);
});

test("a target that is refused only as the batch is committed does not spoil it either", async () => {
  await using shop = await openShop("bigint");
  await shop.sql.unsafe(`
    alter table shop_accounts add column twin bigint unique deferrable initially deferred;
    update shop_accounts set twin = id`);
  const twin =
    "update shop_accounts set password = null, twin = case id when 5 then 6 else twin end where id = any(:targets)";
  await using step = await shop.prepare({ do: twin });
  const outcomes = await step.act(batchOf(["1", "2", "4", "5"]));
  assert.deepEqual(outcomes[3], { state: "refused", reason: "sql-23505" });
  assert.deepEqual(await idsLeft(shop), ["3", "5", "6"]);
});

test("a statement that outlives its timeout is undone and tried again", async () => {
  await using shop = await openShop("bigint");
  const slow = "update shop_accounts set password = null from pg_sleep(5) where id = any(:targets)";
  await using step = await shop.prepare({ do: slow }, { timeout: "50ms" });
  assert.deepEqual(await step.act(batchOf(["1"])), [{ retry: true, reason: "sql-57014" }]);
  assert.equal((await idsLeft(shop)).length, 6);
});

test("a read-back cannot write", async () => {
  await using shop = await openShop("bigint");
  const sly = "update shop_accounts set password = null where id = any(:targets) returning id";
  await using step = await shop.prepare({ left: sly });
  await assert.rejects(async () => await step.verify?.(batchOf(["1"])), { code: "incompatible" });
  assert.equal((await idsLeft(shop)).length, 6);
});

test("a read-back that forgets :targets proves nothing, and says so", async () => {
  await using shop = await openShop("bigint");
  await using step = await shop.prepare({
    left: "select id from shop_accounts where true or id = any(:targets)",
  });
  await assert.rejects(async () => await step.verify?.(batchOf(["1"])), { code: "incompatible" });
});

test("a statement that does not fit the database stops the step before anything is done", async () => {
  await using shop = await openShop("bigint");
  await assert.rejects(shop.prepare({ left: "select id from nowhere where id = any(:targets)" }), {
    code: "incompatible",
  });
  await assert.rejects(
    shop.prepare({ do: "update shop_accounts set nothing = 1 where id = any(:targets)" }),
    {
      code: "incompatible",
    },
  );
  await assert.rejects(shop.prepare({ do: "update shop_accounts set password = null" }), {
    code: "invalid",
  });
});

test("a database that is away is waited for", async () => {
  const connector = SqlConnector.parse({
    sql: "postgres://x@/x?host=/nowhere",
    actions: { it: ACTION },
  });
  const { it } = connector.actions;
  assert.ok(it);
  await assert.rejects(
    prepareSql({ connector, action: it, traits, watching: false, undo: false }),
    {
      code: "unavailable",
      retryable: true,
    },
  );
});

test("what only the customer can do is watched, not done", async () => {
  await using shop = await openShop("bigint");
  await using step = await shop.prepare({ do: undefined, by: "customer" }, { watching: true });
  const batch = batchOf(["1", "2", "99"]);
  const waiting = { waiting: true, reason: "waits-for-customer" };
  assert.deepEqual(await step.act(batch), [waiting, waiting, { state: "gone" }]);
  await shop.sql`update shop_accounts set password = null where id = 2`;
  assert.deepEqual(await step.act(batch), [
    waiting,
    { state: "done", reason: "by-customer" },
    { state: "gone" },
  ]);
});

test("undo takes it back, and is read back too", async () => {
  await using shop = await openShop("bigint");
  await using step = await shop.prepare({});
  await step.act(batchOf(["1", "2"]));
  await using back = await shop.prepare({}, { undo: true });
  const batch = batchOf(["1"]);
  assert.deepEqual(await back.act(batch), [{ state: "done" }]);
  assert.deepEqual(await back.verify?.(batch), [{ state: "done" }]);
  assert.deepEqual(await idsLeft(shop), ["1", "3", "4", "5", "6"]);
});

test("what a crash left open is told by the read-back", async () => {
  await using shop = await openShop("bigint");
  await using step = await shop.prepare({});
  await shop.sql`update shop_accounts set password = null where id = 1`;
  assert.deepEqual(await step.reconcile?.(batchOf(["1", "2", "99"])), [
    "taken",
    "not-taken",
    "not-taken",
  ]);
});
