import assert from "node:assert/strict";
import { test } from "node:test";
import { testContext } from "../../test/support/context.ts";
import { QUICK, testHandler } from "../../test/support/work.ts";
import type { Context } from "../db/context.ts";
import { write } from "../ledger/write.ts";
import type { TaskInput } from "./handler.ts";
import { listRuns } from "./list-runs.ts";
import { beginRun, dropLoading, type LoadedRun, loadRun, type StepTasks } from "./load-run.ts";
import { pauseRun } from "./pause-run.ts";
import { runProgress } from "./run-progress.ts";
import { work } from "./work.ts";

const CHUNK = 2;
const PART = 20 * CHUNK;
/** Of the steps: two parts and a half, two whole ones, none. */
const SIZES = [2.5 * PART, 2 * PART, 0];

function keysOf(step: number): string[] {
  return Array.from({ length: SIZES[step] ?? 0 }, (_, n) => `k${String(n).padStart(4, "0")}`);
}

type Source = {
  /** Breaks behind so many tasks of all. */
  readonly dies?: number;
  readonly inputs?: string;
  readonly plan?: string;
};

/** Loads from a source that counts what it gave. */
async function load(
  { requestKey: _key, ...ctx }: Context,
  { dies = Infinity, inputs = "same", plan = "p" }: Source = {},
): Promise<LoadedRun & { given: number }> {
  let given = 0;
  const tasksOf = async (step: number, after: string | undefined): Promise<StepTasks> => ({
    tasks: (function* (): Generator<TaskInput[]> {
      for (const key of keysOf(step).filter((one) => after === undefined || one > after)) {
        if (given >= dies) throw new RangeError("it dies");
        given += 1;
        yield [{ key, payload: { key } }];
      }
    })(),
    seal: async (tasks) => Buffer.from(tasks.map((task) => task.key).join(" ")),
  });
  const one = { kind: "test", settings: {}, after: [], chunkSize: CHUNK };
  const steps = SIZES.map((_, n) => ({ ...one, name: `s${n}` }));
  const scope = "plans:apply" as const;
  return { ...(await loadRun(ctx, { incident: "i", plan, steps, inputs, scope, tasksOf })), given };
}

async function rowsOf(ctx: Context, plan: string): Promise<unknown> {
  const steps = await ctx.db.read`
    select s.step, s.tasks, s.loaded from work_steps s join work_runs r on r.id = s.run where plan = ${plan} order by 1`;
  const tasks = await ctx.db.read`
    select t.step, n, key, payload from work_tasks t join work_runs r on r.id = t.run where plan = ${plan} order by 1, 2`;
  const chunks = await ctx.db.read`
    select c.step, c.chunk, first, last, remaining, s.sealed::text as sealed
    from work_chunks c join work_runs r on r.id = c.run left join work_sealed s on (s.run, s.step, s.chunk) = (c.run, c.step, c.chunk)
    where plan = ${plan} order by 1, 2`;
  return [steps, tasks, chunks].map((rows) => rows.map((row) => ({ ...row })));
}

async function count(ctx: Context): Promise<unknown> {
  const [row] = await ctx.db.read`
    select (select count(*)::int from work_runs) as runs, (select count(*)::int from work_steps) as steps,
      (select count(*)::int from work_tasks) as tasks, (select count(*)::int from work_chunks) as chunks,
      (select count(*)::int from work_sealed) as sealed`;
  return { ...row };
}

test("a run that dies anywhere while it is loaded goes on from its last part, and becomes the same", async () => {
  await using t = await testContext();
  const all = SIZES.reduce((sum, size) => sum + size, 0);
  const whole = await load(t.ctx, { plan: "whole" });
  assert.deepEqual([whole.tasks, whole.given], [all, all]);
  const wanted = await rowsOf(t.ctx, "whole");
  for (let dies = 0; dies < all; dies += PART / 4) {
    const plan = `dies at ${dies}`;
    await assert.rejects(load(t.ctx, { plan, dies }), { message: "it dies" });
    const { tasks, given } = await load(t.ctx, { plan });
    assert.equal(tasks, all);
    assert.ok(given <= all - dies + PART, `${plan}: ${given} were read again`);
    assert.deepEqual(await rowsOf(t.ctx, plan), wanted, plan);
  }
});

test("nobody sees a run that is loaded, until it begins", async () => {
  await using t = await testContext();
  const { run } = await load(t.ctx);
  const handled: string[] = [];
  const handler = testHandler({
    act: ({ tasks }) => {
      handled.push(...tasks.map((task) => task.key));
      return tasks.map(() => ({ state: "done" }));
    },
  });
  await work(t.ctx, [handler], { ...QUICK, until: "idle" });
  assert.deepEqual(handled, []);
  assert.deepEqual(await listRuns(t.ctx), []);
  await assert.rejects(runProgress(t.ctx, { run }), { code: "not_found" });
  await assert.rejects(pauseRun(t.ctx, { run }), { code: "not_found" });
  await write(t.ctx, "plans:apply", async (tx) => ({
    result: await beginRun(tx, run),
    entry: [],
  }));
  await work(t.ctx, [handler], { ...QUICK, until: "idle" });
  assert.equal(handled.length, 4.5 * PART);
  assert.equal((await runProgress(t.ctx, { run })).state, "complete");
  await assert.rejects(
    write(t.ctx, "plans:apply", async (tx) => ({ result: await beginRun(tx, run), entry: [] })),
  );
});

test("what was loaded from other inputs goes, and what never begins can be dropped", async () => {
  await using t = await testContext();
  await assert.rejects(load(t.ctx, { dies: 2 * PART }));
  const { run, given } = await load(t.ctx, { inputs: "others" });
  assert.equal(given, 4.5 * PART);
  assert.equal((await load(t.ctx, { inputs: "others" })).run, run);
  await load(t.ctx, { plan: "another" });
  const drop = async (which: Parameters<typeof dropLoading>[1]) =>
    await write(t.ctx, "plans:apply", async (tx) => ({
      result: await dropLoading(tx, which),
      entry: [],
    }));
  await drop({ plan: "p" });
  assert.deepEqual(await count(t.ctx), {
    runs: 1,
    steps: 3,
    tasks: 4.5 * PART,
    chunks: 90,
    sealed: 90,
  });
  await drop({ incident: "i" });
  assert.deepEqual(await count(t.ctx), { runs: 0, steps: 0, tasks: 0, chunks: 0, sealed: 0 });
});
