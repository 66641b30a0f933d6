import { z } from "zod";
import { parse, rowsOf } from "../core/parse.ts";
import { requireScope } from "../core/scope.ts";
import type { Context } from "../db/context.ts";
import { RUN_STATES } from "./run-progress.ts";

const Input = z.strictObject({ incident: z.string().optional(), open: z.boolean().default(false) });

const Row = z.object({
  run: z.string(),
  incident: z.string(),
  plan: z.string(),
  state: z.enum(RUN_STATES),
  startedAt: z.date(),
  endedAt: z.date().nullable(),
  tasks: z.int(),
});
export type RunLine = z.output<typeof Row>;

/** All runs, or those of an incident, the newest first. `open` leaves out those that are over. */
export async function listRuns(
  ctx: Context,
  input: z.input<typeof Input> = {},
): Promise<RunLine[]> {
  requireScope(ctx.actor, "incidents:read");
  const { incident, open } = parse(Input, input);
  return rowsOf(
    Row,
    await ctx.db.read`
      select r.run, r.incident, r.plan, r.state, r.started_at as "startedAt", r.ended_at as "endedAt", coalesce(sum(s.tasks), 0)::int as tasks
      from work_runs r left join work_steps s on s.run = r.id
      where r.state != 'loading' and (${incident ?? null}::text is null or r.incident = ${incident ?? null})
        and (not ${open}::boolean or r.state not in ('complete', 'aborted'))
      group by r.id order by r.id desc`,
  );
}
