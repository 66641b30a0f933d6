import assert from "node:assert/strict";
import { test } from "node:test";
import { testContext } from "../../test/support/context.ts";
import {
  allDone,
  QUICK,
  testHandler,
  testRun,
  testWorker,
  until,
} from "../../test/support/work.ts";
import { openPools } from "../db/open-postgres.ts";
import { outcomesOf } from "./outcomes-of.ts";
import { runProgress } from "./run-progress.ts";
import { work } from "./work.ts";

const IDLE = { until: "idle", ...QUICK } as const;

test("two workers with pools of their own keep to one pace, counted by target", async () => {
  await using t = await testContext();
  const db = await openPools({ address: t.databaseUrl, who: "second", connections: 3 });
  await using opened = new AsyncDisposableStack();
  opened.defer(() => db.close());
  const went: { at: number; tasks: number; worker: string }[] = [];
  await testRun(t.ctx, { tasks: 400 });
  const handler = (worker: string) =>
    testHandler({
      traits: {
        batch: 10,
        concurrency: 4,
        pace: { bucket: "far", count: 400, perMs: 1_000, per: "target" },
      },
      act: (batch) => (
        went.push({ at: performance.now(), tasks: batch.tasks.length, worker }),
        allDone(batch)
      ),
    });
  await Promise.all([
    work(t.ctx, [handler("a")], IDLE),
    work({ ...t.ctx, db }, [handler("b")], IDLE),
  ]);
  assert.equal(
    went.reduce((sum, one) => sum + one.tasks, 0),
    400,
  );
  assert.deepEqual(new Set(went.map((one) => one.worker)), new Set(["a", "b"]));
  // A second's worth is 400. What may be made up for is half a second's worth, and one more is in hand when it begins.
  const first = Math.min(...went.map((one) => one.at));
  for (const ms of [100, 300, 500]) {
    const gone = went
      .filter((one) => one.at - first <= ms)
      .reduce((sum, one) => sum + one.tasks, 0);
    assert.ok(gone <= 200 + 200 + 0.4 * ms, `${gone} in ${ms} ms`);
  }
  const last = Math.max(...went.map((one) => one.at));
  assert.ok(last - first > 350, `all of them in ${last - first} ms`);
});

test("a pace by request lets each request carry a full batch, evenly spaced", async () => {
  await using t = await testContext();
  const went: number[] = [];
  await testRun(t.ctx, { tasks: 40, chunkSize: 20 });
  const handler = testHandler({
    traits: {
      batch: 10,
      concurrency: 4,
      pace: { bucket: "far", count: 1, perMs: 1_000, per: "batch" },
    },
    act: (batch) => {
      assert.equal(batch.tasks.length, 10);
      went.push(performance.now());
      return allDone(batch);
    },
  });
  await work(t.ctx, [handler], IDLE);
  assert.equal(went.length, 4);
  for (const [n, at] of went.entries()) {
    const before = went[n - 1];
    if (before !== undefined)
      assert.ok(at - before > 950, `${at - before} ms between two requests`);
  }
});

test("Retry-After holds the whole bucket back, in every worker, and costs no attempt", async () => {
  await using t = await testContext();
  const went: { at: number; limited: boolean }[] = [];
  const run = await testRun(t.ctx, { tasks: 60 });
  const handler = testHandler({
    traits: {
      attempts: 1,
      pace: { bucket: "far", count: 100_000, perMs: 1_000, per: "target" },
      concurrency: 1,
    },
    act: (batch) => {
      const limited = went.length === 0;
      went.push({ at: performance.now(), limited });
      return limited
        ? batch.tasks.map(() => ({ retry: true, reason: "limited", afterMs: 400 }))
        : allDone(batch);
    },
  });
  const working = Promise.all([work(t.ctx, [handler], IDLE), work(t.ctx, [handler], IDLE)]);
  await until(async () => (await runProgress(t.ctx, { run })).steps[0]?.why?.because === "limited");
  await working;
  const [first, ...rest] = went;
  // Two calls may be under way when the answer comes, one in each worker.
  const early = rest.filter((one) => one.at - (first?.at ?? 0) < 390).length;
  assert.ok(early <= 3, `${early} calls within the time`);
  assert.equal((await outcomesOf(t.ctx, { run, state: "done" })).length, 60);
});

test("the breaker opens after failures in a row, lets one probe through at a time, and closes when it succeeds", async () => {
  await using t = await testContext();
  const went: { at: number; down: boolean }[] = [];
  let down = true;
  const run = await testRun(t.ctx, { tasks: 200 });
  const handler = testHandler({
    traits: { attempts: 50, bucket: "far", concurrency: 1 },
    act: (batch) => {
      went.push({ at: performance.now(), down });
      return down
        ? batch.tasks.map(() => ({ retry: true, reason: "unavailable" }))
        : allDone(batch);
    },
  });
  const working = work(t.ctx, [handler], IDLE);
  await until(async () => (await runProgress(t.ctx, { run })).steps[0]?.why?.because === "breaker");
  const opened = went.length;
  assert.ok(opened >= 3 && opened <= 4, `${opened} calls before it opened`);
  const [bucket] = await t.ctx.db.read`select failures from work_buckets where bucket = 'far'`;
  assert.ok(Number(bucket?.["failures"]) >= 3);
  await until(() => went.length >= opened + 3);
  const probes = went.slice(opened);
  for (const [n, { at }] of probes.entries()) {
    const before = probes[n - 1];
    if (before) assert.ok(at - before.at > 60, `${at - before.at} ms between two probes`);
  }
  down = false;
  await working;
  assert.equal((await outcomesOf(t.ctx, { run, state: "done", limit: 1_000 })).length, 200);
  const [closed] = await t.ctx.db
    .read`select failures, open_until from work_buckets where bucket = 'far'`;
  assert.deepEqual({ ...closed }, { failures: 0, open_until: null });
});

test("a target that fails alone does not open the breaker for the others", async () => {
  await using t = await testContext();
  const run = await testRun(t.ctx, { tasks: 30 });
  const handler = testHandler({
    traits: { batch: 1, concurrency: 1, attempts: 3, bucket: "far" },
    act: (batch) =>
      batch.tasks.map(({ n }) =>
        n % 2 ? { retry: true, reason: "mailbox-busy" } : { state: "done" },
      ),
  });
  await work(t.ctx, [handler], IDLE);
  const [bucket] = await t.ctx.db
    .read`select failures, opened from work_buckets where bucket = 'far'`;
  assert.deepEqual({ ...bucket }, { failures: 0, opened: 0 });
  assert.equal((await outcomesOf(t.ctx, { run, state: "unreachable" })).length, 15);
});

test("a paced step says how long it will take before it begins", async () => {
  await using t = await testContext();
  const run = await testRun(t.ctx, { tasks: 30, chunkSize: 30 });
  const handler = testHandler({
    traits: { batch: 10, pace: { bucket: "far", count: 60, perMs: 3_600_000, per: "batch" } },
    act: allDone,
  });
  await using opened = new AsyncDisposableStack();
  opened.use(testWorker(t.ctx, [handler]));
  await until(async () => (await runProgress(t.ctx, { run })).steps[0]?.done === 10);
  const [step] = (await runProgress(t.ctx, { run })).steps;
  assert.equal(step?.etaMs, 120_000);
  assert.equal(step?.why?.because, "pace");
  assert.ok((step?.why?.forMs ?? 0) > 50_000);
});
