import { z } from "zod";
import { rowsOf } from "../../core/parse.ts";
import type { Scope } from "../../core/scope.ts";
import type { Context } from "../../db/context.ts";
import type { Tx } from "../../db/postgres.ts";
import { write, type Entry } from "../../ledger/write.ts";
import type { OpenStep } from "./open-steps.ts";

/** Whether some step of the run, or the run, could end: looked at before a transaction is spent on it. */
export function couldEnd(steps: readonly OpenStep[]): boolean {
  const someStep = steps.some(
    (step) => !step.ended && step.loaded && step.free && step.open_chunks === 0,
  );
  const state = steps[0]?.run_state;
  const over = steps.every((step) => step.ended || (step.watching && state !== "aborting"));
  return someStep || (over && (state !== "watching" || steps.every((step) => step.ended)));
}

/**
 * Ends the steps that have no open chunk, in order, and closes the run with its counts where it is over: *complete*,
 * *watching* where only somebody else's steps are left, or *aborted*. It only looks at what is stored, so it may be done by
 * anybody, at any time, twice; the first one writes the entry.
 */
export async function endSteps(ctx: Context, scope: Scope, id: number): Promise<void> {
  await write(ctx, scope, async (tx) => {
    const runs = await tx`select from work_runs where id = ${id} for update`;
    if (runs.length > 0) while (await endOnce(tx, id)) continue;
    return { result: undefined, entry: await closeRun(tx, id) };
  });
}

async function endOnce(tx: Tx, id: number): Promise<boolean> {
  const ended = await tx`
    update work_steps s set ended_at = clock_timestamp() from work_runs r
    where s.run = ${id} and r.id = s.run and s.ended_at is null and s.loaded
      and not exists (select 1 from work_chunks c where c.run = s.run and c.step = s.step and c.ended_at is null)
      and (r.state = 'aborting' or not exists (
        select 1 from work_steps b where b.run = s.run and b.step = any(s.after) and b.ended_at is null))
    returning 1`;
  return ended.length > 0;
}

const Closed = z.object({
  run: z.string(),
  incident: z.string(),
  plan: z.string(),
  state: z.string(),
});

async function closeRun(tx: Tx, id: number): Promise<Entry | readonly Entry[]> {
  const rows = await tx`
    update work_runs r set ended_at = coalesce(r.ended_at, clock_timestamp()), state = next.state
    from (
      select case when o.state = 'aborting' then 'aborted' when bool_and(s.ended_at is not null) then 'complete' else 'watching' end as state
      from work_runs o join work_steps s on s.run = o.id
      where o.id = ${id} and o.state in ('running', 'aborting', 'watching')
      group by o.state having bool_and(s.ended_at is not null or (s.watching and o.state <> 'aborting'))
    ) next
    where r.id = ${id} and r.state <> next.state
    returning r.run, r.incident, r.plan, r.state`;
  const [closed] = rowsOf(Closed, rows);
  if (!closed) return [];
  await tx`delete from work_sealed where run = ${id}`;
  const { run, incident, plan, state } = closed;
  return {
    kind: "work.run-closed",
    incident,
    body: { run, plan, state, steps: await countsOf(tx, id) },
  };
}

const Counts = z.object({
  step: z.int(),
  name: z.string(),
  tasks: z.int(),
  done: z.int(),
  refused: z.int(),
  unreachable: z.int(),
  gone: z.int(),
  unknown: z.int(),
});

async function countsOf(tx: Tx, id: number): Promise<z.output<typeof Counts>[]> {
  const rows = await tx`
    select s.step, s.name, s.tasks, coalesce(sum(c.done), 0)::int as done, coalesce(sum(c.refused), 0)::int as refused,
      coalesce(sum(c.unreachable), 0)::int as unreachable, coalesce(sum(c.gone), 0)::int as gone,
      coalesce(sum(c.unknown), 0)::int as unknown
    from work_steps s left join work_chunks c on c.run = s.run and c.step = s.step
    where s.run = ${id} group by s.run, s.step order by s.step`;
  return rowsOf(Counts, rows);
}
