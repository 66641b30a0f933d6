import { write } from "../../ledger/write.ts";
import type { Chunk } from "./claim-chunk.ts";
import type { Worker } from "../loop/worker.ts";
import { untilStored } from "./until-stored.ts";

export type ReleaseInput = {
  readonly chunk: Chunk;
  readonly idempotent: boolean;
  /** Handed over and not answered for: whoever takes the chunk next asks about these. */
  readonly begun: readonly number[];
  /** Something is left that could be done at once (paused, draining). */
  readonly dueNow: boolean;
  /** Earliest that what is left without a retry of its own may be looked at. */
  readonly waitMs?: number;
  /** All that this pass found was waiting for somebody. */
  readonly waited: boolean;
};

/** Gives the lease back. Marks of tasks that were answered for, or never handed over after all, go with it. */
export async function releaseChunk(worker: Worker, input: ReleaseInput): Promise<void> {
  const { chunk } = input;
  await untilStored(worker, "releasing a chunk", () =>
    write(worker.ctx, "work:run", async (tx) => {
      const rows = await tx`
        update work_chunks c set leased_until = '-infinity', holder = null,
          waits = case when ${input.waited}::boolean then c.waits + 1 else 0 end,
          due_at = case when ${input.dueNow}::boolean then '-infinity' else coalesce(least(
            (select min(r.due_at) from work_retries r where r.run = c.run and r.step = c.step and r.n between c.first and c.last),
            clock_timestamp() + ${input.waitMs ?? null}::float8 * interval '1 ms'), clock_timestamp() + interval '1 s') end
        where c.run = ${chunk.id} and c.step = ${chunk.step} and c.chunk = ${chunk.chunk} and c.lease = ${chunk.lease}
        returning 1`;
      if (rows.length > 0 && !input.idempotent) {
        await tx`delete from work_begun where run = ${chunk.id} and step = ${chunk.step} and chunk = ${chunk.chunk}`;
        if (input.begun.length > 0) {
          await tx`insert into work_begun (run, step, chunk, lease, tasks)
            values (${chunk.id}, ${chunk.step}, ${chunk.chunk}, ${chunk.lease}, ${[...input.begun]}::int[])`;
        }
      }
      return { result: undefined, entry: [] };
    }),
  );
}
