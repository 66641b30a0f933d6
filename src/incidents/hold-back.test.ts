import { test } from "node:test";
import assert from "node:assert/strict";
import { runProgress } from "../work/run-progress.ts";
import { incidentScene, INCIDENT, type Scene } from "../../test/support/incident.ts";
import { testHandler, testWorker, until } from "../../test/support/work.ts";
import { apply } from "./apply.ts";
import { decide } from "./decide.ts";
import { heldBack } from "./hold-back.ts";

async function doneOf(t: Scene, run: string): Promise<number> {
  const { steps } = await runProgress(t.ctx, { run });
  return steps[0]?.done ?? 0;
}

test("a hold stops notices that are under way, and lifted lets them go on", async () => {
  await using t = await incidentScene();
  const { digest } = await t.plan("notify");
  await t.approve(digest);
  const { run } = await apply(t.ctx, { plan: digest });
  const because = "the police ask";
  const hold = await decide(t.ctx, { incident: INCIDENT, what: "hold", because });
  let asked = 0;
  const handler = testHandler({
    kind: "notice",
    traits: { idempotent: false, batch: 1 },
    act: ({ tasks }) => {
      asked += tasks.length;
      return tasks.map(() => ({ state: "done" }) as const);
    },
  });
  await using worker = testWorker(t.ctx, [heldBack(handler)]);
  await until(async () => {
    const [row] = await t.ctx.db.read<{ n: number }[]>`select count(*)::int as n from work_retries`;
    return (row?.n ?? 0) === 3;
  });
  assert.deepEqual([asked, await doneOf(t, run)], [0, 0]);
  await decide(t.ctx, { incident: INCIDENT, what: "lift", because, ends: hold.number });
  t.ctx.clock.advance(1_000);
  await t.ctx.db.write`update work_chunks set due_at = clock_timestamp() where ended_at is null`;
  await t.ctx.db.write`update work_retries set due_at = clock_timestamp()`;
  await until(async () => (await doneOf(t, run)) === 3);
  assert.equal(asked, 3);
  assert.ok(worker);
});
