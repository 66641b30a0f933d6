import { z } from "zod";
import { Name } from "../../config/words.ts";
import { parse } from "../../core/parse.ts";
import { requireScope } from "../../core/scope.ts";
import type { Context } from "../../db/context.ts";
import { PARTS, PlanForm } from "./plan-form.ts";
import { PLAN_STATES } from "./plan-row.ts";
import { PlanView } from "./plan-view.ts";

export const PlansInput = z.strictObject({ incident: Name });

const Listed = z.object({
  digest: z.string(),
  part: z.enum(PARTS),
  wave: z.number(),
  state: z.enum(PLAN_STATES),
  form: PlanForm,
  view: PlanView,
  planned_by: z.string(),
  planned_at: z.date(),
  run: z.string().nullable(),
  approvals: z.array(z.object({ person: z.string(), key: z.string(), at: z.string() })),
});
export type PlanListed = z.output<typeof Listed>;

/** The plans of an incident with their approvals, oldest first. */
export async function plansOf(
  ctx: Context,
  input: z.input<typeof PlansInput>,
): Promise<PlanListed[]> {
  requireScope(ctx.actor, "plans:read");
  const { incident } = parse(PlansInput, input);
  const rows = await ctx.db.read`
    select p.digest, p.part, p.wave, p.state, p.form, p.view, p.planned_by, p.planned_at, p.run,
      coalesce((select json_agg(json_build_object('person', a.person, 'key', a.key_fingerprint, 'at', a.approved_at)
        order by a.approved_at) from approvals a where a.plan = p.digest), '[]'::json) as approvals
    from plans p where p.incident = ${incident} order by p.planned_at`;
  return rows.map((row) => Listed.parse(row));
}
