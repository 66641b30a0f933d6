import assert from "node:assert/strict";
import { test } from "node:test";
import { testContext } from "../../../test/support/context.ts";
import { testRun } from "../../../test/support/work.ts";
import type { Context } from "../../db/context.ts";
import { chunkTasks } from "./chunk-tasks.ts";
import { claimChunk, type Chunk } from "./claim-chunk.ts";
import { LeaseLost, record } from "./record.ts";

async function claimed(ctx: Context, run: string, leaseMs = 10_000): Promise<Chunk> {
  const [row] = await ctx.db.read<{ id: number }[]>`select id from work_runs where run = ${run}`;
  const step = { id: row?.id ?? 0, run, incident: "test-incident", step: 0 };
  const chunk = await claimChunk(ctx, { step, holder: "test", leaseMs, scope: "work:run" });
  assert.ok(chunk);
  return chunk;
}

async function allDone(ctx: Context, chunk: Chunk) {
  const { tasks } = await chunkTasks(ctx, chunk, true);
  const settled = tasks.map((task) => ({ task, ended: { state: "done" as const } }));
  return { chunk, settled, leaseMs: 10_000, scope: "work:run" as const };
}

test("a record that is repeated because its answer was lost counts nothing twice", async () => {
  await using t = await testContext();
  const chunk = await claimed(t.ctx, await testRun(t.ctx, { tasks: 10 }));
  const input = await allDone(t.ctx, chunk);
  await record(t.ctx, { ...input, settled: input.settled.slice(0, 4) });
  assert.deepEqual(
    await record(t.ctx, { ...input, settled: input.settled.slice(0, 4), repeated: true }),
    { goOn: true },
  );
  await record(t.ctx, { ...input, settled: input.settled.slice(4) });
  assert.deepEqual(
    await record(t.ctx, { ...input, settled: input.settled.slice(4), repeated: true }),
    { goOn: true },
  );
  const [row] = await t.ctx.db.read`
    select c.remaining, c.done, (select count(*) from work_outcomes)::int as outcomes, (select sum(size) from ledger_batches)::int as members
    from work_chunks c`;
  assert.deepEqual({ ...row }, { remaining: 0, done: 10, outcomes: 10, members: 10 });
});

test("whoever has lost the lease records nothing", async () => {
  await using t = await testContext();
  const run = await testRun(t.ctx, { tasks: 10 });
  const late = await allDone(t.ctx, await claimed(t.ctx, run, -1));
  const next = await allDone(t.ctx, await claimed(t.ctx, run));
  await assert.rejects(record(t.ctx, late), LeaseLost);
  assert.equal((await t.ctx.db.read`select 1 from ledger_batches`).length, 0);
  await record(t.ctx, next);
  await assert.rejects(record(t.ctx, { ...late, repeated: true }), LeaseLost);
});
