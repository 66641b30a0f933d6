// The `manual` connector: a person's checklist. Nothing is done here; a target is done when every step is ticked.
import { z } from "zod";
import type { ManualConnector } from "../../config/connectors-schema.ts";
import type { Context } from "../../db/context.ts";
import type { Batch, Prepared, TaskOutcome, Traits } from "../../work/handler.ts";
import type { Action } from "../action.ts";

export type ManualStep = {
  readonly connector: ManualConnector;
  readonly action: Action;
  readonly traits: Traits;
};

export function prepareManual(ctx: Context, { connector, action, traits }: ManualStep): Prepared {
  const steps = connector.actions[action.key]?.steps ?? [];
  return {
    traits,
    act: async (batch) => {
      const ticks = await ticksOf(ctx, action.name, batch);
      return batch.tasks.map(({ key }) =>
        outcomeOf(steps.length, [...(ticks.get("") ?? []), ...(ticks.get(key) ?? [])]),
      );
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

const Tick = z.object({ key: z.string(), step: z.int(), by: z.string(), at: z.date() });
type Tick = z.output<typeof Tick>;

const ASK_AGAIN_MS = 10_000;

function outcomeOf(steps: number, ticks: readonly Tick[]): TaskOutcome {
  const ticked = new Map(ticks.map((tick) => [tick.step, tick]));
  if (ticked.size < steps)
    return { waiting: true, reason: "waits-for-person", afterMs: ASK_AGAIN_MS };
  const detail = [...ticked.values()].map(({ step, by, at }) => ({
    step,
    by,
    at: at.toISOString(),
  }));
  return { state: "done", reason: "ticked", detail: { ticked: detail } };
}

async function ticksOf(ctx: Context, action: string, batch: Batch): Promise<Map<string, Tick[]>> {
  const keys = ["", ...batch.tasks.map((task) => task.key)];
  const rows = await ctx.db.read`
    select key, step, ticked_by as by, ticked_at as at from manual_ticks
    where run = ${batch.run} and action = ${action} and key = any(${keys}) order by step`;
  return Map.groupBy(
    rows.map((row) => Tick.parse(row)),
    (tick) => tick.key,
  );
}
