import assert from "node:assert/strict";
import { test } from "node:test";
import { testContext } from "../../test/support/context.ts";
import { testRun } from "../../test/support/work.ts";
import { write } from "../ledger/write.ts";
import { createRun } from "./create-run.ts";
import { loadTasks } from "./load-tasks.ts";
import { runProgress } from "./run-progress.ts";

test("keys and payloads arrive as they were given, whatever they hold", async () => {
  await using t = await testContext();
  const tasks = [
    "tab\tnewline\nreturn\rbackslash\\N\\.",
    "\\.",
    "\\N",
    "кириллица 🔔",
    "",
    "\u0007",
  ].map((text) => ({
    key: `k${text}`,
    payload: { text, deep: [null, 1.5, { text }] },
  }));
  await testRun(t.ctx, { tasks });
  const rows = await t.ctx.db.read`select key, payload from work_tasks order by n`;
  assert.deepEqual(
    rows.map((row) => ({ ...row })),
    tasks,
  );
});

test("a source that fails half way leaves no run behind", async () => {
  await using t = await testContext();
  const run = crypto.randomUUID();
  async function* failing() {
    yield [{ key: "a", payload: 1 }];
    throw new RangeError("the registry went away");
  }
  const applied = write(t.ctx, "plans:apply", async (tx) => {
    const step = { name: "s", kind: "test", settings: {}, after: [], chunkSize: 1 };
    await createRun(tx, { run, incident: "i", plan: "p", steps: [step] });
    await loadTasks(tx, { run, step: 0, tasks: failing() });
    return { result: undefined, entry: [] };
  });
  await assert.rejects(applied, { message: "the registry went away" });
  await assert.rejects(runProgress(t.ctx, { run }), { code: "not_found" });
});

test("a target stands once in a step, a step is loaded once, and waits for earlier ones only", async () => {
  await using t = await testContext();
  await assert.rejects(
    testRun(t.ctx, {
      tasks: [
        { key: "a", payload: 1 },
        { key: "a", payload: 2 },
      ],
    }),
    { code: "23505" },
  );
  const run = await testRun(t.ctx, { tasks: 1 });
  const again = (step: number) =>
    write(t.ctx, "plans:apply", async (tx) => ({
      result: await loadTasks(tx, { run, step, tasks: [] }),
      entry: [],
    }));
  await assert.rejects(again(0), { code: "conflict" });
  await assert.rejects(again(1), { code: "not_found" });
  await assert.rejects(testRun(t.ctx, { tasks: 1, after: [0] }), { code: "invalid" });
});
