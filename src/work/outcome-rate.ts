import { z } from "zod";
import { parse, rowsOf } from "../core/parse.ts";
import { requireScope } from "../core/scope.ts";
import type { Context } from "../db/context.ts";

const Input = z.strictObject({ run: z.uuid() });

const SLOTS = 60;
const Row = z.object({ at: z.date(), outcomes: z.int() });

export type OutcomeRate = {
  readonly slotMs: number;
  /** Slots with outcomes only, oldest first. */
  readonly slots: readonly { readonly at: string; readonly outcomes: number }[];
};

/** Outcomes over time, in slots of a second or longer: at most 60 of them from the first outcome to the last. */
export async function outcomeRate(
  ctx: Context,
  input: z.input<typeof Input>,
): Promise<OutcomeRate> {
  requireScope(ctx.actor, "incidents:read");
  const { run } = parse(Input, input);
  const [span] = await ctx.db.read<{ seconds: number }[]>`
    select coalesce(extract(epoch from max(b.at) - min(b.at)), 0)::float8 as seconds
    from work_batches b join work_runs r on r.id = b.run where r.run = ${run}`;
  const seconds = Math.max(1, Math.ceil(((span?.seconds ?? 0) + 1) / SLOTS));
  const rows = await ctx.db.read`
    select date_bin(${`${seconds} s`}::interval, b.at, 'epoch'::timestamptz) as at, sum(b.outcomes)::int as outcomes
    from work_batches b join work_runs r on r.id = b.run where r.run = ${run}
    group by 1 order by 1`;
  const slots = rowsOf(Row, rows).map(({ at, outcomes }) => ({ at: at.toISOString(), outcomes }));
  return { slotMs: seconds * 1000, slots };
}
