import { z } from "zod";
import { TocsinError } from "../core/errors.ts";
import { parse, rowsOf } from "../core/parse.ts";
import { requireScope } from "../core/scope.ts";
import type { Context } from "../db/context.ts";
import { OUTCOME_STATES } from "./handler.ts";

const Input = z.strictObject({ run: z.uuid(), kind: z.string(), key: z.string() });

const Row = z.object({
  incident: z.string(),
  step: z.int(),
  settings: z.json(),
  payload: z.json(),
  state: z.enum(OUTCOME_STATES).nullable(),
  detail: z.json().nullable(),
  at: z.date().nullable(),
});
export type TaskRecord = z.output<typeof Row>;

/**
 * One task as it was planned, with its step's settings and its outcome so far, by its key and its handler's kind.
 * @throws TocsinError `not_found` where the run has no such task
 */
export async function taskOf(ctx: Context, input: z.input<typeof Input>): Promise<TaskRecord> {
  requireScope(ctx.actor, "people:read");
  const { run, kind, key } = parse(Input, input);
  const rows = await ctx.db.read`
    select r.incident, t.step, s.settings, t.payload, o.state, o.detail, o.at
    from work_runs r join work_steps s on s.run = r.id
    join work_tasks t on t.run = s.run and t.step = s.step
    left join work_outcomes o on o.run = t.run and o.step = t.step and o.n = t.n
    where r.run = ${run} and s.kind = ${kind} and t.key = ${key}
    order by t.step limit 1`;
  const [found] = rowsOf(Row, rows);
  if (!found) throw new TocsinError("not_found", `run ${run} has no ${kind} task ${key}`);
  return found;
}
