import { z } from "zod";
import { TocsinError } from "../core/errors.ts";
import { parse } from "../core/parse.ts";
import type { Context } from "../db/context.ts";
import { write } from "../ledger/write.ts";
import { wakeWaiting } from "../work/wake-waiting.ts";
import { actionOf } from "./action-of.ts";

export const TickStepInput = z.strictObject({
  incident: z.string().min(1),
  run: z.uuid(),
  /** `ops.rotate-root` */
  action: z.string().min(1),
  /** From 1, in the order of tocsin.yaml; `all` of them. */
  step: z.union([z.int().min(1), z.literal("all")]),
  /** By default all targets of the run. */
  targets: z.array(z.string().min(1)).min(1).max(10_000).optional(),
  note: z.string().max(4_000).optional(),
});
export type TickStepInput = z.input<typeof TickStepInput>;

/**
 * A person says that a step of the checklist is done. Who and when are in the ledger; a tick stays, whoever repeats it.
 * @throws TocsinError `invalid` where the action is no checklist or has fewer steps
 */
export async function tickStep(ctx: Context, input: TickStepInput): Promise<{ ticked: number }> {
  return await write(ctx, "incidents:write", async (tx) => {
    const tick = parse(TickStepInput, input);
    const steps = stepsTicked(ctx, tick.action, tick.step);
    const targets = tick.targets ?? [""];
    const rows = await tx`
      insert into manual_ticks (run, action, key, step, incident, note, ticked_by, ticked_at)
      select ${tick.run}, ${tick.action}, key, step, ${tick.incident}, ${tick.note ?? null}, ${ctx.actor.name}, ${ctx.clock.now()}
      from unnest(${targets}::text[]) key cross join unnest(${steps}::int[]) step
      on conflict do nothing
      returning step`;
    const { incident, run, action, note = null } = tick;
    await wakeWaiting(tx, { run, step: action });
    const body = { run, action, steps, targets: tick.targets ?? "all", note, ticked: rows.length };
    const entry = rows.length === 0 ? [] : { kind: "step.ticked", incident, body };
    return { result: { ticked: rows.length }, entry };
  });
}

function stepsTicked(ctx: Context, name: string, step: number | "all"): number[] {
  const action = actionOf(ctx.organisation, name);
  const connector = ctx.organisation.connectors[action.connector];
  if (!connector || !("manual" in connector))
    throw new TocsinError("invalid", `${name} is no checklist`);
  const count = connector.actions[action.key]?.steps.length ?? 0;
  if (step === "all") return Array.from({ length: count }, (_, index) => index + 1);
  if (step > count) throw new TocsinError("invalid", `${name} has ${count} steps`);
  return [step];
}
