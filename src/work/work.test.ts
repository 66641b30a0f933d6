import assert from "node:assert/strict";
import { test } from "node:test";
import { testContext } from "../../test/support/context.ts";
import {
  allDone,
  keysOf,
  QUICK,
  testHandler,
  testRun,
  testWorker,
  until,
} from "../../test/support/work.ts";
import { TocsinError } from "../core/errors.ts";
import { actorWithAllScopes } from "../core/scope.ts";
import { leftOf } from "./left-of.ts";
import { outcomesOf } from "./outcomes-of.ts";
import { resumeRun } from "./resume-run.ts";
import { runProgress } from "./run-progress.ts";
import { work } from "./work.ts";

const IDLE = { until: "idle", ...QUICK } as const;

test("every task of a run gets one outcome, in a ledger batch that the outcome names", async () => {
  await using t = await testContext();
  const seen: string[] = [];
  const run = await testRun(t.ctx, { tasks: 25 });
  const handler = testHandler({ act: (batch) => (seen.push(...keysOf(batch)), allDone(batch)) });
  await work(t.ctx, [handler], IDLE);
  assert.equal(seen.length, 25);
  assert.equal(new Set(seen).size, 25);
  const outcomes = await outcomesOf(t.ctx, { run });
  assert.deepEqual(new Set(outcomes.map((one) => one.state)), new Set(["done"]));
  const batches = await t.ctx.db.read<{ entry: string; size: number; kind: string }[]>`
    select b.entry, b.size, e.kind from ledger_batches b join ledger_entries e on e.id = b.entry`;
  for (const batch of batches) {
    assert.equal(batch.kind, "work.outcomes");
    assert.equal(outcomes.filter((one) => one.entry === batch.entry).length, batch.size);
  }
  assert.equal(
    batches.reduce((sum, batch) => sum + batch.size, 0),
    25,
  );
});

test("a run closes by itself, with one ledger entry that holds the counts", async () => {
  await using t = await testContext();
  const run = await testRun(t.ctx, {
    tasks: [
      { key: "a", payload: 1 },
      { key: "b", payload: 2 },
      { key: "c", payload: 3, gone: true },
    ],
  });
  const act = testHandler({
    act: (batch) =>
      batch.tasks.map((task) => ({
        state: task.key === "a" ? "done" : "refused",
        reason: "malformed",
      })),
  });
  await Promise.all([work(t.ctx, [act], IDLE), work(t.ctx, [act], IDLE)]);
  const entries = await t.ctx.db.read<{ body: string }[]>`
    select body from ledger_entries e join ledger_bodies b on b.entry = e.id where kind = 'work.run-closed'`;
  assert.equal(entries.length, 1);
  const counts = {
    step: 0,
    name: "step 0",
    tasks: 3,
    done: 1,
    refused: 1,
    unreachable: 0,
    gone: 1,
    unknown: 0,
  };
  assert.deepEqual(JSON.parse(entries[0]?.body ?? ""), {
    run,
    plan: "digest",
    state: "complete",
    steps: [counts],
  });
});

test("a task that is gone already is handed to nobody", async () => {
  await using t = await testContext();
  const seen: string[] = [];
  const run = await testRun(t.ctx, {
    tasks: [
      { key: "here", payload: null },
      { key: "gone", payload: null, gone: true },
    ],
  });
  await work(
    t.ctx,
    [testHandler({ act: (batch) => (seen.push(...keysOf(batch)), allDone(batch)) })],
    IDLE,
  );
  assert.deepEqual(seen, ["here"]);
  assert.deepEqual(
    (await outcomesOf(t.ctx, { run, state: "gone" })).map((one) => one.key),
    ["gone"],
  );
});

test("work asks for its scope", async () => {
  await using t = await testContext({
    actor: { ...actorWithAllScopes("nobody", "worker"), scopes: new Set() },
  });
  await assert.rejects(work(t.ctx, [], IDLE), { code: "forbidden" });
  await assert.rejects(runProgress(t.ctx, { run: crypto.randomUUID() }), { code: "forbidden" });
  await assert.rejects(outcomesOf(t.ctx, { run: crypto.randomUUID() }), { code: "forbidden" });
});

test("a step begins when the steps before it have ended", async () => {
  await using t = await testContext();
  const order: number[] = [];
  await testRun(t.ctx, { tasks: 30 }, { tasks: 0, after: [0] }, { tasks: 10, after: [1] });
  await work(
    t.ctx,
    [testHandler({ act: (batch) => (order.push(batch.step), allDone(batch)) })],
    IDLE,
  );
  assert.deepEqual(order, [0, 0, 0, 2]);
});

test("a task is tried again, so often and no more, and its last reason stays", async () => {
  await using t = await testContext();
  const tries = new Map<string, number>();
  const run = await testRun(t.ctx, { tasks: 12 });
  const handler = testHandler({
    traits: { attempts: 3 },
    act: (batch) =>
      batch.tasks.map(({ key }) => {
        tries.set(key, (tries.get(key) ?? 0) + 1);
        if (key === "k3") return { retry: true, reason: "busy" };
        return key === "k7" && tries.get(key) === 1
          ? { retry: true, reason: "busy" }
          : { state: "done" };
      }),
  });
  await work(t.ctx, [handler], IDLE);
  assert.equal(tries.get("k3"), 3);
  assert.equal(tries.get("k7"), 2);
  assert.deepEqual([...tries.values()].filter((n) => n === 1).length, 10);
  const [given] = await outcomesOf(t.ctx, { run, state: "unreachable" });
  assert.deepEqual([given?.key, given?.reason], ["k3", "busy"]);
  const retries = await t.ctx.db.read`select 1 from work_retries`;
  assert.equal(retries.length, 0);
});

test("what a handler throws is tried again where the error says so, and refused where it does not", async () => {
  await using t = await testContext();
  let calls = 0;
  const run = await testRun(t.ctx, { tasks: 5 }, { tasks: 5 });
  const handler = testHandler({
    act: (batch) => {
      if (batch.step === 1) throw new TocsinError("invalid", "no such field");
      if (++calls === 1) throw new TocsinError("conflict", "later", { retryable: true });
      return allDone(batch);
    },
  });
  await work(t.ctx, [handler], IDLE);
  assert.equal((await outcomesOf(t.ctx, { run, step: 0, state: "done" })).length, 5);
  assert.equal(
    (await outcomesOf(t.ctx, { run, step: 1, state: "refused", reason: "invalid" })).length,
    5,
  );
});

test("a bug in a handler pauses its step with the place of the bug, and loses no target", async () => {
  await using t = await testContext();
  let broken = true;
  const run = await testRun(t.ctx, { tasks: 25 }, { tasks: 5 });
  const handler = testHandler({
    act: (batch) => {
      if (broken && batch.step === 0) throw new TypeError("jane@example.com is not iterable");
      return allDone(batch);
    },
  });
  await work(t.ctx, [handler], IDLE);
  const [first, second] = (await runProgress(t.ctx, { run })).steps;
  assert.equal(first?.state, "paused");
  assert.match(first?.why?.detail ?? "", /^a bug in test: TypeError at .*work\.test\.ts:\d+$/);
  assert.deepEqual([first?.waiting, second?.done], [25, 5]);
  broken = false;
  await resumeRun(t.ctx, { run });
  await work(t.ctx, [handler], IDLE);
  const after = await runProgress(t.ctx, { run });
  assert.deepEqual([after.state, after.steps[0]?.done], ["complete", 25]);
});

test("a wrong key pauses the step instead of refusing its targets", async () => {
  await using t = await testContext();
  const run = await testRun(t.ctx, { tasks: 5 });
  const act = (): never => {
    throw new TocsinError("unauthenticated", "the token of connector x is refused");
  };
  await work(t.ctx, [testHandler({ act })], IDLE);
  const [step] = (await runProgress(t.ctx, { run })).steps;
  assert.deepEqual(step?.why, {
    because: "paused",
    detail: "unauthenticated: the token of connector x is refused",
  });
  assert.equal(step?.waiting, 5);
});

test("a handler that answers for fewer tasks than it was given pauses the step", async () => {
  await using t = await testContext();
  const run = await testRun(t.ctx, { tasks: 5 });
  await work(t.ctx, [testHandler({ act: (batch) => allDone(batch).slice(1) })], IDLE);
  const [step] = (await runProgress(t.ctx, { run })).steps;
  assert.deepEqual([step?.state, step?.waiting], ["paused", 5]);
});

test("a far side that cannot be opened is tried again, and says so meanwhile", async () => {
  await using t = await testContext();
  let tries = 0;
  const run = await testRun(t.ctx, { tasks: 5 });
  const prepare = async (): Promise<void> => {
    if (++tries > 2) return;
    if (tries === 2) {
      const [step] = (await runProgress(t.ctx, { run })).steps;
      assert.deepEqual(step?.why, { because: "trouble", detail: "the far side is away" });
    }
    throw new TocsinError("unavailable", "the far side is away");
  };
  await work(t.ctx, [testHandler({ act: allDone, prepare })], IDLE);
  assert.equal(tries, 3);
  assert.equal((await runProgress(t.ctx, { run })).state, "complete");
});

test("what the read-back does not find done becomes refused, not-proved", async () => {
  await using t = await testContext();
  const run = await testRun(t.ctx, { tasks: 6 });
  const handler = testHandler({
    act: (batch) => batch.tasks.map(({ key }) => ({ state: key === "k6" ? "refused" : "done" })),
    verify: (batch) => {
      assert.deepEqual(keysOf(batch), ["k1", "k2", "k3", "k4", "k5"]);
      return batch.tasks.map(({ key }) => ({ state: key === "k2" ? "unreachable" : "done" }));
    },
  });
  await work(t.ctx, [handler], IDLE);
  const refused = await outcomesOf(t.ctx, { run, state: "refused" });
  assert.deepEqual(
    refused.map((one) => [one.key, one.reason]),
    [
      ["k2", "not-proved"],
      ["k6", null],
    ],
  );
});

test("a step of the customer's is polled at growing intervals and does not keep the run open", async () => {
  await using t = await testContext();
  let polls = 0;
  const run = await testRun(t.ctx, { tasks: 5 }, { tasks: 4, watching: true });
  const handler = testHandler({
    act: (batch) => {
      if (batch.step === 0) return allDone(batch);
      polls += 1;
      return batch.tasks.map(({ key }) =>
        key === "k1" || polls > 3 ? { state: "done" } : { waiting: true },
      );
    },
  });
  await work(t.ctx, [handler], { ...IDLE, waiting: { baseMs: 500, mostMs: 500 } });
  const watching = await runProgress(t.ctx, { run });
  assert.equal(watching.state, "watching");
  assert.equal(watching.steps[1]?.why?.because, "somebody else");
  await using opened = new AsyncDisposableStack();
  opened.use(testWorker(t.ctx, [handler]));
  await until(async () => (await runProgress(t.ctx, { run })).state === "complete");
  await opened.disposeAsync();
  assert.equal(polls, 4);
  assert.equal((await outcomesOf(t.ctx, { run, step: 1, state: "done" })).length, 4);
});

test("a chunk's sealed payload reaches its handler and is destroyed when the run closes", async () => {
  await using t = await testContext();
  const got: string[] = [];
  await testRun(t.ctx, {
    tasks: 15,
    seal: async (tasks) => Buffer.from(tasks.map((task) => task.key).join()),
  });
  const act = testHandler({
    act: (batch) => (got.push(Buffer.from(batch.sealed ?? []).toString()), allDone(batch)),
  });
  await work(t.ctx, [act], IDLE);
  assert.deepEqual(
    got.toSorted(),
    ["k1,k2,k3,k4,k5,k6,k7,k8,k9,k10", "k11,k12,k13,k14,k15"].toSorted(),
  );
  assert.deepEqual([...(await t.ctx.db.read`select 1 from work_sealed`)], []);
});

test("what is left is listed with the reason", async () => {
  await using t = await testContext();
  const run = await testRun(t.ctx, { tasks: 3 });
  const act = testHandler({
    act: (batch) =>
      batch.tasks.map(({ key }) =>
        key === "k1" ? { state: "done" } : { retry: true, reason: "busy", afterMs: 60_000 },
      ),
  });
  await using opened = new AsyncDisposableStack();
  opened.use(testWorker(t.ctx, [act]));
  await until(async () => (await leftOf(t.ctx, { run })).every((one) => one.why === "retry"));
  await opened.disposeAsync();
  const left = await leftOf(t.ctx, { run });
  assert.deepEqual(
    left.map((one) => [one.key, one.why, one.reason, one.attempts]),
    [
      ["k2", "retry", "busy", 0],
      ["k3", "retry", "busy", 0],
    ],
  );
});

test("a worker that is told to stop finishes what it handed over and begins nothing more", async () => {
  await using t = await testContext();
  const run = await testRun(t.ctx, { tasks: 100 });
  const stop = new AbortController();
  let handed = 0;
  const act = testHandler({
    act: async (batch) => {
      handed += batch.tasks.length;
      stop.abort();
      await new Promise((resolve) => setTimeout(resolve, 30));
      return allDone(batch);
    },
  });
  await work(t.ctx, [act], { ...QUICK, signal: stop.signal });
  const [step] = (await runProgress(t.ctx, { run })).steps;
  assert.equal(step?.done, handed);
  assert.ok(handed < 100);
  const held = await t.ctx.db
    .read`select 1 from work_chunks where leased_until > clock_timestamp()`;
  assert.equal(held.length, 0);
});

test("a run that is applied while a worker sleeps begins at its next look", async () => {
  await using t = await testContext();
  await using opened = new AsyncDisposableStack();
  opened.use(testWorker(t.ctx, [testHandler({ act: allDone })]));
  await new Promise((resolve) => setTimeout(resolve, 100));
  const run = await testRun(t.ctx, { tasks: 25 }, { tasks: 5, after: [0] });
  await until(async () => (await runProgress(t.ctx, { run })).state === "complete");
});
