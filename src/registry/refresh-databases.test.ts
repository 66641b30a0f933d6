import assert from "node:assert/strict";
import { test, type TestContext as Case } from "node:test";
import { connectPostgres } from "../db/postgres-driver.ts";
import { postgresOptions } from "../db/postgres-address.ts";
import { testContext, type TestContext } from "../../test/support/context.ts";
import { NO_MARIADB, startMariaDb } from "../../test/support/mariadb.ts";
import type { Click } from "../db/click.ts";
import type { Context } from "../db/context.ts";
import { checkRegistry } from "./check-registry.ts";
import { refreshOne, type Refreshed } from "./refresh-one.ts";
import { refreshRegistry } from "./refresh-registry.ts";
import { accounts, asideOf, CUSTOMERS, registryContext, rows } from "./registry-test.ts";

const QUERY = "select id, email, username, phone, name, country, plan, changed_at from people";
const MAKE = `
  create table people (id int, email varchar(200), username varchar(200), phone varchar(50), name varchar(200),
    country varchar(50), plan varchar(50), changed_at timestamp(3) not null);
  create index people_id on people (id);
  insert into people values
    (1, 'a@example.org', 'A', null, 'tab\there', 'DE', 'pro', '2026-01-01 00:00:00'),
    (2, 'b@example.org', 'B', '030 901820', 'back\\\\slash', 'DE', 'pro', '2026-01-02 00:00:00'),
    (2, 'second@example.org', 'B', '', 'B', 'DE', 'pro', '2026-01-01 00:00:00'),
    (3, 'c@example.org', 'C', '', 'line\nend', 'DE', 'pro', '2026-01-03 00:00:00'),
    (null, 'none@example.org', '', '', '', '', '', '2026-01-03 00:00:00'),
    (10, 'd@example.org', 'D', '', 'Дмитрий', 'DE', 'pro', '2026-01-04 00:00:00');`;

type Source = AsyncDisposable & {
  readonly t: TestContext;
  readonly run: (sql: string) => Promise<void>;
};

async function postgresSource(): Promise<Source> {
  const cloud = await testContext();
  const t = await registryContext({
    from: { postgres: cloud.databaseUrl, query: QUERY },
    changed: "changed_at",
    may_shrink_by: 0.5,
  });
  const sql = connectPostgres({
    ...postgresOptions(cloud.databaseUrl),
    max: 1,
    onnotice: () => {},
  });
  await sql.unsafe(MAKE.replaceAll("\\\\\\\\", "\\\\").replaceAll("\\\\", "\\"));
  return {
    t,
    run: async (text) => void (await sql.unsafe(text)),
    [Symbol.asyncDispose]: async () => {
      await sql.end();
      await t[Symbol.asyncDispose]();
      await cloud[Symbol.asyncDispose]();
    },
  };
}

async function mariaSource(c: Case): Promise<Source | undefined> {
  const maria = await startMariaDb();
  if (maria === undefined) {
    c.skip(NO_MARIADB);
    return undefined;
  }
  const t = await registryContext({
    from: { mysql: maria.address, query: QUERY },
    changed: "changed_at",
    may_shrink_by: 0.5,
  });
  await maria.run(MAKE);
  return {
    t,
    run: async (text) => await maria.run(text),
    [Symbol.asyncDispose]: async () => {
      await t[Symbol.asyncDispose]();
      await maria[Symbol.asyncDispose]();
    },
  };
}

async function refreshTiny(ctx: Context, full = false, mostLayers = 60): Promise<Refreshed> {
  const source = ctx.organisation.registry["customers"];
  assert.ok(source);
  return await refreshOne(ctx, {
    name: "customers",
    source,
    full,
    shrink: false,
    pageRows: 2,
    mostLayers,
  });
}

const SEEN = [
  { account: "1", address: "a@example.org", name: "tab\there", phone: "" },
  { account: "10", address: "d@example.org", name: "Дмитрий", phone: "" },
  { account: "2", address: "b@example.org", name: "back\\slash", phone: "+4930901820" },
  { account: "3", address: "c@example.org", name: "line\nend", phone: "" },
];

async function story({ t, run }: Source): Promise<void> {
  assert.deepEqual((await checkRegistry(t.ctx, "customers")).problems, []);
  const first = await refreshTiny(t.ctx);
  assert.deepEqual(
    [first.mode, first.rows, first.accounts, first.consistent],
    ["full", 6, 4, true],
  );
  assert.deepEqual(await accounts(t, "account, address, name, phone"), SEEN);
  assert.deepEqual((await asideOf(t)).map((line) => line.replace(/^\d+ /, "")).toSorted(), [
    " missing-key removed",
    "2 duplicate-key removed",
  ]);
  await run(
    "update people set email = 'new@example.org', changed_at = '2026-01-05 00:00:00' where id = 3",
  );
  await run(
    "insert into people values (4, 'e@example.org', 'E', '', 'E', 'DE', 'pro', '2026-01-05 00:00:01')",
  );
  await run("delete from people where id = 1");
  const second = await refreshTiny(t.ctx);
  assert.deepEqual(
    [second.mode, second.added, second.changed, second.closed, second.accounts],
    ["changes", 1, 1, 0, 5],
  );
  assert.ok(second.rows < 4, "reads what changed only");
  assert.deepEqual(
    (await accounts(t, "account, address")).map((row) => row["address"]),
    ["a@example.org", "d@example.org", "b@example.org", "new@example.org", "e@example.org"],
  );
  assert.deepEqual(
    await rows(
      t,
      "select account from current_identifiers where value in ('c@example.org', 'new@example.org')",
    ),
    [{ account: "3" }],
  );
  const third = await refreshTiny(t.ctx, true);
  assert.deepEqual(
    [third.mode, third.added, third.changed, third.closed, third.accounts],
    ["full", 0, 0, 1, 4],
  );
}

test("Postgres: everything, then what changed, then what was deleted", async () => {
  await using source = await postgresSource();
  await story(source);
});

test("MariaDB: everything, then what changed, then what was deleted", async (c) => {
  await using source = await mariaSource(c);
  if (source) await story(source);
});

/** The real ClickHouse, and a process that dies at its n-th write: what was sent before is there. */
function dyingAt(ctx: Context, n: number): Context {
  let left = n;
  const die = (): void => {
    left -= 1;
    if (left < 0) throw new Error("died");
  };
  return {
    ...ctx,
    click: async () => {
      const click = await ctx.click();
      const dying: Click = {
        query: async (row, sql, params) => await click.query(row, sql, params),
        stream: (row, sql, params) => click.stream(row, sql, params),
        unload: async (input) => await click.unload(input),
        close: async () => await click.close(),
        command: async (sql, params) => {
          die();
          await click.command(sql, params);
        },
        load: async (input) => {
          die();
          await click.load(input);
        },
      };
      return dying;
    },
  };
}

test("a refresh that dies at every statement in turn shows nothing half, and ends whole", async () => {
  await using source = await postgresSource();
  const { t } = source;
  let deaths = 0;
  let done: Refreshed | undefined;
  while (done === undefined) {
    try {
      done = await refreshTiny(dyingAt(t.ctx, deaths));
    } catch (error) {
      assert.match(String(error), /died/);
      deaths += 1;
      assert.ok(deaths < 300, "gets on");
      const [seen] = await rows(t, "select count() as n from current_accounts");
      assert.ok(
        seen?.["n"] === 0 || seen?.["n"] === 4,
        `half a refresh is seen after death ${deaths}`,
      );
    }
  }
  assert.ok(deaths > 20, `${deaths} deaths`);
  assert.deepEqual(await accounts(t, "account, address, name, phone"), SEEN);
  assert.deepEqual(
    await rows(t, "select count() as n, uniqExact(account) as a from current_identifiers"),
    [{ n: 13, a: 4 }],
  );
  const [ledger] = await t.ctx.db
    .read`select count(*)::int as n from ledger_entries where kind = 'registry.refreshed'`;
  assert.ok(Number(ledger?.["n"]) >= 1);
});

test("many small refreshes are gathered into few layers, and nothing is lost", async () => {
  await using source = await postgresSource();
  const { t, run } = source;
  await refreshTiny(t.ctx);
  for (let round = 1; round <= 5; round += 1) {
    await run(
      `update people set name = 'round ${round}', changed_at = timestamp '2026-02-01' + interval '${round} hours' where id in (1, 3)`,
    );
    await refreshTiny(t.ctx, false, 8);
  }
  assert.deepEqual(
    (await accounts(t, "account, name")).map((row) => row["name"]),
    ["round 5", "Дмитрий", "back\\slash", "round 5"],
  );
  const [layers] = await rows(t, "select count() as n from registry_layers");
  assert.ok(Number(layers?.["n"]) <= 8, JSON.stringify(layers));
  assert.deepEqual(
    await rows(t, "select count() as n, uniqExact(account) as a from current_identifiers"),
    [{ n: 13, a: 4 }],
  );
  assert.equal((await asideOf(t)).length, 2);
});

test("two refreshes of one registry at once: the second is told", async () => {
  await using source = await postgresSource();
  const outcomes = await Promise.allSettled([
    refreshRegistry(source.t.ctx, {}),
    refreshRegistry(source.t.ctx, {}),
  ]);
  assert.deepEqual(outcomes.map(({ status }) => status).toSorted(), ["fulfilled", "rejected"]);
});

test("a wrong query, a database that is not there and one that does not answer are told apart", async () => {
  await using cloud = await testContext();
  const problemOf = async (from: unknown): Promise<string> => {
    await using t = await testContext({
      organisation: { registry: { customers: { ...CUSTOMERS, from } } },
    });
    return (await checkRegistry(t.ctx, "customers")).problems[0]?.message ?? "";
  };
  assert.match(
    await problemOf({ postgres: cloud.databaseUrl, query: "select nothing from nowhere" }),
    /refuses the query: .*nowhere/,
  );
  assert.match(
    await problemOf({
      postgres: cloud.databaseUrl.replace(/t_[0-9a-f]+/, "missing"),
      query: "select 1",
    }),
    /does not let us in/,
  );
  assert.match(
    await problemOf({ postgres: "postgres://x@127.0.0.1:1/x", query: "select 1" }),
    /does not answer/,
  );
  assert.match(
    await problemOf({ mysql: "mysql://x@127.0.0.1:1/x", query: "select 1" }),
    /does not answer/,
  );
});
