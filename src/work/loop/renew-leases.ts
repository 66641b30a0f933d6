import { setTimeout as delay } from "node:timers/promises";
import { write } from "../../ledger/write.ts";
import type { Lane } from "./lane.ts";
import { storeTrouble } from "../store/until-stored.ts";
import type { Worker } from "./worker.ts";

type Renewed = { run: number; step: number; chunk: number; go_on: boolean };

/** Until `ended`: renews this worker's leases three times a lease, and gives up those that ran out or were taken. */
export async function keepLeases(worker: Worker, ended: AbortSignal): Promise<void> {
  while (!ended.aborted) {
    await delay(worker.timing.leaseMs / 3, undefined, { signal: ended }).catch(() => {});
    if (!ended.aborted) await renewLeases(worker);
  }
}

/** Once, for all lanes in one statement; also learns which of them shall halt (paused, aborted). */
export async function renewLeases(worker: Worker): Promise<void> {
  const lanes = [...worker.lanes];
  if (lanes.length === 0) return;
  const sentAt = performance.now();
  try {
    await worker.fault("before-store", "renewing leases");
    const rows = await renew(worker, lanes);
    await worker.fault("after-store", "renewing leases");
    settle(lanes, rows, sentAt);
  } catch (error) {
    if (storeTrouble(error) === undefined) throw error;
  }
  for (const lane of lanes) if (lane.endsAt() < performance.now()) lane.lose();
}

function renew(worker: Worker, lanes: readonly Lane[]): Promise<Renewed[]> {
  return write<Renewed[]>(worker.ctx, "work:run", async (tx) => {
    const result = await tx<Renewed[]>`
      update work_chunks c set leased_until = clock_timestamp() + ${worker.timing.leaseMs}::float8 * interval '1 ms'
      from unnest(${lanes.map((lane) => lane.chunk.id)}::int[], ${lanes.map((lane) => lane.chunk.step)}::int[],
        ${lanes.map((lane) => lane.chunk.chunk)}::int[], ${lanes.map((lane) => lane.chunk.lease)}::bigint[]) as l (run, step, chunk, lease)
      join work_runs r on r.id = l.run join work_steps s on s.run = l.run and s.step = l.step
      where c.run = l.run and c.step = l.step and c.chunk = l.chunk and c.lease = l.lease and c.ended_at is null
      returning c.run, c.step, c.chunk, r.state in ('running', 'watching') and s.paused_because is null as go_on`;
    return { result: [...result], entry: [] };
  });
}

// A lane that was not renewed lost its lease, or ended its chunk a moment ago, when it has no use for one.
function settle(lanes: readonly Lane[], rows: readonly Renewed[], sentAt: number): void {
  const found = new Map(rows.map((row) => [`${row.run}/${row.step}/${row.chunk}`, row.go_on]));
  for (const lane of lanes) {
    const goOn = found.get(`${lane.chunk.id}/${lane.chunk.step}/${lane.chunk.chunk}`);
    if (goOn === undefined) lane.lose();
    else lane.renewed(sentAt);
    if (goOn === false) lane.halt();
  }
}
