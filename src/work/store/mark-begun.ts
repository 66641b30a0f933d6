import { write } from "../../ledger/write.ts";
import type { Chunk } from "./claim-chunk.ts";
import { LeaseLost } from "./record.ts";
import type { Worker } from "../loop/worker.ts";
import { untilStored } from "./until-stored.ts";

/**
 * Before a window of non-idempotent work is handed over. If we crash after this commit, whoever takes the chunk over asks
 * what became of each; if before, nobody was handed anything. Marking twice does no harm.
 * @throws LeaseLost
 */
export async function markBegun(
  worker: Worker,
  chunk: Chunk,
  tasks: readonly number[],
): Promise<void> {
  await untilStored(worker, "marking tasks as begun", () =>
    write(worker.ctx, "work:run", async (tx) => {
      const rows = await tx`
        insert into work_begun (run, step, chunk, lease, tasks)
        select ${chunk.id}, ${chunk.step}, ${chunk.chunk}, ${chunk.lease}, ${[...tasks]}::int[] from work_chunks
        where run = ${chunk.id} and step = ${chunk.step} and chunk = ${chunk.chunk} and lease = ${chunk.lease}
        for share returning 1`;
      if (rows.length === 0) throw new LeaseLost(`chunk ${chunk.chunk} of step ${chunk.step}`);
      return { result: undefined, entry: [] };
    }),
  );
}
