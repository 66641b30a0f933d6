import { z } from "zod";
import { TocsinError } from "../../core/errors.ts";
import type { Context } from "../../db/context.ts";
import { PARTS, PlanForm } from "./plan-form.ts";
import { PlanView } from "./plan-view.ts";

export const PLAN_STATES = ["planned", "applied", "cancelled"] as const;

const PlanRow = z.object({
  digest: z.string(),
  incident: z.string(),
  part: z.enum(PARTS),
  wave: z.number(),
  form: PlanForm,
  view: PlanView,
  draft: z.string(),
  planned_by: z.string(),
  planned_at: z.date(),
  state: z.enum(PLAN_STATES),
  cancelled_by: z.string().nullable(),
  not_before: z.date().nullable(),
  run: z.string().nullable(),
});
export type PlanRow = z.output<typeof PlanRow>;

/** By digest, by the start of one (at least 6 digits), or the newest plan of the incident with that name. */
export async function planRow(ctx: Context, which: string): Promise<PlanRow> {
  const start = /^[0-9a-f]{6,64}$/.test(which) ? `${which}%` : null;
  const rows = await ctx.db.read`
    select digest, incident, part, wave, form, view, draft, planned_by, planned_at, state, cancelled_by, not_before, run
    from plans where digest like ${start} or incident = ${which}
    order by planned_at desc limit 2`;
  const parsed = rows.map((row) => PlanRow.parse(row));
  const [first, second] = parsed;
  if (!first) throw new TocsinError("not_found", `there is no plan ${which}: tocsin plan INCIDENT`);
  if (second && first.incident !== which)
    throw new TocsinError("invalid", `${which} is the start of several plans: write more of it`);
  return first;
}

const ApprovalRow = z.object({
  person: z.string(),
  key_fingerprint: z.string(),
  approved_at: z.date(),
});
export type ApprovalRow = z.output<typeof ApprovalRow>;

export async function approvalsOf(ctx: Context, digest: string): Promise<ApprovalRow[]> {
  const rows = await ctx.db.read`
    select person, key_fingerprint, approved_at from approvals where plan = ${digest} order by approved_at, person`;
  return rows.map((row) => ApprovalRow.parse(row));
}

/** What the newest plan of the incident shows, whatever its part. */
export async function planViewOf(ctx: Context, incident: string): Promise<PlanView | undefined> {
  const [row] = await ctx.db.read`
    select view from plans where incident = ${incident} order by planned_at desc limit 1`;
  return row ? PlanView.parse(row["view"]) : undefined;
}
