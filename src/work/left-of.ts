import { z } from "zod";
import { parse, rowsOf } from "../core/parse.ts";
import { requireScope } from "../core/scope.ts";
import type { Context } from "../db/context.ts";

export const LeftInput = z.strictObject({
  run: z.uuid(),
  step: z.int().min(0).optional(),
  after: z.strictObject({ step: z.int(), n: z.int() }).optional(),
  limit: z.int().min(1).max(10_000).default(100),
});

const Row = z.object({
  step: z.int(),
  n: z.int(),
  key: z.string(),
  /** `begun`: handed over, or about to be, and not answered for. `retry`: tried, and to be tried or asked about again. */
  why: z.enum(["queued", "in hand", "begun", "retry"]),
  attempts: z.int(),
  reason: z.string().nullable(),
  due_at: z.date().nullable(),
});
export type Left = z.output<typeof Row>;

/** Tasks without an outcome, and why each has none, ordered by step and place. The next page is `after` the last one. */
export async function leftOf(ctx: Context, input: z.input<typeof LeftInput>): Promise<Left[]> {
  requireScope(ctx.actor, "incidents:read");
  const asked = parse(LeftInput, input);
  const sql = ctx.db.read;
  return rowsOf(
    Row,
    await sql`
      select t.step, t.n, t.key, coalesce(y.attempts, 0) as attempts, y.reason, y.due_at,
        case when y.n is not null then 'retry'
          when exists (select 1 from work_begun b where b.run = t.run and b.step = t.step and b.chunk = c.chunk and t.n = any(b.tasks)) then 'begun'
          when c.leased_until > clock_timestamp() then 'in hand' else 'queued' end as why
      from work_runs r join work_chunks c on c.run = r.id and c.ended_at is null
      join work_tasks t on t.run = c.run and t.step = c.step and t.n between c.first and c.last
      left join work_retries y on y.run = t.run and y.step = t.step and y.n = t.n
      where r.run = ${asked.run}
        and not exists (select 1 from work_outcomes o where o.run = t.run and o.step = t.step and o.n = t.n)
        ${asked.step === undefined ? sql`` : sql`and t.step = ${asked.step}`}
        ${asked.after === undefined ? sql`` : sql`and (t.step, t.n) > (${asked.after.step}, ${asked.after.n})`}
      order by t.step, t.n limit ${asked.limit}`,
  );
}
