// Everything that can forbid a plan to be applied, in the order in which a person would want to hear it.
import { actionOf } from "../contain/action-of.ts";
import { TocsinError } from "../core/errors.ts";
import type { Context } from "../db/context.ts";
import type { Tx } from "../db/postgres.ts";
import { runProgress } from "../work/run-progress.ts";
import { noticeStepOf } from "./apply-steps.ts";
import { holdsOf } from "./decisions.ts";
import { earlierRuns } from "./draft/earlier-outcomes.ts";
import type { Incident } from "./incident.ts";
import { noticeStepSettings } from "./plan/notice-step.ts";
import type { PlanStep } from "./plan/plan-form.ts";
import { approvalsOf, type PlanRow } from "./plan/plan-row.ts";

/** @throws TocsinError `refused`, saying what to do */
export async function requireApplicable(
  ctx: Context,
  of: { plan: PlanRow; incident: Incident },
): Promise<void> {
  const { plan } = of;
  const short = plan.digest.slice(0, 8);
  if (plan.state !== "planned")
    throw new TocsinError("refused", `the plan ${short} is ${plan.state}`);
  const approvals = await approvalsOf(ctx, plan.digest);
  const needed = plan.form.approvals.people;
  if (approvals.length < needed) {
    throw new TocsinError(
      "refused",
      `the plan ${short} has ${approvals.length} of ${needed} approvals: tocsin approve ${short}`,
    );
  }
  if (plan.form.approvals.over_ceiling && !plan.not_before)
    throw new TocsinError(
      "refused",
      `the plan ${short} is over the ceiling and no delay has begun`,
    );
  if (plan.not_before && ctx.clock.now() < plan.not_before) {
    const until = plan.not_before.toISOString();
    throw new TocsinError(
      "refused",
      `the plan ${short} is over the ceiling and waits until ${until}`,
      {
        retryable: true,
        retryAfterMs: plan.not_before.getTime() - ctx.clock.now().getTime(),
      },
    );
  }
  await requireUnchanged(ctx, of);
  await requireEarlier(ctx, plan);
}

/**
 * Inside the transaction that makes the run: the incident's row is held, so that a hold or a close comes before or after.
 * @throws TocsinError `refused` for an incident that is over, and for notices on hold
 */
export async function requireOpen(tx: Tx, ctx: Context, plan: PlanRow): Promise<void> {
  const [row] = await tx<
    { state: string }[]
  >`select state from incidents where name = ${plan.incident} for share`;
  if (!row || row.state === "closed" || row.state === "refuted")
    throw new TocsinError("refused", `${plan.incident} is ${row?.state ?? "not there"}`);
  await requireNoHold(ctx, plan);
}

// A hold stops publication and expiry, never containment.
async function requireNoHold(ctx: Context, plan: PlanRow): Promise<void> {
  if (plan.part === "contain") return;
  const [hold] = await holdsOf(ctx, plan.incident);
  if (hold && plan.form.steps.some((step) => step.kind !== "contain")) {
    throw new TocsinError(
      "refused",
      `notices are on hold by decision ${hold.number}: ${hold.because}`,
    );
  }
}

async function requireUnchanged(
  ctx: Context,
  { plan, incident }: { plan: PlanRow; incident: Incident },
): Promise<void> {
  for (const step of plan.form.steps) {
    if ((await settingsNow(ctx, incident, { plan, step })) === step.settings) continue;
    const what = step.kind === "contain" ? "the settings" : "the texts or the sender";
    throw new TocsinError(
      "refused",
      `${what} of ${step.name} changed after the plan was made: plan again`,
    );
  }
}

async function settingsNow(
  ctx: Context,
  incident: Incident,
  { plan, step }: { plan: PlanRow; step: PlanStep },
): Promise<string> {
  if (step.kind === "contain") return actionOf(ctx.organisation, step.name).settingsDigest;
  const { digest } = await noticeStepSettings(ctx, incident, noticeStepOf(plan, step));
  return digest;
}

async function requireEarlier(ctx: Context, plan: PlanRow): Promise<void> {
  const wanted = new Set(plan.form.steps.flatMap((step) => step.waits_for));
  if (wanted.size === 0) return;
  const found = new Set<string>();
  for (const run of await earlierRuns(ctx, plan.incident)) {
    const progress = await runProgress(ctx, { run: run.run });
    for (const step of run.form.steps) {
      const name = [step.name, step.name.split(".")[1] ?? ""].find((one) => wanted.has(one));
      if (name === undefined) continue;
      const ended = progress.steps.find((one) => one.step === step.number - 1)?.state === "ended";
      if (!ended)
        throw new TocsinError(
          "refused",
          `notices wait for ${name}, which run ${run.number} has not ended`,
          { retryable: true },
        );
      found.add(name);
    }
  }
  const missing = [...wanted].find((name) => !found.has(name));
  if (missing !== undefined)
    throw new TocsinError(
      "refused",
      `notices wait for ${missing}, which no run has done: apply it first`,
    );
}
