import { write } from "../../ledger/write.ts";
import { isDead } from "./holder.ts";
import type { Worker } from "../loop/worker.ts";

/** Ends the leases of processes of this machine that are dead for certain, so that a restart need not wait for them. */
export async function freeDead(worker: Worker): Promise<void> {
  const rows = await worker.ctx.db.read<{ holder: string }[]>`
    select distinct c.holder from work_runs r join work_chunks c on c.run = r.id
    where r.state in ('running', 'paused', 'aborting', 'watching') and c.holder is not null
      and c.ended_at is null and c.leased_until > clock_timestamp()`;
  const dead = rows.map((row) => row.holder).filter(isDead);
  if (dead.length === 0) return;
  await write(worker.ctx, "work:run", async (tx) => {
    await tx`update work_chunks set leased_until = '-infinity' where holder = any(${dead}) and ended_at is null`;
    return { result: undefined, entry: [] };
  });
}
