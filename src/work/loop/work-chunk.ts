// One chunk from lease to release: what a crash left is asked about, what is due is handed over window by window at its
// pace, what comes back is recorded while the rest goes on.
import { chunkTasks, type ChunkTasks } from "../store/chunk-tasks.ts";
import { LeaseLost } from "../store/record.ts";
import { releaseChunk } from "../store/release-chunk.ts";
import { aborted } from "../store/sweep-chunk.ts";
import { untilStored } from "../store/until-stored.ts";
import type { Desk } from "./desk.ts";
import { handOver } from "./hand-over.ts";
import type { Lane } from "./lane.ts";
import { note, openPass, type Pass } from "./pass.ts";
import { reconcileBegun } from "./reconcile-begun.ts";
import type { Worker } from "./worker.ts";

/** Gives the lease back, unless it is lost, something broke (then it ends by itself), or the chunk ended. */
export async function workChunk(worker: Worker, desk: Desk, lane: Lane): Promise<void> {
  const { idempotent } = desk.prepared.traits;
  const found = await untilStored(worker, "reading a chunk", () =>
    chunkTasks(worker.ctx, lane.chunk, idempotent),
  );
  const pass = openPass({ worker, desk, lane, found });
  try {
    await doDue(pass, found);
    await pass.recorder.flush();
    if (!idempotent || pass.count.ended < lane.chunk.remaining) await release(pass);
  } catch (error) {
    if (!(error instanceof LeaseLost)) throw error;
    lane.lose();
  }
}

async function doDue(pass: Pass, found: ChunkTasks): Promise<void> {
  const gone = found.tasks.filter((task) => task.gone);
  note(
    pass,
    gone.map((task) => ({ task, ended: { state: "gone" } })),
  );
  if (!(await reconcileBegun(pass, found.begun))) return;
  if (pass.lane.chunk.aborting) note(pass, [...pass.queue.splice(0), ...found.later].map(aborted));
  else await handOver(pass);
}

async function release(pass: Pass): Promise<void> {
  const { worker, desk, lane, count } = pass;
  const { idempotent } = desk.prepared.traits;
  const begun = idempotent ? [] : [...pass.unanswered];
  await releaseChunk(worker, {
    chunk: lane.chunk,
    idempotent,
    begun,
    dueNow: lane.halted.aborted,
    ...(begun.length > 0 ? { waitMs: worker.timing.retry.baseMs } : {}),
    waited: count.waits > 0 && count.ended + count.again === 0,
  });
}
