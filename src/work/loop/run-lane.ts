import { claimChunk } from "../store/claim-chunk.ts";
import type { Desk } from "./desk.ts";
import { openLane } from "./lane.ts";
import { pauseStep } from "./pause-step.ts";
import { untilStored } from "../store/until-stored.ts";
import { workChunk } from "./work-chunk.ts";
import type { Worker } from "./worker.ts";

/** Takes chunk after chunk of one step until there is none, or the worker drains. Answers how many. */
export async function runLane(worker: Worker, desk: Desk): Promise<number> {
  for (let chunks = 0; ; chunks += 1) {
    if (worker.draining.aborted || !(await runChunk(worker, desk))) return chunks;
  }
}

// A claim whose answer was lost leaves a lease that nobody works on: it ends by itself.
async function runChunk(worker: Worker, desk: Desk): Promise<boolean> {
  let sentAt = 0;
  const { leaseMs } = worker.timing;
  const chunk = await untilStored(worker, "claiming a chunk", () => {
    sentAt = performance.now();
    return claimChunk(worker.ctx, {
      step: desk.step,
      holder: worker.holder,
      leaseMs,
      scope: "work:run",
    });
  });
  if (!chunk) return false;
  const lane = openLane(chunk, { sentAt, leaseMs });
  worker.lanes.add(lane);
  if (worker.draining.aborted) lane.halt();
  try {
    await workChunk(worker, desk, lane);
    return !chunk.aborting;
  } catch (error) {
    await pauseStep(worker, desk.step, error);
    return false;
  } finally {
    worker.lanes.delete(lane);
  }
}
