// Work goes on through what happens to a database on its machine: it is killed and recovers, or its disk is full for a while.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { Context } from "../../src/db/context.ts";
import { startPostgres } from "../../src/db/embedded-postgres.ts";
import { migratePostgres } from "../../src/db/migrate.ts";
import { openPools } from "../../src/db/open-postgres.ts";
import type { Batch, Reconciled, TaskOutcome } from "../../src/work/handler.ts";
import { runProgress } from "../../src/work/run-progress.ts";
import { work } from "../../src/work/work.ts";
import { testContext } from "../support/context.ts";
import { QUICK, testHandler, testRun } from "../support/work.ts";

const TASKS = 400;
const DURABLE = { shared_buffers: "16MB", min_wal_size: "32MB", max_wal_size: "32MB" };

type Store = AsyncDisposable & { readonly ctx: Context; readonly folder: string };

/** A context on a Postgres of its own, as durable as an organisation's. */
async function storeIn(folder: string): Promise<Store> {
  await using opened = new AsyncDisposableStack();
  const t = opened.use(await testContext());
  const pg = await startPostgres({ folder, settings: DURABLE });
  opened.defer(async () => await pg.stop());
  await pg.ensureDatabase("own");
  const db = await openPools({ address: pg.address("own"), who: "test", connections: 4 });
  opened.defer(async () => await db.close());
  await migratePostgres(db);
  const held = opened.move();
  return {
    ctx: { ...t.ctx, db },
    folder,
    [Symbol.asyncDispose]: async () => await held.disposeAsync(),
  };
}

type Taken = Map<string, number>;

/** Work that may not be repeated, at a far side that remembers what it took; `when` happens at its fortieth call. */
function counting(taken: Taken, when: () => void) {
  let calls = 0;
  const act = async ({ tasks }: Batch): Promise<TaskOutcome[]> => {
    calls += 1;
    if (calls === 40) when();
    await delay(5);
    for (const { key } of tasks) taken.set(key, (taken.get(key) ?? 0) + 1);
    return tasks.map(() => ({ state: "done" }));
  };
  const reconcile = ({ tasks }: Batch): Reconciled[] =>
    tasks.map(({ key }) => (taken.has(key) ? "taken" : "not-taken"));
  const traits = { idempotent: false, batch: 2, window: 8, concurrency: 2 };
  return testHandler({ traits, act, reconcile });
}

async function assertAllOnce({ ctx }: Store, run: string, taken: Taken): Promise<void> {
  const [step] = (await runProgress(ctx, { run })).steps;
  assert.deepEqual([step?.state, step?.done, step?.unknown], ["ended", TASKS, 0]);
  assert.deepEqual([taken.size, Math.max(...taken.values())], [TASKS, 1]);
  const [row] = await ctx.db.read<{ members: number; outcomes: number }[]>`
    select (select sum(size) from ledger_batches)::int as members, (select count(*) from work_outcomes)::int as outcomes`;
  assert.deepEqual({ ...row }, { members: TASKS, outcomes: TASKS });
}

async function folderOf(t: TestContext): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "tocsin-store-"));
  chmodSync(folder, 0o711);
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test("a Postgres that is killed under the work recovers, and nothing is lost or done twice", async (t) => {
  await using store = await storeIn(await folderOf(t));
  const run = await testRun(store.ctx, { tasks: TASKS, chunkSize: 50 });
  const taken: Taken = new Map();
  let killed = 0;
  const kill = (): void => {
    const file = join(store.folder, "postgres", "data", "postmaster.pid");
    killed = Number(readFileSync(file, "utf8").split("\n")[0]);
    process.kill(killed, "SIGKILL");
  };
  await work(store.ctx, [counting(taken, kill)], { ...QUICK, until: "idle", run });
  assert.ok(killed > 0);
  await assertAllOnce(store, run, taken);
});

test("a disk that is full for a while holds the work up, and nothing is lost or done twice", async (t) => {
  const folder = await folderOf(t);
  const options = ["-t", "tmpfs", "-o", "size=256m,mode=0711", "tmpfs", folder];
  if (spawnSync("mount", options).status !== 0) return t.skip("no tmpfs may be mounted here");
  try {
    await using store = await storeIn(folder);
    const run = await testRun(store.ctx, { tasks: TASKS, chunkSize: 50 });
    const taken: Taken = new Map();
    const filler = join(folder, "filler");
    let full = false;
    const fill = (): void => {
      const { bavail, bsize } = statfsSync(folder);
      writeFileSync(filler, Buffer.alloc(bavail * bsize));
      full = statfsSync(folder).bavail === 0;
      setTimeout(() => rmSync(filler), 1_500);
    };
    await work(store.ctx, [counting(taken, fill)], { ...QUICK, until: "idle", run });
    assert.equal(full, true);
    await assertAllOnce(store, run, taken);
  } finally {
    spawnSync("umount", ["-l", folder]);
  }
});
