import { z } from "zod";
import { rowsOf } from "../../core/parse.ts";
import type { Scope } from "../../core/scope.ts";
import type { Context } from "../../db/context.ts";
import { write } from "../../ledger/write.ts";

const Row = z.object({
  chunk: z.int(),
  lease: z.string(),
  first: z.int(),
  last: z.int(),
  remaining: z.int(),
  waits: z.int(),
  aborting: z.boolean(),
  /** Nobody held it before: there is nothing of it but its tasks. */
  fresh: z.boolean(),
  sealed: z.boolean(),
});

/** Tasks first … last of a step, leased. The lease's number fences every record. */
export type Chunk = z.output<typeof Row> & {
  readonly id: number;
  readonly run: string;
  readonly incident: string;
  readonly step: number;
};

export type ClaimInput = {
  readonly step: {
    readonly id: number;
    readonly run: string;
    readonly incident: string;
    readonly step: number;
  };
  readonly holder: string;
  readonly leaseMs: number;
  readonly scope: Scope;
  /** For an abort: also what is not due, and nothing that has marks, for those need the handler. */
  readonly sweep?: boolean;
};

/** Leases the first chunk of the step that is due and free, if there is one and neither run nor step is paused. */
export async function claimChunk(ctx: Context, input: ClaimInput): Promise<Chunk | undefined> {
  const { id, run, incident, step } = input.step;
  const rows = await write<z.output<typeof Row>[]>(ctx, input.scope, async (tx) => {
    const found = await tx`
      with free as (
        select c.chunk, c.lease = 0 as fresh from work_chunks c
        where c.run = ${id} and c.step = ${step} and c.ended_at is null and c.leased_until < clock_timestamp()
          and exists (
            select 1 from work_runs r join work_steps s on s.run = r.id
            where r.id = ${id} and s.step = ${step} and (r.state = 'aborting'
              or (r.state in ('running', 'watching') and s.paused_because is null and c.due_at <= clock_timestamp())))
          and (not ${input.sweep ?? false}::boolean
            or not exists (select 1 from work_begun b where b.run = c.run and b.step = c.step and b.chunk = c.chunk))
        order by c.chunk limit 1 for update of c skip locked
      )
      update work_chunks c set lease = nextval('work_leases'), holder = ${input.holder},
        leased_until = clock_timestamp() + ${input.leaseMs}::float8 * interval '1 ms'
      from free where c.run = ${id} and c.step = ${step} and c.chunk = free.chunk
      returning c.chunk, c.lease::text as lease, c.first, c.last, c.remaining, c.waits, free.fresh,
        exists (select 1 from work_sealed w where w.run = c.run and w.step = c.step and w.chunk = c.chunk) as sealed,
        (select state = 'aborting' from work_runs where id = ${id}) as aborting`;
    return { result: rowsOf(Row, found), entry: [] };
  });
  const [row] = rows;
  return row && { ...row, id, run, incident, step };
}
