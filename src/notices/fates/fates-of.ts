import { z } from "zod";
import { rowsOf } from "../../core/parse.ts";
import { requireScope } from "../../core/scope.ts";
import type { Context } from "../../db/context.ts";

const Row = z.object({
  run: z.string(),
  step: z.int(),
  deferred: z.int(),
  delivered: z.int(),
  refused: z.int(),
  unreachable: z.int(),
  complained: z.int(),
  answered: z.int(),
});
/** Of a step's notices, how many were reported as what. A notice that nobody reported is in none of these. */
export type FateCounts = z.output<typeof Row>;

export async function fatesOf(ctx: Context, runs: readonly string[]): Promise<FateCounts[]> {
  requireScope(ctx.actor, "incidents:read");
  const rows = await ctx.db.read`
    select run, step, count(*) filter (where fate = 'deferred')::int as deferred,
      count(*) filter (where fate = 'delivered')::int as delivered, count(*) filter (where fate = 'refused')::int as refused,
      count(*) filter (where fate = 'unreachable')::int as unreachable, count(*) filter (where complained)::int as complained,
      count(*) filter (where answered)::int as answered
    from notice_fates where run = any(${[...runs]}::uuid[]) group by run, step order by run, step`;
  return rowsOf(Row, rows);
}
