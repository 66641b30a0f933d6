import { z } from "zod";
import { rowsOf } from "../core/parse.ts";
import { requireScope } from "../core/scope.ts";
import type { Context } from "../db/context.ts";
import { OUTCOME_STATES, type OutcomeState } from "./handler.ts";

const Row = z.object({
  run: z.string(),
  step: z.int(),
  key: z.string(),
  payload: z.json(),
  state: z.enum(OUTCOME_STATES).nullable(),
  reason: z.string().nullable(),
});
export type TaskWith = z.output<typeof Row>;

export type TasksWithInput = {
  readonly incident: string;
  readonly kind: string;
  /** Tasks that ended so, */
  readonly states?: readonly OutcomeState[];
  /** or tasks of these keys, whatever became of them. */
  readonly keys?: readonly string[];
};

/** Tasks of an incident's steps of one kind, in the order of its runs. Their payloads are personal data. */
export async function tasksWith(ctx: Context, input: TasksWithInput): Promise<TaskWith[]> {
  requireScope(ctx.actor, "people:read");
  const { incident, kind, states = [], keys = [] } = input;
  const rows = await ctx.db.read`
    select r.run, t.step, t.key, t.payload, o.state, o.reason
    from work_runs r join work_steps s on s.run = r.id
    join work_tasks t on t.run = s.run and t.step = s.step
    left join work_outcomes o on o.run = t.run and o.step = t.step and o.n = t.n
    where r.incident = ${incident} and s.kind = ${kind} and r.state <> 'loading'
      and (o.state = any(${[...states]}) or t.key = any(${[...keys]}))
    order by r.id, t.step, t.n`;
  return rowsOf(Row, rows);
}
