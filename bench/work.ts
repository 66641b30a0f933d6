// Durable no-op tasks a second, each with its outcome in a ledger batch, against graphile-worker's no-op jobs on the same
// embedded Postgres, in turns. Making tasks and jobs is not counted on either side; ours is reported apart.
// node bench/work.ts [tasks] [rounds]
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AddJobsJobSpec, Logger, makeWorkerUtils, run as runWorker } from "graphile-worker";
import { Pool } from "pg";
import { Organisation } from "../src/config/organisation.ts";
import { openLog } from "../src/core/log.ts";
import { noProgress } from "../src/core/progress.ts";
import { actorWithAllScopes } from "../src/core/scope.ts";
import { systemClock } from "../src/core/clock.ts";
import type { Context } from "../src/db/context.ts";
import { startPostgres } from "../src/db/embedded-postgres.ts";
import { dataFolder } from "../src/db/folder.ts";
import { migratePostgres } from "../src/db/migrate.ts";
import { openPools } from "../src/db/open-postgres.ts";
import { write } from "../src/ledger/write.ts";
import { createRun } from "../src/work/create-run.ts";
import type { Handler } from "../src/work/handler.ts";
import { loadTasks } from "../src/work/load-tasks.ts";
import { runProgress } from "../src/work/run-progress.ts";
import { work } from "../src/work/work.ts";
import { type BenchResult, median } from "./bench.ts";

const [tasks = 100_000, rounds = 5] = process.argv
  .slice(2)
  .filter((arg) => /^\d+$/.test(arg))
  .map(Number);

const noop: Handler = {
  kind: "noop",
  prepare: async () => ({
    traits: { idempotent: true, batch: 1_000, concurrency: 4 },
    act: async (batch) => batch.tasks.map(() => ({ state: "done" as const })),
    [Symbol.asyncDispose]: async () => {},
  }),
};

/** A handler that takes a millisecond a task and may not repeat itself: what the marks cost. */
const marked: Handler = {
  kind: "marked",
  prepare: async () => ({
    traits: { idempotent: false, batch: 1, concurrency: 20, window: 100 },
    act: async () => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      return [{ state: "done" as const }];
    },
    [Symbol.asyncDispose]: async () => {},
  }),
};

export async function run(): Promise<BenchResult[]> {
  const home = mkdtempSync(join(tmpdir(), "tocsin-bench-"));
  chmodSync(home, 0o711);
  await using server = await startPostgres({ folder: home });
  try {
    await server.ensureDatabase("ours");
    await server.ensureDatabase("peer");
    return await measure(server.address("ours"), server.address("peer"));
  } finally {
    await server.stop();
    rmSync(home, { recursive: true, force: true });
  }
}

async function measure(ours: string, peer: string): Promise<BenchResult[]> {
  const ctx = await contextOn(ours);
  const own: number[] = [];
  const loads: number[] = [];
  const others: number[] = [];
  const marks: number[] = [];
  try {
    await ourRound(ctx, noop, tasks); // both sides warm up
    await peerRound(peer);
    for (let round = 0; round < rounds; round += 1) {
      const { load, rate } = await ourRound(ctx, noop, tasks);
      own.push(rate);
      loads.push(load);
      others.push(await peerRound(peer));
      marks.push((await ourRound(ctx, marked, 10_000)).rate);
    }
  } finally {
    await ctx.db.close();
  }
  return [resultOf(own, others), loadResult(loads), marksResult(marks)];
}

async function contextOn(address: string): Promise<Context> {
  const db = await openPools({ address, who: "bench" });
  await migratePostgres(db);
  return {
    actor: actorWithAllScopes("bench", "worker"),
    clock: systemClock,
    log: openLog("silent"),
    progress: noProgress,
    signal: new AbortController().signal,
    organisation: Organisation.parse({
      organisation: {
        name: "Example Cloud",
        domain: "example.cloud",
        languages: ["en"],
        contact: "privacy@example.cloud",
      },
    }),
    folder: dataFolder(tmpdir()),
    db,
    click: () => Promise.reject(new Error("no ClickHouse here")),
  };
}

async function ourRound(
  ctx: Context,
  handler: Handler,
  count: number,
): Promise<{ load: number; rate: number }> {
  const id = randomUUID();
  const loadedFrom = performance.now();
  await write(ctx, "plans:apply", async (tx) => {
    const step = { name: "no-op", kind: handler.kind, settings: {}, after: [], chunkSize: 1_000 };
    await createRun(tx, { run: id, incident: "bench", plan: "bench", steps: [step] });
    await loadTasks(tx, { run: id, step: 0, tasks: keys(count) });
    return { result: undefined, entry: { kind: "plan.applied", body: { run: id } } };
  });
  const load = (count / (performance.now() - loadedFrom)) * 1_000;
  const from = performance.now();
  await work(ctx, [handler], { until: "idle", run: id });
  const rate = (count / (performance.now() - from)) * 1_000;
  const { steps } = await runProgress(ctx, { run: id });
  if (steps[0]?.done !== count) throw new Error(`${steps[0]?.done} of ${count} done`);
  return { load, rate };
}

function* keys(count: number): Generator<{ key: string; payload: { n: number } }[]> {
  for (let from = 0; from < count; from += 1_000) {
    yield Array.from({ length: Math.min(1_000, count - from) }, (_, n) => ({
      key: `account-${from + n}`,
      payload: { n: from + n },
    }));
  }
}

// As its documentation measures its own best: worker.graphile.org/docs/performance, "optimal conditions".
async function peerRound(address: string): Promise<number> {
  const url = new URL(address.replace("@/", "@localhost/"));
  const pool = new Pool({
    host: url.searchParams.get("host") ?? url.hostname,
    port: Number(url.searchParams.get("port") ?? 5432),
    user: decodeURIComponent(url.username) || "postgres",
    database: url.pathname.slice(1),
    max: 25,
  });
  pool.on("error", () => {});
  pool.on("connect", (client) => void client.on("error", () => {}));
  const logger = new Logger(() => () => {});
  try {
    const utils = await makeWorkerUtils({ pgPool: pool, logger });
    for (const some of keys(tasks)) {
      await utils.addJobs(
        some.map(({ payload }): AddJobsJobSpec => ({ identifier: "noop", payload })),
      );
    }
    await utils.release();
    await pool.query("vacuum analyze graphile_worker._private_jobs");
    return await drained(pool, logger);
  } finally {
    await pool.end();
  }
}

async function drained(pool: Pool, logger: Logger): Promise<number> {
  let done = 0;
  const all = Promise.withResolvers<void>();
  const from = performance.now();
  const runner = await runWorker({
    pgPool: pool,
    logger,
    noHandleSignals: true,
    preset: {
      worker: {
        concurrentJobs: 24,
        localQueue: { size: 500 },
        completeJobBatchDelay: 0,
        failJobBatchDelay: 0,
      },
    },
    taskList: {
      noop: async () => {
        if (++done === tasks) all.resolve();
      },
    },
  });
  await all.promise;
  await runner.stop();
  const rate = (tasks / (performance.now() - from)) * 1_000;
  const { rows } = await pool.query<{ left: number }>(
    "select count(*)::int as left from graphile_worker._private_jobs",
  );
  if (rows[0]?.left !== 0) throw new Error(`${rows[0]?.left} jobs are left`);
  return rate;
}

function resultOf(ours: readonly number[], peer: readonly number[]): BenchResult {
  const ratio = median(ours) / median(peer);
  return {
    name: "work: durable no-op tasks, each outcome in the ledger",
    unit: "tasks/s",
    ours,
    peer: { name: "graphile-worker, local queue and batched completion", values: peer },
    ratio,
    target: "at least 25,000/s and 2.5 times the peer",
    ok: median(ours) >= 25_000 && ratio >= 2.5,
    limitedBy: "one Node thread: salts, hashes and canonical JSON of the ledger's members",
  };
}

function loadResult(loads: readonly number[]): BenchResult {
  return {
    name: "work: tasks materialised in one transaction",
    unit: "tasks/s",
    ours: loads,
    peer: { name: "", values: [] },
    ratio: Number.NaN,
    target: "190,000 in three seconds",
    ok: median(loads) >= 190_000 / 3,
    limitedBy: "COPY into a table with two indexes",
  };
}

function marksResult(marks: readonly number[]): BenchResult {
  return {
    name: "work: tasks of a millisecond that may not be repeated, each marked before it goes",
    unit: "tasks/s",
    ours: marks,
    peer: { name: "", values: [] },
    ratio: Number.NaN,
    target: "at least 2,000/s",
    ok: median(marks) >= 2_000,
    limitedBy: "20 calls at once of at least a millisecond each",
  };
}

if (import.meta.main) process.stdout.write(`${JSON.stringify(await run(), null, 2)}\n`);
