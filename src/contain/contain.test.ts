import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type postgres from "postgres";
import { testContext, type TestContext } from "../../test/support/context.ts";
import { type FarSide, farSide } from "../../test/support/far-side.ts";
import { testRun } from "../../test/support/work.ts";
import { Organisation } from "../config/organisation.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import type { Context } from "../db/context.ts";
import { postgresOptions } from "../db/postgres-address.ts";
import { connectPostgres } from "../db/postgres-driver.ts";
import { outcomesOf } from "../work/outcomes-of.ts";
import { work } from "../work/work.ts";
import { actionOf } from "./action-of.ts";
import { checkConnector } from "./check-connector.ts";
import { containHandler } from "./contain-handler.ts";
import { dryRun } from "./dry-run.ts";
import { canaryReport, probeCanaries } from "./probe-canaries.ts";

const incident = "test-incident";

const HURRIED: Clock = {
  now: () => systemClock.now(),
  sleep: async (ms, signal) => await systemClock.sleep(ms / 50, signal),
};

type Shop = AsyncDisposable & {
  readonly t: TestContext;
  readonly ctx: Context;
  readonly sql: postgres.Sql;
  readonly door: FarSide;
};

/** A shop whose door lets an account in while its password stands, or always where it lies. */
async function openShop(given: { lies?: boolean } = {}): Promise<Shop> {
  await using opened = new AsyncDisposableStack();
  const t = opened.use(await testContext());
  const door = opened.use(await farSide());
  const sql = connectPostgres({ ...postgresOptions(t.databaseUrl), max: 2, onnotice: () => {} });
  opened.defer(async () => await sql.end());
  await sql`create table shop_accounts (id bigint primary key, password text)`;
  await sql`insert into shop_accounts select n, 'old' from generate_series(1, 30) n`;
  let open = new Set<string>();
  door.answer((seen) => ({
    status: given.lies === true || open.has(JSON.parse(seen.body).id) ? 200 : 401,
  }));
  const sync = async (): Promise<void> => {
    const rows = await sql`select id::text as id from shop_accounts where password is not null`;
    open = new Set(rows.map((row) => String(row["id"])));
  };
  await sync();
  const timer = setInterval(() => void sync().catch(() => {}), 20);
  opened.defer(() => clearInterval(timer));
  writeFileSync(join(t.dir, "canaries.csv"), 'key,password\n7,"old"\n8,old\n99,old\n');
  const organisation = Organisation.parse({
    ...t.ctx.organisation,
    connectors: { accounts: accountsAt(t.databaseUrl, door.url) },
    registry: {},
    approvals: {},
    care: {},
  });
  const held = opened.move();
  return {
    t,
    ctx: { ...t.ctx, clock: HURRIED, organisation },
    sql,
    door,
    [Symbol.asyncDispose]: async () => await held.disposeAsync(),
  };
}

function accountsAt(database: string, door: string) {
  return {
    sql: database,
    actions: {
      "invalidate-password": {
        do: "update shop_accounts set password = null where id = any(:targets)",
        left: "select id from shop_accounts where password is not null and id = any(:targets)",
        found: "select id from shop_accounts where id = any(:targets)",
        ends: ["user.authorization.password"],
      },
    },
    canaries: {
      accounts: "canaries.csv",
      url: `${door}/sign-in`,
      body: '{"id": "{{ key }}", "password": "{{ password }}"}',
      allow_internal: true,
    },
  };
}

async function applied(
  ctx: Context,
): Promise<Map<string, { state: string; reason: string | undefined }>> {
  const keys = Array.from({ length: 10 }, (_, index) => ({ key: String(index + 1), payload: {} }));
  const run = await testRun(ctx, {
    kind: "contain",
    settings: { action: "accounts.invalidate-password" },
    tasks: [...keys, { key: "77", payload: {} }],
    chunkSize: 5,
  });
  await work(ctx, [containHandler], { until: "idle" });
  const outcomes = await outcomesOf(ctx, { run, limit: 100 });
  return new Map(
    outcomes.map((one) => [one.key, { state: one.state, reason: one.reason ?? undefined }]),
  );
}

test("a run contains its targets, its canaries prove it, and everybody else is untouched", async () => {
  await using shop = await openShop();
  const outcomes = await applied(shop.ctx);
  assert.equal([...outcomes.values()].filter(({ state }) => state === "done").length, 10);
  assert.equal(outcomes.get("77")?.state, "gone");
  const [left] =
    await shop.sql`select count(*)::int as n from shop_accounts where password is not null`;
  assert.equal(left?.["n"], 20);
  const report = await canaryReport(shop.ctx, { incident, connector: "accounts" });
  assert.deepEqual(report, {
    connector: "accounts",
    total: 2,
    proved: ["7", "8"],
    stillIn: [],
    provesNothing: [],
    ready: [],
  });
});

test("a canary that still gets in overturns what its batch was said to be", async () => {
  await using shop = await openShop({ lies: true });
  const outcomes = await applied(shop.ctx);
  const notProved = [...outcomes]
    .filter(([, one]) => one.state === "refused" && one.reason === "not-proved")
    .map(([key]) => key);
  assert.deepEqual(
    notProved.toSorted((a, b) => Number(a) - Number(b)),
    ["6", "7", "8", "9", "10"],
  );
  assert.deepEqual((await canaryReport(shop.ctx, { incident, connector: "accounts" })).stillIn, [
    "7",
    "8",
  ]);
});

test("a canary that never got in proves nothing", async () => {
  await using shop = await openShop();
  const of = { incident, connector: "accounts" };
  const before = await probeCanaries(shop.ctx, { ...of, phase: "before" });
  assert.deepEqual([before.ready, before.provesNothing], [["7", "8"], ["99"]]);
  await shop.sql`update shop_accounts set password = null where id = 7`;
  await new Promise((resolve) => setTimeout(resolve, 80));
  const after = await probeCanaries(shop.ctx, { ...of, phase: "after" });
  assert.deepEqual([after.proved, after.stillIn, after.provesNothing], [["7"], ["8"], ["99"]]);
});

test("a dry run tells who is there and who is done already, and changes nothing", async () => {
  await using shop = await openShop();
  await shop.sql`update shop_accounts set password = null where id = 2`;
  const action = actionOf(shop.ctx.organisation, "accounts.invalidate-password");
  const { how: _, ...told } = await dryRun(shop.ctx, action, ["1", "2", "3", "77", "x"]);
  assert.deepEqual(told, { asked: 5, found: 3, missing: ["77", "x"], already: 1 });
  const [left] =
    await shop.sql`select count(*)::int as n from shop_accounts where password is not null`;
  assert.equal(left?.["n"], 29);
});

test("a check tries every statement and the canaries' file, and changes nothing", async () => {
  await using shop = await openShop();
  const ok = await checkConnector(shop.ctx, "accounts");
  const tried = ["left", "do", "found"].map((name) => `invalidate-password: ${name}`);
  assert.deepEqual(
    ok,
    [...tried, "canaries"].map((what) => ({ what, ok: true })),
  );
  await shop.sql`alter table shop_accounts rename to moved`;
  const broken = await checkConnector(shop.ctx, "accounts");
  assert.deepEqual(
    broken.map((one) => one.ok),
    [false, false, false, true],
  );
  await assert.rejects(checkConnector(shop.ctx, "nobody"), { code: "not_found" });
});
