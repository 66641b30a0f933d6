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
import { actorWithAllScopes } from "../core/scope.ts";
import { abortRun } from "./abort-run.ts";
import type { Handler } from "./handler.ts";
import { listRuns } from "./list-runs.ts";
import { outcomesOf } from "./outcomes-of.ts";
import { pauseRun } from "./pause-run.ts";
import { resumeRun } from "./resume-run.ts";
import { runProgress } from "./run-progress.ts";
import { work } from "./work.ts";

const IDLE = { until: "idle", ...QUICK } as const;

function slow(seen: string[] = []): Handler {
  return testHandler({
    traits: { concurrency: 1 },
    act: async (batch) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      seen.push(...batch.tasks.map((task) => task.key));
      return allDone(batch);
    },
  });
}

test("a paused run records what was in flight, begins nothing, and goes on where it stopped", async () => {
  await using t = await testContext();
  const seen: string[] = [];
  const run = await testRun(t.ctx, { tasks: 200 });
  const working = work(t.ctx, [slow(seen)], IDLE);
  await until(() => seen.length > 0);
  await pauseRun(t.ctx, { run, because: "support is overrun" });
  await working;
  const paused = await runProgress(t.ctx, { run });
  assert.equal(paused.state, "paused");
  assert.equal(paused.steps[0]?.done, seen.length);
  assert.ok(seen.length < 200);
  await work(t.ctx, [slow(seen)], IDLE);
  assert.equal((await runProgress(t.ctx, { run })).steps[0]?.done, paused.steps[0]?.done);
  await resumeRun(t.ctx, { run });
  await work(t.ctx, [slow(seen)], IDLE);
  assert.equal((await runProgress(t.ctx, { run })).state, "complete");
  assert.deepEqual([seen.length, new Set(seen).size], [200, 200]);
  const kinds = await t.ctx.db.read<{ kind: string; body: string }[]>`
    select kind, body from ledger_entries e join ledger_bodies b on b.entry = e.id where kind like 'work.run-%' order by e.id`;
  assert.deepEqual(
    kinds.map((one) => one.kind),
    ["work.run-paused", "work.run-resumed", "work.run-closed"],
  );
  assert.deepEqual(JSON.parse(kinds[0]?.body ?? ""), { run, because: "support is overrun" });
});

test("an aborted run refuses what nobody touched, and finishes what was in flight", async () => {
  await using t = await testContext();
  const seen: string[] = [];
  const run = await testRun(t.ctx, { tasks: 200 }, { tasks: 15, after: [0] });
  const working = work(t.ctx, [slow(seen)], IDLE);
  await until(() => seen.length > 0);
  await abortRun(t.ctx, { run, because: "wrong cohort" });
  await working;
  const progress = await runProgress(t.ctx, { run });
  assert.equal(progress.state, "aborted");
  const done = await outcomesOf(t.ctx, { run, state: "done", limit: 1_000 });
  const refused = await outcomesOf(t.ctx, {
    run,
    state: "refused",
    reason: "aborted",
    limit: 1_000,
  });
  assert.deepEqual(done.map((one) => one.key).toSorted(), seen.toSorted());
  assert.equal(done.length + refused.length, 215);
  assert.ok(refused.length > 100);
  const entries = await t.ctx.db
    .read`select kind from ledger_entries where kind in ('work.run-aborted', 'work.run-closed') order by id`;
  assert.deepEqual(
    entries.map((one) => one["kind"]),
    ["work.run-aborted", "work.run-closed"],
  );
});

test("a run can be aborted where no worker is", async () => {
  await using t = await testContext();
  const run = await testRun(t.ctx, { tasks: 25 }, { tasks: 5, watching: true });
  await pauseRun(t.ctx, { run });
  await abortRun(t.ctx, { run });
  assert.equal((await runProgress(t.ctx, { run })).state, "aborted");
  assert.equal((await outcomesOf(t.ctx, { run, reason: "aborted" })).length, 30);
  assert.deepEqual((await listRuns(t.ctx, { open: true })).length, 0);
});

test("tasks that wait for their next try are refused by an abort as well", async () => {
  await using t = await testContext();
  const run = await testRun(t.ctx, { tasks: 5 });
  const handler = testHandler({
    act: (batch) => batch.tasks.map(() => ({ retry: true, reason: "busy", afterMs: 60_000 })),
  });
  await using opened = new AsyncDisposableStack();
  opened.use(testWorker(t.ctx, [handler]));
  await until(async () => (await runProgress(t.ctx, { run })).steps[0]?.retrying === 5);
  await abortRun(t.ctx, { run });
  await until(async () => (await outcomesOf(t.ctx, { run, reason: "aborted" })).length === 5);
});

test("control of a run asks for its scope, a run that is there, and a state that allows it", async () => {
  await using t = await testContext();
  const run = await testRun(t.ctx, { tasks: 5 });
  const nobody = {
    ...t.ctx,
    actor: { ...actorWithAllScopes("nobody", "cli"), scopes: new Set([]) },
  };
  for (const verb of [pauseRun, resumeRun, abortRun]) {
    await assert.rejects(verb(nobody, { run }), { code: "forbidden" });
    await assert.rejects(verb(t.ctx, { run: crypto.randomUUID() }), { code: "not_found" });
    await assert.rejects(verb(t.ctx, { run: "no" }), { code: "invalid" });
  }
  await assert.rejects(resumeRun(t.ctx, { run }), { code: "conflict" });
  const twice = await Promise.allSettled([pauseRun(t.ctx, { run }), pauseRun(t.ctx, { run })]);
  assert.deepEqual(twice.map((one) => one.status).toSorted(), ["fulfilled", "rejected"]);
  await abortRun(t.ctx, { run });
  for (const verb of [pauseRun, resumeRun, abortRun])
    await assert.rejects(verb(t.ctx, { run }), { code: "conflict" });
});
