import { z } from "zod";
import { rowsOf } from "../../core/parse.ts";
import type { Context } from "../../db/context.ts";

const Row = z.object({
  id: z.int(),
  run: z.string(),
  incident: z.string(),
  run_state: z.enum(["running", "aborting", "watching"]),
  step: z.int(),
  kind: z.string(),
  settings: z.json(),
  after: z.array(z.int()),
  watching: z.boolean(),
  chunk_size: z.int(),
  paused: z.boolean(),
  loaded: z.boolean(),
  ended: z.boolean(),
  open_chunks: z.int(),
  next_ms: z.number().nullable(),
});

/** One step of a run that is open, and what is to be done about it. */
export type OpenStep = z.output<typeof Row> & {
  /** It waits for no other step. */
  readonly free: boolean;
  /** It needs no more than time and workers to end. */
  readonly hopeful: boolean;
};

/** All steps, ended ones too, of runs that are running, aborting or watching, in the order of the runs. */
export async function openSteps(
  ctx: Context,
  { run, kinds }: { run?: string | undefined; kinds: ReadonlySet<string> },
): Promise<OpenStep[]> {
  const rows = await ctx.db.read`
    select r.id, r.run, r.incident, r.state as run_state, s.step, s.kind, s.settings, s.after, s.watching, s.chunk_size,
      s.paused_because is not null as paused, s.loaded, s.ended_at is not null as ended,
      coalesce(c.open, 0)::int as open_chunks, (extract(epoch from c.next_at - clock_timestamp()) * 1000)::float8 as next_ms
    from work_runs r join work_steps s on s.run = r.id
    left join lateral (
      select count(*) as open, min(greatest(due_at, leased_until, clock_timestamp())) as next_at
      from work_chunks where run = s.run and step = s.step and ended_at is null and s.ended_at is null
    ) c on true
    where r.state in ('running', 'aborting', 'watching') and (${run ?? null}::uuid is null or r.run = ${run ?? null}::uuid)
    order by r.id, s.step`;
  return judged(rowsOf(Row, rows), kinds);
}

// Steps wait for earlier ones only, so one pass in order knows of each whatever it needs.
function judged(rows: readonly z.output<typeof Row>[], kinds: ReadonlySet<string>): OpenStep[] {
  const known = new Map<string, OpenStep>();
  return rows.map((row) => {
    const aborting = row.run_state === "aborting";
    const before = row.after.map((other) => known.get(`${row.id}/${other}`));
    const able =
      (kinds.has(row.kind) && !row.paused && row.loaded) || aborting || row.open_chunks === 0;
    const step = {
      ...row,
      free: aborting || before.every((other) => other?.ended),
      hopeful:
        row.ended ||
        (able && !row.watching && (aborting || before.every((other) => other?.hopeful))),
    };
    known.set(`${row.id}/${row.step}`, step);
    return step;
  });
}
