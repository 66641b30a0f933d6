import { test } from "node:test";
import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { Crash, crashingAt } from "../../../test/support/crash-click.ts";
import { INCIDENT, incidentScene, type Scene } from "../../../test/support/incident.ts";
import { plan } from "../plan/plan.ts";
import { dropDraft, openDraft } from "./draft.ts";

const NEVER = 10_000;

/** Everything that ClickHouse keeps of drafts. */
async function kept(t: Scene): Promise<unknown> {
  const click = await t.ctx.click();
  return await click.query(
    z.object({ name: z.string(), rows: z.number() }),
    `select table || ' ' || partition as name, sum(rows) as rows from system.parts
     where active and database = currentDatabase() and table like 'plan\\_%' group by name order by name
     union all select name, 0 from system.tables where database = currentDatabase() and name like 'scoping\\_%'`,
  );
}

/** Wave 2 of an incident whose first wave went out: with outcomes to look back at, news and corrections. */
async function secondWave(): Promise<Scene> {
  const t = await incidentScene();
  await t.run((await t.plan()).digest);
  await t.file("more.csv", "username,email\nfay,fay@example.org\nbob,bob@example.org\n");
  await t.file("not.csv", "username\nann\n");
  await t.incident({
    evidence: {
      dump: { file: "dump.csv", kind: "records" },
      more: { file: "more.csv", kind: "records" },
      not: { file: "not.csv", kind: "records", withdraws: "dump" },
    },
    cohorts: {
      affected: { in: ["dump", "more"] },
      hashed: { with: "user.authorization.password" },
    },
    notices: [
      { to: "affected", text: "notices/affected" },
      { to: "affected", text: "notices/correction", correction: true },
    ],
  });
  return t;
}

test("planning that dies behind any statement goes on from there, to the same plan, and leaves nothing over", async () => {
  await using t = await secondWave();
  const whole = crashingAt(t.ctx, NEVER);
  const { digest } = await plan(whole.ctx, { incident: INCIDENT });
  const again = crashingAt(t.ctx, NEVER);
  assert.equal((await plan(again.ctx, { incident: INCIDENT })).digest, digest);
  const before = await kept(t);
  const makes = again.statements.findLastIndex((one) => one.includes("into plan_progress")) + 1;
  assert.ok(makes > 20);
  for (let statement = 1; statement < again.statements.length; statement += 1) {
    const dying = crashingAt(t.ctx, statement);
    await assert.rejects(plan(dying.ctx, { incident: INCIDENT }), Crash);
    const after = crashingAt(t.ctx, NEVER);
    const where = `${statement} of ${again.statements.length}: ${dying.statements.at(-1)}`;
    assert.deepEqual(
      await plan(after.ctx, { incident: INCIDENT }),
      { digest, fresh: false },
      where,
    );
    assert.deepEqual(await kept(t), before, where);
    // What was done is not done again: one statement, the removal of what it left, and the members of the cohorts.
    const both = dying.statements.length + after.statements.length;
    if (statement <= makes) assert.ok(both <= again.statements.length + 6, `${where}: ${both}`);
  }
  assert.deepEqual(await readdir(join(t.ctx.folder.data, "tmp")), []);
});

test("a draft is gone on with for the same inputs alone", async () => {
  await using t = await incidentScene();
  const { digest } = await t.plan();
  const statements = async (): Promise<number> => {
    const going = crashingAt(t.ctx, NEVER);
    await plan(going.ctx, { incident: INCIDENT });
    return going.statements.length;
  };
  const all = await statements();
  const die = async (): Promise<void> => {
    const dying = crashingAt(t.ctx, all - 10);
    await assert.rejects(plan(dying.ctx, { incident: INCIDENT }), Crash);
  };
  await die();
  assert.ok((await statements()) < all);
  await die();
  await t.incident({ title: "Another title" });
  assert.notEqual((await t.plan()).digest, digest);
});

test("a draft that lost rows is made anew", async () => {
  await using t = await incidentScene();
  const { digest } = await t.plan();
  const dying = crashingAt(t.ctx, 12);
  await assert.rejects(plan(dying.ctx, { incident: INCIDENT }), Crash);
  const click = await t.ctx.click();
  const [begun] = await click.query(
    z.object({ draft: z.string(), inputs: z.string() }),
    "select toString(draft) as draft, any(inputs) as inputs from plan_progress group by draft",
  );
  assert.ok(begun);
  const draft = await openDraft(t.ctx, begun.inputs);
  assert.equal(draft.id, begun.draft);
  await click.command("alter table plan_targets drop partition {draft:UUID}", begun);
  assert.deepEqual(await plan(t.ctx, { incident: INCIDENT }), { digest, fresh: false });
  await dropDraft(t.ctx, draft.id);
  assert.notEqual((await openDraft(t.ctx, begun.inputs)).id, begun.draft);
});
