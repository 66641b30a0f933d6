import { z } from "zod";
import { rowsOf } from "../core/parse.ts";
import { requireScope } from "../core/scope.ts";
import type { Context } from "../db/context.ts";
import { OUTCOME_STATES } from "./handler.ts";

const BATCH = 10_000;

const Row = z.object({
  step: z.int(),
  key: z.string(),
  state: z.enum(OUTCOME_STATES),
  reason: z.string().nullable(),
});
export type StreamedOutcome = z.output<typeof Row>;

/** Every outcome of a run, or of one of its steps, in batches of 10,000 through one cursor: memory stays bounded. */
export async function* streamOutcomes(
  ctx: Context,
  of: { run: string; step?: number },
): AsyncGenerator<StreamedOutcome[]> {
  requireScope(ctx.actor, "incidents:read");
  const sql = ctx.db.read;
  const cursor = sql`
    select o.step, t.key, o.state, o.reason
    from work_runs r join work_outcomes o on o.run = r.id
    join work_tasks t on t.run = o.run and t.step = o.step and t.n = o.n
    where r.run = ${of.run} ${of.step === undefined ? sql`` : sql`and o.step = ${of.step}`}`.cursor(
    BATCH,
  );
  for await (const rows of cursor) yield rowsOf(Row, rows);
}
