import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { testContext } from "../../test/support/context.ts";
import { allDone, keysOf, QUICK, testHandler, testRun } from "../../test/support/work.ts";
import type { Context } from "../db/context.ts";
import type { Batch, Handler, Reconciled, TaskOutcome, Traits } from "./handler.ts";
import { outcomesOf } from "./outcomes-of.ts";
import { resumeRun } from "./resume-run.ts";
import { runProgress } from "./run-progress.ts";
import { work, type WorkOptions } from "./work.ts";

const TIMES = { ...QUICK, leaseMs: 10_000, pollMs: 20 };
const IDLE = { until: "idle", ...TIMES } as const;

class Crash extends Error {}

/** Crashes at the nth place between two statements, counted over the worker's life. */
function crashAt(nth: number): NonNullable<WorkOptions["fault"]> {
  let seen = 0;
  return () => {
    if (++seen === nth) throw new Crash();
  };
}

/** Starts workers that each die at their place, then one that lives, and answers how many died. */
async function workThrough(
  ctx: Context,
  { run, handler, places }: { run: string; handler: Handler; places: readonly number[] },
): Promise<number> {
  let died = 0;
  for (const place of places) {
    await work(ctx, [handler], { ...IDLE, run, fault: crashAt(place) }).catch(
      async (error: unknown) => {
        if (!(error instanceof Crash)) throw error;
        died += 1;
        await endLeases(ctx, run);
      },
    );
  }
  await work(ctx, [handler], { ...IDLE, run });
  return died;
}

/** What time does. */
async function endLeases(ctx: Context, run: string): Promise<void> {
  await ctx.db.write`
    update work_chunks set leased_until = '-infinity' where run = (select id from work_runs where run = ${run})`;
}

/** A far side that counts what it took, and can be asked. */
function farSide(answer: (key: string, taken: boolean) => Reconciled) {
  const took = new Map<string, number>();
  const take = (batch: Batch): TaskOutcome[] => {
    for (const key of keysOf(batch)) took.set(key, (took.get(key) ?? 0) + 1);
    return allDone(batch);
  };
  const traits: Partial<Traits> = { idempotent: false, batch: 1, window: 3 };
  const reconcile = (batch: Batch): Reconciled[] =>
    keysOf(batch).map((key) => answer(key, took.has(key)));
  return {
    took,
    handler: testHandler({ traits, act: take, reconcile }),
    blind: testHandler({ traits, act: take }),
  };
}

/** The ledger's batches hold as many outcomes as there are: neither more nor fewer. */
async function assertLedgerWhole(ctx: Context): Promise<void> {
  const [row] = await ctx.db.read<{ members: number; outcomes: number }[]>`
    select (select coalesce(sum(size), 0) from ledger_batches)::int as members, (select count(*) from work_outcomes)::int as outcomes`;
  assert.equal(row?.members, row?.outcomes);
}

/** Every place where a worker can die, some at once, until there is none left. */
async function atEveryPlace(crash: (place: number) => Promise<number>): Promise<void> {
  for (let place = 1; ; place += 6) {
    const died = await Promise.all(Array.from({ length: 6 }, (_, n) => crash(place + n)));
    if (died.includes(0)) {
      assert.ok(place > 6, "there are more places than these");
      return;
    }
  }
}

test("a crash between any two statements loses no task and doubles no outcome", async () => {
  await using t = await testContext();
  await atEveryPlace(async (place) => {
    const run = await testRun(t.ctx, { tasks: 6, chunkSize: 3 }, { tasks: 2, after: [0] });
    const handler = testHandler({ act: allDone, traits: { batch: 2 } });
    const died = await workThrough(t.ctx, { run, handler, places: [place] });
    const progress = await runProgress(t.ctx, { run });
    const done = progress.steps.map((one) => one.done);
    assert.deepEqual([progress.state, done], ["complete", [6, 2]], `crash ${place}`);
    assert.equal((await outcomesOf(t.ctx, { run })).length, 8);
    return died;
  });
  await assertLedgerWhole(t.ctx);
});

test("work that may not be repeated is never done twice, wherever the crash, when the far side can be asked", async () => {
  await using t = await testContext();
  await atEveryPlace(async (place) => {
    const far = farSide((_key, taken) => (taken ? "taken" : "not-taken"));
    const run = await testRun(t.ctx, { tasks: 5, chunkSize: 5 });
    const died = await workThrough(t.ctx, { run, handler: far.handler, places: [place] });
    assert.equal((await runProgress(t.ctx, { run })).steps[0]?.done, 5, `crash ${place}`);
    assert.deepEqual([far.took.size, Math.max(...far.took.values())], [5, 1], `crash ${place}`);
    return died;
  });
});

test("what nobody can tell becomes unknown: not sent again, and counted", async () => {
  await using t = await testContext();
  let unknown = 0;
  await atEveryPlace(async (place) => {
    const far = farSide(() => "unknown");
    const run = await testRun(t.ctx, { tasks: 10, chunkSize: 10 });
    const died = await workThrough(t.ctx, { run, handler: far.blind, places: [place] });
    const [step] = (await runProgress(t.ctx, { run })).steps;
    assert.equal((step?.done ?? 0) + (step?.unknown ?? 0), 10, `crash ${place}`);
    assert.equal(Math.max(...far.took.values()), 1, `crash ${place}: sent twice`);
    assert.ok((step?.unknown ?? 0) <= 9, "more than three windows are unknown");
    unknown += step?.unknown ?? 0;
    return died;
  });
  assert.ok(unknown > 0);
});

test("reconcile tells taken, not taken and unknown apart", async () => {
  await using t = await testContext();
  const far = farSide((key) => (key === "k1" ? "taken" : key === "k2" ? "not-taken" : "unknown"));
  const run = await testRun(t.ctx, { tasks: 3 });
  const dies = {
    ...IDLE,
    fault: (point: string) => {
      if (point === "before-act") throw new Crash();
    },
  };
  await assert.rejects(work(t.ctx, [far.handler], dies), Crash);
  await endLeases(t.ctx, run);
  await work(t.ctx, [far.handler], IDLE);
  const outcomes = await outcomesOf(t.ctx, { run });
  assert.deepEqual(
    outcomes.map((one) => [one.key, one.state, one.reason]),
    [
      ["k1", "done", "reconciled"],
      ["k2", "done", null],
      ["k3", "unknown", "crash"],
    ],
  );
  assert.deepEqual([...far.took], [["k2", 1]]);
});

test("a bug amid work that may not be repeated is asked about when the step is resumed", async () => {
  await using t = await testContext();
  const took: string[] = [];
  let broken = true;
  const run = await testRun(t.ctx, { tasks: 8 });
  const handler = testHandler({
    traits: { idempotent: false, batch: 2, window: 4, concurrency: 1 },
    act: (batch) => {
      took.push(...keysOf(batch));
      if (broken && took.length > 2) throw new TypeError("oops");
      return allDone(batch);
    },
    reconcile: (batch) => keysOf(batch).map((key) => (took.includes(key) ? "taken" : "not-taken")),
  });
  await work(t.ctx, [handler], IDLE);
  assert.equal((await runProgress(t.ctx, { run })).steps[0]?.state, "paused");
  broken = false;
  await resumeRun(t.ctx, { run });
  await work(t.ctx, [handler], IDLE);
  assert.equal((await runProgress(t.ctx, { run })).steps[0]?.done, 8);
  assert.deepEqual(took.toSorted(), ["k1", "k2", "k3", "k4", "k5", "k6", "k7", "k8"]);
});

test("a store whose sessions are cut again and again loses and doubles nothing", async () => {
  await using t = await testContext();
  const far = farSide((_key, taken) => (taken ? "taken" : "not-taken"));
  const run = await testRun(t.ctx, { tasks: 300, chunkSize: 50 });
  const idempotent = await testRun(t.ctx, { kind: "other", tasks: 300, chunkSize: 50 });
  const slow = testHandler({
    kind: "other",
    act: async (batch) => (await new Promise((r) => setTimeout(r, 5)), allDone(batch)),
  });
  const cutting = (async () => {
    for (let cuts = 0; cuts < 4; cuts += 1) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      await t.ctx.db.read`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()`.catch(() => {});
    }
  })();
  await work(t.ctx, [far.handler, slow], IDLE);
  await cutting;
  assert.equal((await runProgress(t.ctx, { run })).steps[0]?.done, 300);
  assert.equal((await runProgress(t.ctx, { run: idempotent })).steps[0]?.done, 300);
  assert.deepEqual([far.took.size, Math.max(...far.took.values())], [300, 1]);
  await assertLedgerWhole(t.ctx);
});

test("a dead worker's chunks are taken up when its lease ends, and not before", async () => {
  await using t = await testContext();
  const run = await testRun(t.ctx, { tasks: 20 });
  const dies = {
    ...IDLE,
    leaseMs: 700,
    fault: (point: string) => {
      if (point === "after-act") throw new Crash();
    },
  };
  await assert.rejects(work(t.ctx, [testHandler({ act: allDone })], dies), Crash);
  const diedAt = performance.now();
  const takenAt: number[] = [];
  await work(
    t.ctx,
    [testHandler({ act: (batch) => (takenAt.push(performance.now() - diedAt), allDone(batch)) })],
    IDLE,
  );
  assert.equal((await runProgress(t.ctx, { run })).steps[0]?.done, 20);
  assert.ok(
    Math.max(...takenAt) > 500 && Math.max(...takenAt) < 3_000,
    `taken up after ${takenAt.join(", ")} ms`,
  );
});

test("whatever the crashes, answers and retries, each task ends once and the sum is whole", async () => {
  await using t = await testContext();
  const plan = fc.record({
    idempotent: fc.boolean(),
    tasks: fc.integer({ min: 1, max: 25 }),
    batch: fc.integer({ min: 1, max: 5 }),
    window: fc.integer({ min: 1, max: 9 }),
    concurrency: fc.integer({ min: 1, max: 4 }),
    crashes: fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 3 }),
    retries: fc.infiniteStream(fc.integer({ min: 0, max: 5 })),
  });
  await fc.assert(
    fc.asyncProperty(
      plan,
      async ({ idempotent, tasks, batch, window, concurrency, crashes, retries }) => {
        const took = new Map<string, number>();
        const act = (given: Batch): TaskOutcome[] =>
          keysOf(given).map((key) => {
            if (retries.next().value === 0) return { retry: true, reason: "busy" };
            took.set(key, (took.get(key) ?? 0) + 1);
            return { state: "done" };
          });
        const reconcile = (given: Batch): Reconciled[] =>
          keysOf(given).map((key) => (took.has(key) ? "taken" : "not-taken"));
        const handler = testHandler({
          traits: { idempotent, batch, window, concurrency, attempts: 99 },
          act,
          reconcile,
        });
        const run = await testRun(t.ctx, { tasks, chunkSize: 7 });
        await workThrough(t.ctx, { run, handler, places: crashes });
        const outcomes = await outcomesOf(t.ctx, { run, limit: 1_000 });
        assert.deepEqual(
          [outcomes.length, new Set(outcomes.map((one) => one.key)).size],
          [tasks, tasks],
        );
        assert.equal((await runProgress(t.ctx, { run })).steps[0]?.done, tasks);
        assert.equal(took.size, tasks);
        if (!idempotent) assert.equal(Math.max(...took.values()), 1);
        await assertLedgerWhole(t.ctx);
      },
    ),
    { numRuns: 15 },
  );
});
