// `sql` containment of 60,000 accounts through the work engine, found before, read back after and with its outcome in the ledger,
// against one plain `update` of the same rows by psql, on the same table, in turns.
// node bench/sql.ts [--accounts=N] [--targets=N] [--rounds=N]
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Organisation } from "../src/config/organisation.ts";
import { containHandler } from "../src/contain/contain-handler.ts";
import { openLog } from "../src/core/log.ts";
import { actorWithAllScopes } from "../src/core/scope.ts";
import type { Context } from "../src/db/context.ts";
import { startPostgres } from "../src/db/embedded-postgres.ts";
import { dataFolder } from "../src/db/folder.ts";
import { openContext } from "../src/db/open-context.ts";
import { postgresOptions } from "../src/db/postgres-address.ts";
import { connectPostgres } from "../src/db/postgres-driver.ts";
import { write } from "../src/ledger/write.ts";
import { createRun } from "../src/work/create-run.ts";
import type { TaskInput } from "../src/work/handler.ts";
import { loadTasks } from "../src/work/load-tasks.ts";
import { runProgress } from "../src/work/run-progress.ts";
import { work } from "../src/work/work.ts";
import { type BenchResult, median, option, programOf, secondsOf } from "./bench.ts";

const accounts = option("accounts", 600_000);
const targets = option("targets", 60_000);
const rounds = option("rounds", 5);

type Sql = ReturnType<typeof connectPostgres>;
type Sides = { readonly ctx: Context; readonly sql: Sql; readonly address: string };

export async function run(): Promise<BenchResult> {
  const home = mkdtempSync(join(tmpdir(), "tocsin-bench-"));
  chmodSync(home, 0o711);
  mkdirSync(join(home, "tocsin"));
  try {
    await using opened = new AsyncDisposableStack();
    const source = opened.use(await startPostgres({ folder: join(home, "source") }));
    await source.ensureDatabase("cloud");
    const address = source.address("cloud");
    const sql = connectPostgres({ ...postgresOptions(address), max: 1, onnotice: () => {} });
    opened.defer(async () => await sql.end());
    await makeCompany(sql);
    const ctx = opened.use(await openedContext(join(home, "tocsin"), address));
    return await measure({ ctx, sql, address });
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

async function measure(sides: Sides): Promise<BenchResult> {
  const ours: number[] = [];
  const plain: number[] = [];
  const psql = programOf("psql");
  await throughTheEngine(sides); // warms up
  for (let round = 0; round < rounds; round += 1) {
    if (psql !== undefined) plain.push(await throughPsql(psql, sides));
    ours.push(await throughTheEngine(sides));
  }
  const ratio = median(ours) / median(plain);
  return {
    name: `sql: ${targets.toLocaleString("en")} of ${accounts.toLocaleString("en")} passwords invalidated, each read back and in the ledger`,
    unit: "s",
    ours,
    peer: {
      name: psql === undefined ? "psql (not installed)" : "one update by psql",
      values: plain,
    },
    ratio,
    target: "at most twice the plain update",
    ok: ratio <= 2,
    limitedBy:
      "CPU of Node and of Tocsin's own Postgres, nearly twice the update's: ratios are those of a free second core",
  };
}

async function makeCompany(sql: Sql): Promise<void> {
  await sql.unsafe(`
    create table accounts (id bigint primary key, email text not null, password_hash text, password_invalid_since timestamptz);
    insert into accounts select n, 'user.' || n || '@mail.example', md5(n::text) || md5((n + 1)::text) from generate_series(1, ${accounts}) n;
    create table chosen as select (id * ${Math.floor(accounts / targets)})::bigint as id from generate_series(1, ${targets}) id`);
}

async function openedContext(folder: string, address: string): Promise<Context & AsyncDisposable> {
  const organisation = Organisation.parse({
    organisation: {
      name: "Example Cloud",
      domain: "example.cloud",
      contact: "privacy@example.cloud",
    },
    connectors: {
      accounts: {
        sql: address,
        actions: {
          "invalidate-password": {
            do: "update accounts set password_hash = null, password_invalid_since = now() where id = any(:targets)",
            left: "select id from accounts where password_hash is not null and id = any(:targets)",
            found: "select id from accounts where id = any(:targets)",
          },
        },
      },
    },
  });
  return await openContext({
    organisation,
    folder: dataFolder(folder),
    actor: actorWithAllScopes("bench", "cli"),
    log: openLog("silent"),
    who: "bench",
  });
}

async function throughPsql(psql: string, { sql, address }: Sides): Promise<number> {
  await restore(sql);
  const update =
    "update accounts set password_hash = null, password_invalid_since = now() where id in (select id from chosen)";
  return await secondsOf(() =>
    promisify(execFile)(psql, ["-q", "-X", "-d", address, "-c", update]),
  );
}

async function throughTheEngine({ ctx, sql }: Sides): Promise<number> {
  await restore(sql);
  const id = randomUUID();
  await write(ctx, "plans:apply", async (tx) => {
    const settings = { action: "accounts.invalidate-password" };
    const step = { name: "invalidate", kind: "contain", settings, after: [], chunkSize: 1_000 };
    await createRun(tx, { run: id, incident: "bench", plan: "bench", steps: [step] });
    await loadTasks(tx, { run: id, step: 0, tasks: chosen(sql) });
    const entry = { kind: "plan.applied", incident: "bench", body: { run: id } };
    return { result: undefined, entry };
  });
  await ctx.db.write`vacuum analyze work_tasks`;
  const took = await secondsOf(() => work(ctx, [containHandler], { until: "idle", run: id }));
  const [step] = (await runProgress(ctx, { run: id })).steps;
  if (step?.done !== targets) throw new Error(`${step?.done} of ${targets} are done`);
  return took;
}

async function restore(sql: Sql): Promise<void> {
  await sql`update accounts set password_hash = md5(id::text) || md5((id + 1)::text), password_invalid_since = null where password_hash is null`;
  await sql`vacuum analyze accounts`;
  await sql`checkpoint`;
}

/** In the order of a plan's targets: by the bytes of their keys. */
async function* chosen(sql: Sql): AsyncGenerator<TaskInput[]> {
  const rows = sql<
    { id: string }[]
  >`select id::text as id from chosen order by id::text collate "C"`;
  for await (const some of rows.cursor(10_000)) {
    yield some.map(({ id }) => ({ key: id, payload: {} }));
  }
}

if (import.meta.main) process.stdout.write(`${JSON.stringify(await run(), null, 2)}\n`);
