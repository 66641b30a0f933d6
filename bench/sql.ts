// `sql` containment of 60,000 accounts through the work engine, each with its outcome in the ledger, against one plain `update` of
// the same rows by psql, on the same table, taken in turns. node bench/sql.ts [accounts] [targets] [rounds]
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Organisation } from "../src/config/organisation.ts";
import { containHandler } from "../src/contain/contain-handler.ts";
import { openLog } from "../src/core/log.ts";
import { actorWithAllScopes } from "../src/core/scope.ts";
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

const [accounts = 600_000, targets = 60_000, rounds = 3] = process.argv.slice(2).map(Number);
const home = mkdtempSync(join(tmpdir(), "tocsin-bench-"));
chmodSync(home, 0o711);

await using source = await startPostgres({ folder: join(home, "source") });
await source.ensureDatabase("cloud");
const address = source.address("cloud");
const sql = connectPostgres({ ...postgresOptions(address), max: 1, onnotice: () => {} });
await sql.unsafe(`
  create table accounts (id bigint primary key, email text not null, password_hash text, password_invalid_since timestamptz);
  insert into accounts select n, 'user.' || n || '@mail.example', md5(n::text) || md5((n + 1)::text) from generate_series(1, ${accounts}) n;
  create table chosen as select (id * ${Math.floor(accounts / targets)})::bigint as id from generate_series(1, ${targets}) id`);
await sql`vacuum analyze`;

mkdirSync(join(home, "tocsin"));
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
const ctx = await openContext({
  organisation,
  folder: dataFolder(join(home, "tocsin")),
  actor: actorWithAllScopes("bench", "cli"),
  log: openLog("silent"),
  who: "bench",
});

const seconds = async (act: () => Promise<unknown> | void): Promise<number> => {
  const from = performance.now();
  await act();
  return (performance.now() - from) / 1000;
};

async function restore(): Promise<void> {
  await sql`update accounts set password_hash = md5(id::text) || md5((id + 1)::text), password_invalid_since = null where password_hash is null`;
  await sql`vacuum analyze accounts`;
  await sql`checkpoint`;
}

const PLAIN = `update accounts set password_hash = null, password_invalid_since = now() where id in (select id from chosen)`;

async function plain(): Promise<void> {
  execFileSync("psql", ["-q", "-X", "-d", address, "-c", PLAIN]);
}

async function apply(run: string): Promise<void> {
  await write(ctx, "plans:apply", async (tx) => {
    const settings = { action: "accounts.invalidate-password" };
    const step = { name: "invalidate", kind: "contain", settings, after: [], chunkSize: 1_000 };
    await createRun(tx, { run, incident: "bench", plan: "bench", steps: [step] });
    await loadTasks(tx, { run, step: 0, tasks: chosen() });
    return { result: undefined, entry: { kind: "plan.applied", incident: "bench", body: { run } } };
  });
}

async function* chosen(): AsyncGenerator<TaskInput[]> {
  for await (const rows of sql<
    { id: string }[]
  >`select id::text as id from chosen order by random()`.cursor(10_000)) {
    yield rows.map(({ id }) => ({ key: id, payload: {} }));
  }
}

const figures: { plain: number; tocsin: number; ratio: number }[] = [];
for (let round = 0; round < rounds; round += 1) {
  await restore();
  const byPsql = await seconds(plain);
  await restore();
  const run = randomUUID();
  await apply(run);
  await ctx.db.write`vacuum analyze work_tasks`;
  const byTocsin = await seconds(
    async () => await work(ctx, [containHandler], { until: "idle", run }),
  );
  const [step] = (await runProgress(ctx, { run })).steps;
  if (step?.done !== targets) throw new Error(`${step?.done} of ${targets} are done`);
  figures.push({ plain: byPsql, tocsin: byTocsin, ratio: byTocsin / byPsql });
}
const ratio = figures.map((one) => one.ratio).toSorted((a, b) => a - b)[figures.length >> 1];
process.stdout.write(
  `${JSON.stringify({ bench: "sql", accounts, targets, figures, ratio, limit: 2, ok: (ratio ?? 9) <= 2 })}\n`,
);
await sql.end();
await ctx[Symbol.asyncDispose]();
rmSync(home, { recursive: true, force: true });
