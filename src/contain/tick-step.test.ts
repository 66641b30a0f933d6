import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { batchOf } from "../../test/support/batch.ts";
import { testContext } from "../../test/support/context.ts";
import { containHandler } from "./contain-handler.ts";
import { tickStep } from "./tick-step.ts";

const steps = ["change the root password", "remove the old key"];
const connectors = {
  ops: { manual: { owner: "operations" }, actions: { "rotate-root": { steps } } },
};
const tick = { incident: "backoffice-2013", action: "ops.rotate-root" };
const waiting = { waiting: true, reason: "waits-for-person", afterMs: 10_000 };

test("a target is done when a person has ticked every step of it, and the proof says who and when", async () => {
  await using t = await testContext({ organisation: { connectors } });
  const run = randomUUID();
  const of = { run, step: 0, incident: tick.incident };
  await using prepared = await containHandler.prepare(t.ctx, { action: tick.action }, of);
  const batch = batchOf(["s1", "s2"], { run });
  assert.deepEqual(await prepared.act(batch), [waiting, waiting]);
  await tickStep(t.ctx, { ...tick, run, step: 1 });
  assert.deepEqual(await prepared.act(batch), [waiting, waiting]);
  assert.deepEqual(await tickStep(t.ctx, { ...tick, run, step: 2, targets: ["s2"] }), {
    ticked: 1,
  });
  const at = t.ctx.clock.now().toISOString();
  const ticked = [1, 2].map((step) => ({ step, by: "test", at }));
  assert.deepEqual(await prepared.act(batch), [
    waiting,
    { state: "done", reason: "ticked", detail: { ticked } },
  ]);
  assert.deepEqual(await prepared.act(batchOf(["s2"])), [waiting]);
});

test("a tick stays as it was first made, and only the first is in the ledger", async () => {
  await using t = await testContext({ organisation: { connectors } });
  const run = randomUUID();
  assert.deepEqual(await tickStep(t.ctx, { ...tick, run, step: "all" }), { ticked: 2 });
  assert.deepEqual(await tickStep(t.ctx, { ...tick, run, step: "all" }), { ticked: 0 });
  const rows = await t.ctx.db.read`select kind from ledger_entries`;
  assert.deepEqual(
    rows.map((row) => String(row["kind"])),
    ["step.ticked"],
  );
});

test("a tick of a step that is not there, of another action, or without the scope is refused", async () => {
  await using t = await testContext({ organisation: { connectors } });
  const run = randomUUID();
  await assert.rejects(tickStep(t.ctx, { ...tick, run, step: 3 }), { code: "invalid" });
  await assert.rejects(tickStep(t.ctx, { ...tick, run, action: "ops.other", step: 1 }), {
    code: "not_found",
  });
  const ctx = { ...t.ctx, actor: { ...t.ctx.actor, scopes: new Set<never>() } };
  await assert.rejects(tickStep(ctx, { ...tick, run, step: 1 }), { code: "forbidden" });
});
