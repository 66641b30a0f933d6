import { z } from "zod";
import { parse } from "../../core/parse.ts";
import { requireScope } from "../../core/scope.ts";
import type { Context } from "../../db/context.ts";
import { type Clock, clocksOf } from "../clocks.ts";
import { awareOf } from "../decisions.ts";
import { incidentRow } from "../incident.ts";
import { approvalMessage, type PlanForm } from "./plan-form.ts";
import { approvalsOf, planRow } from "./plan-row.ts";
import type { PlanView } from "./plan-view.ts";

export const ShowPlanInput = z.strictObject({
  plan: z.string().describe("a digest, its start, or an incident for its newest"),
});

export type PlanShown = {
  digest: string;
  form: PlanForm;
  view: PlanView;
  state: string;
  plannedBy: string;
  plannedAt: string;
  notBefore: string | null;
  run: string | null;
  incident: { state: string; lead: string; aware: { at: string; decision: number } | null };
  deadlines: Clock[];
  approvals: { person: string; at: string; key: string }[];
  /** What an approver signs, byte for byte. */
  message: string;
};

/** The plan as it was made, with what stands around it now: approvals, deadlines, state. */
export async function showPlan(
  ctx: Context,
  input: z.input<typeof ShowPlanInput>,
): Promise<PlanShown> {
  requireScope(ctx.actor, "plans:read");
  const plan = await planRow(ctx, parse(ShowPlanInput, input).plan);
  const incident = await incidentRow(ctx, plan.incident);
  const aware = await awareOf(ctx, plan.incident);
  const approvals = await approvalsOf(ctx, plan.digest);
  return {
    digest: plan.digest,
    form: plan.form,
    view: plan.view,
    state: plan.state,
    plannedBy: plan.planned_by,
    plannedAt: plan.planned_at.toISOString(),
    notBefore: plan.not_before?.toISOString() ?? null,
    run: plan.run,
    incident: {
      state: incident.state,
      lead: incident.lead,
      aware: aware ? { at: aware.effective_at.toISOString(), decision: aware.number } : null,
    },
    deadlines: await clocksOf(ctx, plan.incident),
    approvals: approvals.map((one) => ({
      person: one.person,
      at: one.approved_at.toISOString(),
      key: one.key_fingerprint,
    })),
    message: approvalMessage(plan),
  };
}
