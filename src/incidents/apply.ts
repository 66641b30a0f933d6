// Turns an approved plan into durable work, once. From its commit on, `work` does the rest, through any crash.
import { z } from "zod";
import { canonicalJson, plainJson } from "../core/canonical.ts";
import { sha256Hex } from "../core/digest.ts";
import { TocsinError } from "../core/errors.ts";
import { parse } from "../core/parse.ts";
import { requireScope } from "../core/scope.ts";
import type { Context } from "../db/context.ts";
import { withSessionLock } from "../db/session-lock.ts";
import { write } from "../ledger/write.ts";
import { beginRun, type LoadedRun, loadRun } from "../work/load-run.ts";
import { requireApplicable, requireOpen } from "./applicable.ts";
import { applySteps, sealerOf, targetsOf } from "./apply-steps.ts";
import { registryChanges } from "./draft/draft-inputs.ts";
import { type Incident, readIncident } from "./incident.ts";
import { rootOfStep } from "./draft/fill-draft.ts";
import { type PlanRow, planRow } from "./plan/plan-row.ts";

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
 * Checks that the plan is approved and still true, and makes its tasks a run. Applying it again gives the run that is there. A crash
 * before the last commit leaves nothing that anybody acts on; applying again goes on with the tasks that were loaded. After it, the
 * run goes on with any worker.
 * @throws TocsinError `refused` when it is not approved, waits, is on hold, or settings or texts have changed; `conflict` while
 *   somebody else applies it
 */
export async function apply(ctx: Context, input: z.input<typeof ApplyInput>): Promise<Applied> {
  requireScope(ctx.actor, "plans:apply");
  const { plan: prefix } = parse(ApplyInput, input);
  const { digest } = await planRow(ctx, prefix);
  const lock = { name: `apply ${digest}`, busy: "the plan is being applied already" };
  return await withSessionLock(ctx.db, lock, async () => {
    const there = await runOfPlan(ctx, digest);
    if (there) return { ...there, fresh: false };
    const plan = await planRow(ctx, digest);
    const incident = await readIncident(ctx, plan.incident);
    await requireApplicable(ctx, { plan, incident });
    await requireTargets(ctx, plan);
    return await begin(ctx, plan, await load(ctx, incident, plan));
  });
}

async function load(
  { requestKey: _key, ...ctx }: Context, // what it writes depends on what a crash left: it answers nobody's request
  incident: Incident,
  plan: PlanRow,
): Promise<LoadedRun> {
  const steps = await applySteps(ctx, incident, plan);
  const inputs = { steps: steps.map((step) => step.work), registries: await registryChanges(ctx) };
  return await loadRun(ctx, {
    incident: plan.incident,
    plan: plan.digest,
    steps: inputs.steps,
    inputs: sha256Hex(canonicalJson(plainJson(inputs))),
    scope: "plans:apply",
    tasksOf: async (place, after) => {
      const step = steps[place]?.plan;
      if (!step) throw new RangeError(`the plan has no step ${place}`);
      return {
        tasks: targetsOf(ctx, { plan, step, after }),
        ...(await sealerOf(ctx, incident, step)),
      };
    },
  });
}

async function begin(ctx: Context, plan: PlanRow, { run, tasks }: LoadedRun): Promise<Applied> {
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
    await beginRun(tx, run);
    const applied = { plan: plan.digest, run, number: row?.number ?? 1, targets: tasks };
    return {
      result: { ...applied, fresh: true },
      entry: { kind: "plan.applied", incident: plan.incident, body: applied },
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
