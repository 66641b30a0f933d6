import { test } from "node:test";
import assert from "node:assert/strict";
import {
  CUSTOMERS,
  INCIDENT,
  incidentScene,
  kindsIn,
  type Scene,
} from "../../../test/support/incident.ts";
import type { Click } from "../../db/click.ts";
import type { Context } from "../../db/context.ts";
import { plan } from "./plan.ts";
import { showPlan } from "./show-plan.ts";

/** The registry becomes one after the other of these, each while a plan's first step is filled. */
function refreshing(t: Scene, registries: readonly string[]): Context {
  const left = [...registries];
  const click = async (): Promise<Click> => {
    const real = await t.ctx.click();
    return {
      ...real,
      command: async (sql, params) => {
        await real.command(sql, params);
        const isFirst = sql.includes("insert into plan_targets") && params?.["step"] === 1;
        const next = isFirst ? left.shift() : undefined;
        if (next !== undefined) await t.customers(next);
      },
    };
  };
  return { ...t.ctx, click };
}

test("a registry that shrinks while a plan is made is one registry to all of the plan", async () => {
  await using t = await incidentScene();
  const shrunk = CUSTOMERS.replace(/^2,.*\n/m, "");
  const { digest } = await plan(refreshing(t, [shrunk]), { incident: INCIDENT });
  const { form } = await showPlan(t.ctx, { plan: digest });
  assert.deepEqual(
    form.steps.map((step) => step.targets),
    [1, 2],
  );
  assert.deepEqual(await plan(t.ctx, { incident: INCIDENT }), { digest, fresh: false });
});

test("a registry that never stands still is said to be in the way", async () => {
  await using t = await incidentScene();
  const shrunk = CUSTOMERS.replace(/^2,.*\n/m, "");
  const restless = refreshing(t, [shrunk, CUSTOMERS, shrunk]);
  await assert.rejects(plan(restless, { incident: INCIDENT }), {
    code: "conflict",
    retryable: true,
  });
  assert.equal((await kindsIn(t.ctx)).includes("plan.made"), false);
});
