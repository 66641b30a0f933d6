import { z } from "zod";
import { parse, rowsOf } from "../core/parse.ts";
import { requireScope } from "../core/scope.ts";
import type { Context } from "../db/context.ts";
import { OUTCOME_STATES } from "./handler.ts";

const Place = z.strictObject({ step: z.int(), n: z.int() });

export const OutcomesInput = z.strictObject({
  run: z.uuid(),
  step: z.int().min(0).optional(),
  state: z.enum(OUTCOME_STATES).optional(),
  reason: z.string().optional(),
  key: z.string().optional(),
  after: Place.optional(),
  limit: z.int().min(1).max(10_000).default(100),
});

const Row = z.object({
  step: z.int(),
  n: z.int(),
  key: z.string(),
  state: z.enum(OUTCOME_STATES),
  reason: z.string().nullable(),
  detail: z.json().nullable(),
  at: z.date(),
  /** The ledger batch that holds it; its member there is `run/step/key`. */
  entry: z.string(),
});
export type Outcome = z.output<typeof Row>;

/** Outcomes of a run, ordered by step and place. The next page is `after` the last one's `{ step, n }`. */
export async function outcomesOf(
  ctx: Context,
  input: z.input<typeof OutcomesInput>,
): Promise<Outcome[]> {
  requireScope(ctx.actor, "incidents:read");
  const asked = parse(OutcomesInput, input);
  const sql = ctx.db.read;
  return rowsOf(
    Row,
    await sql`
      select o.step, o.n, t.key, o.state, o.reason, o.detail, o.at, o.entry
      from work_runs r join work_outcomes o on o.run = r.id
      join work_tasks t on t.run = o.run and t.step = o.step and t.n = o.n
      where r.run = ${asked.run}
        ${asked.step === undefined ? sql`` : sql`and o.step = ${asked.step}`}
        ${asked.state === undefined ? sql`` : sql`and o.state = ${asked.state}`}
        ${asked.reason === undefined ? sql`` : sql`and o.reason = ${asked.reason}`}
        ${asked.key === undefined ? sql`` : sql`and t.key = ${asked.key}`}
        ${asked.after === undefined ? sql`` : sql`and (o.step, o.n) > (${asked.after.step}, ${asked.after.n})`}
      order by o.step, o.n limit ${asked.limit}`,
  );
}
