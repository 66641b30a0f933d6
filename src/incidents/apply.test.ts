import { test } from "node:test";
import assert from "node:assert/strict";
import type { Click } from "../db/click.ts";
import type { Context } from "../db/context.ts";
import { openRequest } from "../ledger/request-key.ts";
import { outcomesOf } from "../work/outcomes-of.ts";
import {
  CUSTOMERS,
  incidentScene,
  INCIDENT,
  kindsIn,
  NOTICE,
  type Scene,
  signed,
  workAll,
} from "../../test/support/incident.ts";
import { apply } from "./apply.ts";
import { approve } from "./approve.ts";
import { cancelPlan } from "./plan/cancel-plan.ts";
import { closeIncident } from "./close-incident.ts";
import { decide } from "./decide.ts";
import { runs } from "./runs.ts";
import { showPlan } from "./plan/show-plan.ts";

const because = "x";

function withoutScopes(ctx: Context): Context {
  return { ...ctx, actor: { name: "nobody", via: "http", scopes: new Set() } };
}

async function approved(t: Scene, part?: "contain" | "notify"): Promise<string> {
  const { digest } = await t.plan(part);
  await t.approve(digest);
  return digest;
}

test("an approval is in the ledger and needs a signature of this very plan", async () => {
  await using t = await incidentScene();
  const { digest } = await t.plan();
  assert.equal((await t.approve(digest)).approvals, 1);
  assert.equal((await kindsIn(t.ctx)).at(-1), "plan.approved");
  const of = { plan: digest, person: "bob" };
  await t.incident({ title: "Changed" });
  const other = await t.plan();
  const signature = await signed(t, other.digest, "bob");
  await assert.rejects(approve(t.ctx, { ...of, signature }), { name: "TocsinError" });
  await assert.rejects(approve(t.ctx, { ...of, signature: "nothing" }), { name: "TocsinError" });
  await assert.rejects(approve(t.ctx, { ...of, plan: "abcdef", signature }), { code: "not_found" });
});

test("neither the planner nor who is named in the incident, nor a stranger, approves", async () => {
  await using t = await incidentScene();
  const { digest } = await t.plan();
  await assert.rejects(t.approve(digest, "test"), { code: "refused" });
  await assert.rejects(t.approve(digest, "mallory"), { code: "refused" });
  await assert.rejects(t.approve(digest, "carol", "alice"), { code: "refused" });
  const nobody = withoutScopes(t.ctx);
  const signature = await signed(t, digest, "alice");
  await assert.rejects(approve(nobody, { plan: digest, person: "alice", signature }), {
    code: "forbidden",
  });
  assert.equal((await showPlan(t.ctx, { plan: digest })).approvals.length, 0);
});

test("one person approves once, and one key approves for one person", async () => {
  await using t = await incidentScene();
  const digest = await approved(t);
  await assert.rejects(t.approve(digest, "alice"), { code: "conflict" });
  await assert.rejects(t.approve(digest, "alias", "alice"), { code: "conflict" });
  assert.equal((await t.approve(digest, "bob")).approvals, 2);
});

test("of two approvals with one key at once one is taken", async () => {
  await using t = await incidentScene();
  const { digest } = await t.plan();
  const both = await Promise.allSettled([
    t.approve(digest, "alice"),
    t.approve(digest, "alias", "alice"),
  ]);
  assert.deepEqual(both.map((one) => one.status).toSorted(), ["fulfilled", "rejected"]);
});

test("a plan without its approvals is not applied", async () => {
  await using t = await incidentScene({
    organisation: { approvals: { over: 1, people: 2, ceiling: { share: 1 } } },
  });
  const { digest } = await t.plan("contain");
  await assert.rejects(apply(t.ctx, { plan: digest }), { code: "refused" });
  await t.approve(digest, "alice");
  await assert.rejects(apply(t.ctx, { plan: digest }), { code: "refused" });
  await t.approve(digest, "bob");
  const applied = await apply(t.ctx, { plan: digest });
  assert.deepEqual([applied.fresh, applied.targets], [true, 2]);
});

const CEILING = {
  approvals: {
    over: 1,
    people: 2,
    ceiling: { share: 0.1, delay: "15m", alarm: ["a@example.org", "b@example.org"] },
  },
};

test("over the ceiling the last approval starts a delay and one alarm", async () => {
  await using t = await incidentScene({ organisation: CEILING });
  const { digest } = await t.plan("contain");
  assert.equal((await t.approve(digest, "alice")).notBefore, undefined);
  await assert.rejects(apply(t.ctx, { plan: digest }), { code: "refused" });
  assert.equal((await t.approve(digest, "bob")).notBefore, "2026-01-05T09:15:00.000Z");
  await assert.rejects(apply(t.ctx, { plan: digest }), {
    code: "refused",
    retryable: true,
    retryAfterMs: 900_000,
  });
  const [alarms] = await t.ctx.db.read<{ runs: number; tasks: number }[]>`
    select count(distinct r.id)::int as runs, count(*)::int as tasks from work_runs r join work_tasks t on t.run = r.id where r.plan = ${digest}`;
  assert.deepEqual({ ...alarms }, { runs: 1, tasks: 2 });
  t.ctx.clock.advance(15 * 60_000);
  assert.equal((await apply(t.ctx, { plan: digest })).fresh, true);
});

test("two last approvals at once start the delay", async () => {
  await using t = await incidentScene({ organisation: CEILING });
  const { digest } = await t.plan("contain");
  await Promise.all([t.approve(digest, "alice"), t.approve(digest, "bob")]);
  assert.equal((await showPlan(t.ctx, { plan: digest })).notBefore, "2026-01-05T09:15:00.000Z");
});

test("a plan over the ceiling is cancelled while it waits", async () => {
  await using t = await incidentScene({ organisation: CEILING });
  const { digest } = await t.plan("contain");
  await t.approve(digest, "alice");
  await t.approve(digest, "bob");
  const nobody = withoutScopes(t.ctx);
  await assert.rejects(cancelPlan(nobody, { plan: digest }), { code: "forbidden" });
  await assert.rejects(cancelPlan(t.ctx, { plan: "abcdef" }), { code: "not_found" });
  await cancelPlan(t.ctx, { plan: digest, because });
  assert.equal((await kindsIn(t.ctx)).at(-1), "plan.cancelled");
  t.ctx.clock.advance(3_600_000);
  await assert.rejects(apply(t.ctx, { plan: digest }), { code: "refused" });
});

test("a plan is applied once, also by two at once", async () => {
  await using t = await incidentScene();
  const digest = await approved(t, "contain");
  const both = await Promise.allSettled([
    apply(t.ctx, { plan: digest }),
    apply(t.ctx, { plan: digest }),
  ]);
  assert.ok(both.some((one) => one.status === "fulfilled" && one.value.fresh));
  const again = await apply(t.ctx, { plan: digest });
  assert.equal(again.fresh, false);
  assert.equal((await runs(t.ctx, { incident: INCIDENT })).length, 1);
  assert.equal((await kindsIn(t.ctx)).filter((kind) => kind === "plan.applied").length, 1);
  const nobody = withoutScopes(t.ctx);
  await assert.rejects(apply(nobody, { plan: digest }), { code: "forbidden" });
  await assert.rejects(apply(t.ctx, { plan: "abcdef" }), { code: "not_found" });
});

/** As if the process died while it reads the targets of a step: it is told of none behind the first. */
function dyingAtStep(ctx: Context, step: number): Context {
  const click = async (): Promise<Click> => {
    const real = await ctx.click();
    return {
      ...real,
      stream: async function* (row, sql, params) {
        yield* real.stream(row, sql, params);
        if (params?.["step"] === step) throw new Error("it dies");
      },
    };
  };
  return { ...ctx, click };
}

async function loading(t: Scene): Promise<{ run: string; steps: number; tasks: number }[]> {
  return await t.ctx.db.read<{ run: string; steps: number; tasks: number }[]>`
    select r.run, (select count(*)::int from work_steps s where s.run = r.id and s.loaded) as steps,
      (select count(*)::int from work_tasks k where k.run = r.id) as tasks
    from work_runs r where r.state = 'loading'`;
}

test("an apply that dies leaves nothing to act on, and applying again goes on with what was loaded", async () => {
  await using t = await incidentScene();
  const digest = await approved(t);
  await assert.rejects(apply(dyingAtStep(t.ctx, 2), { plan: digest }), { message: "it dies" });
  const [left] = await loading(t);
  assert.deepEqual({ steps: left?.steps, tasks: left?.tasks }, { steps: 1, tasks: 2 });
  assert.deepEqual(await runs(t.ctx, { incident: INCIDENT }), []);
  assert.equal((await kindsIn(t.ctx)).includes("plan.applied"), false);
  const applied = await apply(t.ctx, { plan: digest });
  assert.deepEqual([applied.run, applied.fresh, applied.number], [left?.run, true, 1]);
  assert.equal((await loading(t)).length, 0);
  const [made] = await runs(t.ctx, { incident: INCIDENT });
  assert.deepEqual(
    made?.progress.steps.map((step) => step.total),
    [2, 3],
  );
});

test("a request to apply that is repeated behind a crash goes on, also where values were read from evidence", async () => {
  await using t = await incidentScene();
  await t.file("dump.csv", `username,github_token\nann,ghp_${"a".repeat(36)}\n`);
  await t.incident({
    cohorts: { affected: { in: "dump" } },
    actions: [
      { do: "accounts.tell", to: "affected", secret: "token.github" },
      { do: "accounts.lock", to: "affected" },
    ],
  });
  const digest = await approved(t);
  const requested = (ctx: Context): Context => ({
    ...ctx,
    requestKey: openRequest("one-key", "apply", { plan: digest }),
  });
  const dying = requested(dyingAtStep(t.ctx, 2));
  await assert.rejects(apply(dying, { plan: digest }), { message: "it dies" });
  assert.equal((await kindsIn(t.ctx)).at(-1), "evidence.unsealed");
  assert.equal((await apply(requested(t.ctx), { plan: digest })).fresh, true);
});

test("what was loaded before the registry changed is loaded anew", async () => {
  await using t = await incidentScene();
  const digest = await approved(t);
  await assert.rejects(apply(dyingAtStep(t.ctx, 2), { plan: digest }), { message: "it dies" });
  await t.customers(CUSTOMERS.replace(/^2,.*\n/m, ""));
  const { run } = await apply(t.ctx, { plan: digest });
  await workAll(t.ctx, () => ({ state: "done" }));
  assert.equal((await outcomesOf(t.ctx, { run, state: "gone" })).length, 2);
});

test("a plan that is cancelled, and an incident that is closed, drop what was loaded", async () => {
  await using t = await incidentScene();
  for (const end of [
    async (digest: string) => await cancelPlan(t.ctx, { plan: digest, because }),
    async () => await closeIncident(t.ctx, { incident: INCIDENT, because }),
  ]) {
    const digest = await approved(t);
    await assert.rejects(apply(dyingAtStep(t.ctx, 2), { plan: digest }), { message: "it dies" });
    assert.equal((await loading(t)).length, 1);
    await end(digest);
    assert.equal((await loading(t)).length, 0);
  }
});

test("targets are frozen: who left the registry since is gone, and nobody is added", async () => {
  await using t = await incidentScene();
  const digest = await approved(t);
  await t.customers(`${CUSTOMERS.replace(/^2,.*\n/m, "")}7,gus@example.org,gus,Gus,US,,en,\n`);
  const acted: string[] = [];
  const { run } = await apply(t.ctx, { plan: digest });
  await workAll(t.ctx, ({ step, key }) => {
    acted.push(`${step} ${key}`);
    return { state: "done" };
  });
  assert.deepEqual(
    acted.filter((one) => one.startsWith("0")),
    ["0 1"],
  );
  assert.equal(acted.length, 3);
  const gone = await outcomesOf(t.ctx, { run, state: "gone" });
  assert.deepEqual(
    gone.map((one) => one.step),
    [0, 1],
  );
});

test("who only changed the address since the plan is not gone", async () => {
  await using t = await incidentScene();
  const digest = await approved(t, "notify");
  await t.customers(CUSTOMERS.replace("dave@example.org", "david@example.org"));
  const { run } = await apply(t.ctx, { plan: digest });
  await workAll(t.ctx, () => ({ state: "done" }));
  assert.equal((await outcomesOf(t.ctx, { run, state: "gone" })).length, 0);
});

test("targets that were changed in the store are refused", async () => {
  await using t = await incidentScene();
  const digest = await approved(t, "contain");
  const [row] = await t.ctx.db.read<
    { draft: string }[]
  >`select draft from plans where digest = ${digest}`;
  const click = await t.ctx.click();
  await click.command(
    `insert into plan_targets (draft, step, key, subject, registry, account, payload)
     select draft, step, '6', subject, registry, '6', payload from plan_targets where draft = '${row?.draft}' and key = '1'`,
  );
  await assert.rejects(apply(t.ctx, { plan: digest }), { code: "refused" });
  assert.equal((await runs(t.ctx, { incident: INCIDENT })).length, 0);
});

test("a text, a sender or a title that changed after the approval is refused", async () => {
  await using t = await incidentScene();
  const digest = await approved(t, "notify");
  await t.file("notices/affected.en.md", `${NOTICE}More.\n`);
  await assert.rejects(apply(t.ctx, { plan: digest }), { code: "refused" });
  await t.file("notices/affected.en.md", NOTICE);
  await t.incident({ title: "Another" });
  await assert.rejects(apply(t.ctx, { plan: digest }), { code: "refused" });
  await t.incident({});
  const { mail } = t.ctx.organisation;
  const from = { name: "Example Cloud", address: "other@example.cloud" };
  const changed = { ...t.ctx.organisation, mail: mail && { ...mail, from } };
  await assert.rejects(apply({ ...t.ctx, organisation: changed }, { plan: digest }), {
    code: "refused",
  });
  assert.equal((await apply(t.ctx, { plan: digest })).fresh, true);
});

test("settings of an action that changed after the approval are refused", async () => {
  await using t = await incidentScene();
  const digest = await approved(t, "contain");
  const connectors = structuredClone({
    accounts: t.ctx.organisation.connectors["accounts"],
  }) as never as {
    accounts: { actions: { lock: { path: string } } };
  };
  connectors.accounts.actions.lock.path = "/delete/{{ target.key }}";
  const organisation = { ...t.ctx.organisation, connectors } as never;
  await assert.rejects(apply({ ...t.ctx, organisation }, { plan: digest }), { code: "refused" });
});

test("a hold stops notices and never containment", async () => {
  await using t = await incidentScene();
  const notices = await approved(t, "notify");
  const contain = await approved(t, "contain");
  const hold = await decide(t.ctx, { incident: INCIDENT, what: "hold", because: "the police ask" });
  await assert.rejects(apply(t.ctx, { plan: notices }), { code: "refused" });
  assert.equal((await apply(t.ctx, { plan: contain })).fresh, true);
  await decide(t.ctx, { incident: INCIDENT, what: "lift", because, ends: hold.number });
  assert.equal((await apply(t.ctx, { plan: notices })).fresh, true);
});

test("nothing is applied to an incident that is over", async () => {
  await using t = await incidentScene();
  const digest = await approved(t, "contain");
  await closeIncident(t.ctx, { incident: INCIDENT, because });
  await assert.rejects(apply(t.ctx, { plan: digest }), { code: "refused" });
});

test("notices wait for the actions of an earlier run that they name", async () => {
  await using t = await incidentScene();
  await t.incident({ notices: [{ to: "affected", text: "notices/affected", after: ["lock"] }] });
  const contain = await approved(t, "contain");
  const notices = await approved(t, "notify");
  await assert.rejects(apply(t.ctx, { plan: notices }), { code: "refused" });
  await apply(t.ctx, { plan: contain });
  await assert.rejects(apply(t.ctx, { plan: notices }), { code: "refused", retryable: true });
  await workAll(t.ctx, () => ({ state: "done" }));
  assert.equal((await apply(t.ctx, { plan: notices })).fresh, true);
});
