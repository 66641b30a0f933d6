import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { outcomesOf } from "../../src/work/outcomes-of.ts";
import { runProgress } from "../../src/work/run-progress.ts";
import { testContext } from "../support/context.ts";
import { testRun } from "../support/work.ts";

const TASKS = 1_200;
const KILLS = 4;

test("two worker processes, killed and started again, do each task once, without waiting for the leases of the dead", async () => {
  await using t = await testContext();
  const file = join(t.dir, "taken");
  writeFileSync(file, "");
  const run = await testRun(t.ctx, { kind: "once", tasks: TASKS, chunkSize: 100 });
  let kills = 0;
  const taken = (): number => readFileSync(file, "utf8").split("\n").length - 1;
  const from = performance.now();
  const isOver = async (): Promise<boolean> =>
    (await runProgress(t.ctx, { run })).state === "complete";
  const keepWorking = async (): Promise<void> => {
    while (!(await isOver())) {
      const child = spawn(
        process.execPath,
        [join(import.meta.dirname, "../support/work-child.ts"), t.databaseUrl, file],
        { stdio: "inherit" },
      );
      const ended = once(child, "exit");
      // By what has been done and not by the clock: on a quick machine all is over within a second.
      const look = setInterval(() => {
        if (kills >= KILLS || taken() < (kills + 1) * (TASKS / (KILLS + 1))) return;
        kills += Number(child.kill("SIGKILL"));
      }, 5);
      await ended;
      clearInterval(look);
    }
  };
  await Promise.all([keepWorking(), keepWorking()]);
  const lines = readFileSync(file, "utf8").trim().split("\n");
  assert.deepEqual([lines.length, new Set(lines).size], [TASKS, TASKS]);
  assert.equal((await outcomesOf(t.ctx, { run, state: "done", limit: 10_000 })).length, TASKS);
  assert.ok(kills >= 2, `${kills} kills`);
  assert.ok(performance.now() - from < 55_000, "it waited for leases");
});
