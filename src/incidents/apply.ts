// Turns an approved plan into durable work, once. From its commit on, `work` does the rest, through any crash.
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { TocsinError } from "../core/errors.ts";
import { parse } from "../core/parse.ts";
import { requireScope } from "../core/scope.ts";
import type { Context } from "../db/context.ts";
import { write } from "../ledger/write.ts";
import { createRun } from "../work/create-run.ts";
import { loadTasks } from "../work/load-tasks.ts";
import { requireApplicable, requireOpen } from "./applicable.ts";
import { applySteps, sealerOf, targetsOf } from "./apply-steps.ts";
import { readIncident } from "./incident.ts";
import { rootOfStep } from "./plan-draft.ts";
import { type PlanRow, planRow } from "./plan-row.ts";

export const ApplyInput = z.strictObject({
  plan: z.string().describe("the digest, or enough of its start"),
});

export type Applied = {
  plan: string;
  run: string;
  number: number;
  targets: number;
  fresh: boolean;
};

/**
 * Checks that the plan is approved and still true, then materialises its tasks in one transaction. Applying it again gives
 * the run that is there. A crash before the commit leaves nothing; after it, the run goes on with any worker.
 * @throws TocsinError `refused` when it is not approved, waits, is on hold, or settings or texts have changed
 */
export async function apply(ctx: Context, input: z.input<typeof ApplyInput>): Promise<Applied> {
  requireScope(ctx.actor, "plans:apply");
  const { plan: prefix } = parse(ApplyInput, input);
  const plan = await planRow(ctx, prefix);
  const there = await runOfPlan(ctx, plan.digest);
  if (there) return { ...there, fresh: false };
  const incident = await readIncident(ctx, plan.incident);
  await requireApplicable(ctx, { plan, incident });
  const steps = await applySteps(ctx, incident, plan);
  await requireTargets(ctx, plan);
  const run = randomUUID();
  return await write(ctx, "plans:apply", async (tx) => {
    await requireOpen(tx, ctx, plan);
    const [claimed] = await tx`
      update plans set state = 'applied', run = ${run} where digest = ${plan.digest} and state = 'planned' returning digest`;
    if (!claimed)
      throw new TocsinError(
        "conflict",
        `the plan ${plan.digest} was applied or cancelled meanwhile`,
      );
    const [row] = await tx<{ number: number }[]>`
      insert into plan_runs (run, incident, number, plan, applied_by, applied_at)
      select ${run}, ${plan.incident}, coalesce(max(number), 0) + 1, ${plan.digest}, ${ctx.actor.name}, ${ctx.clock.now()}
      from plan_runs where incident = ${plan.incident}
      returning number`;
    await createRun(tx, {
      run,
      incident: plan.incident,
      plan: plan.digest,
      steps: steps.map((step) => step.work),
    });
    let targets = 0;
    for (const step of steps) {
      const tasks = targetsOf(ctx, { plan, step: step.plan });
      targets += await loadTasks(tx, {
        run,
        step: step.plan.number - 1,
        tasks,
        ...(await sealerOf(ctx, incident, step.plan)),
      });
      ctx.progress({
        what: "write down the work",
        done: step.plan.number,
        of: steps.length,
        unit: "steps",
      });
    }
    const body = { plan: plan.digest, run, number: row?.number ?? 1, targets };
    return {
      result: { plan: plan.digest, run, number: row?.number ?? 1, targets, fresh: true },
      entry: { kind: "plan.applied", incident: plan.incident, body },
    };
  });
}

async function runOfPlan(ctx: Context, plan: string): Promise<Omit<Applied, "fresh"> | undefined> {
  const [row] = await ctx.db.read<{ run: string; number: number; targets: number }[]>`
    select r.run, r.number, (select sum((s ->> 'targets')::int)::int from jsonb_array_elements(p.form -> 'steps') s) as targets
    from plan_runs r join plans p on p.digest = r.plan where r.plan = ${plan}`;
  return row ? { plan, run: row.run, number: row.number, targets: row.targets ?? 0 } : undefined;
}

async function requireTargets(ctx: Context, plan: PlanRow): Promise<void> {
  for (const step of plan.form.steps) {
    const root = await rootOfStep(ctx, plan.draft, step.number);
    if (root.toString("hex") !== step.root) {
      throw new TocsinError(
        "refused",
        `the targets of step ${step.number} are not those that were approved: plan again`,
      );
    }
  }
}
