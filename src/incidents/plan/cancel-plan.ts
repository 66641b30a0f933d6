import { z } from "zod";
import { TocsinError } from "../../core/errors.ts";
import { parse } from "../../core/parse.ts";
import { requireScope } from "../../core/scope.ts";
import type { Context } from "../../db/context.ts";
import { write } from "../../ledger/write.ts";
import { dropLoading } from "../../work/load-run.ts";
import { planRow } from "./plan-row.ts";

export const CancelPlanInput = z.strictObject({
  plan: z.string(),
  because: z.string().min(1).default("no reason was given"),
});

export type CancelledPlan = { plan: string; state: "cancelled" };

/** Ends a plan that was not applied, its delay over the ceiling included. Anybody on the alarm's list may. */
export async function cancelPlan(
  ctx: Context,
  input: z.input<typeof CancelPlanInput>,
): Promise<CancelledPlan> {
  requireScope(ctx.actor, "plans:write");
  const { plan: prefix, because } = parse(CancelPlanInput, input);
  const { digest, incident } = await planRow(ctx, prefix);
  return await write(ctx, "plans:write", async (tx) => {
    const [row] = await tx`
      update plans set state = 'cancelled', cancelled_by = ${ctx.actor.name}
      where digest = ${digest} and state = 'planned' returning digest`;
    if (!row)
      throw new TocsinError(
        "conflict",
        `the plan ${digest.slice(0, 8)} is applied or cancelled already`,
      );
    await dropLoading(tx, { plan: digest });
    return {
      result: { plan: digest, state: "cancelled" as const },
      entry: { kind: "plan.cancelled", incident, body: { plan: digest, because } },
    };
  });
}
