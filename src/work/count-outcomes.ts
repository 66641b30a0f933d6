import { z } from "zod";
import { rowsOf } from "../core/parse.ts";
import { requireScope } from "../core/scope.ts";
import type { Context } from "../db/context.ts";

const Row = z.object({ run: z.string(), step: z.int(), outcomes: z.int() });
export type OutcomeCount = z.output<typeof Row>;

/** How many outcomes each step of these runs has so far. */
export async function countOutcomes(
  ctx: Context,
  runs: readonly string[],
): Promise<OutcomeCount[]> {
  requireScope(ctx.actor, "incidents:read");
  const rows = await ctx.db.read`
    select r.run, o.step, count(*)::int as outcomes
    from work_runs r join work_outcomes o on o.run = r.id
    where r.run = any(${runs}::uuid[])
    group by r.run, o.step order by r.run, o.step`;
  return rowsOf(Row, rows);
}
