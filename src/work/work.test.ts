import assert from "node:assert/strict";
import { test } from "node:test";
import { testContext } from "../../test/support/context.ts";
import { allDone, QUICK, testHandler, testRun } from "../../test/support/work.ts";
import { work } from "./work.ts";

test("every task of a run gets one outcome, in a ledger batch that the outcome names", async () => {
  await using t = await testContext();
  const seen: string[] = [];
  const run = await testRun(t.ctx, { tasks: 25 });
  const handler = testHandler({
    act: (batch) => (seen.push(...batch.tasks.map((task) => task.key)), allDone(batch)),
  });
  await work(t.ctx, [handler], { until: "idle", run, ...QUICK });
  assert.equal(new Set(seen).size, 25);
  assert.equal(seen.length, 25);
  const [count] = await t.ctx.db
    .read`select count(*)::int as n, count(distinct entry)::int as entries from work_outcomes where state = 'done'`;
  assert.deepEqual({ ...count }, { n: 25, entries: 3 });
  const [state] = await t.ctx.db.read`select state from work_runs`;
  assert.equal(state?.["state"], "complete");
});
