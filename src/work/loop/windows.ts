import { setTimeout as delay } from "node:timers/promises";
import { admit } from "../store/bucket.ts";
import type { OpenTask } from "../store/chunk-tasks.ts";
import { markBegun } from "../store/mark-begun.ts";
import { untilStored } from "../store/until-stored.ts";
import { type Pass, windowOf } from "./pass.ts";

/** Takes tasks from the queue, so many as the pace admits and, where need be, marked. Undefined when there is no more to hand over. */
export type Windows = { next(): Promise<OpenTask[] | undefined> };

// A paced window is half a second's worth: short enough to stop soon and to share, long enough to cost little.
const WINDOW_MS = 500;
const LONGEST_NAP_MS = 5_000;

export function openWindows(pass: Pass): Windows {
  return {
    async next() {
      const size = sizeOf(pass);
      for (;;) {
        if (pass.queue.length === 0 || pass.lane.halted.aborted) return undefined;
        const admission = await admitted(pass, size);
        if (admission === undefined) continue;
        const window = pass.queue.splice(0, admission);
        await markWindow(pass, window);
        return window;
      }
    },
  };
}

type Size = { readonly tasks: number; readonly perTarget: boolean };

function sizeOf({ desk, queue }: Pass): Size {
  const { traits } = desk.prepared;
  const { batch, concurrency, idempotent, pace } = traits;
  const most = idempotent ? Infinity : windowOf(traits);
  const inTime = Math.max(1, Math.floor(WINDOW_MS / desk.intervalMs));
  if (pace?.per === "target") return { tasks: Math.min(inTime, most), perTarget: true };
  const calls = pace ? inTime * batch : Math.max(1_000, concurrency * 4 * batch);
  return { tasks: Math.min(calls, Math.max(most, batch), queue.length), perTarget: false };
}

// Answers how many tasks may go now; undefined after a nap.
async function admitted(pass: Pass, size: Size): Promise<number | undefined> {
  const { worker, desk, lane, queue } = pass;
  const { batch } = desk.prepared.traits;
  const probing = desk.farSide.failures >= worker.timing.breaker.failures;
  const tasks = Math.min(size.tasks, queue.length, probing ? batch : size.tasks);
  const units = size.perTarget ? tasks : Math.ceil(tasks / batch);
  const answer = await untilStored(worker, "asking for pace", () =>
    admit(worker, { farSide: desk.farSide, units, intervalMs: desk.intervalMs }),
  );
  if (answer.admitted) return answer.probe ? Math.min(tasks, batch) : tasks;
  await delay(Math.min(answer.waitMs, LONGEST_NAP_MS), undefined, { signal: lane.halted }).catch(
    () => {},
  );
  return undefined;
}

async function markWindow(
  { worker, desk, lane, marked }: Pass,
  window: readonly OpenTask[],
): Promise<void> {
  if (desk.prepared.traits.idempotent) return;
  const fresh = window.map((task) => task.n).filter((n) => !marked.has(n));
  if (fresh.length === 0) return;
  await markBegun(worker, lane.chunk, fresh);
  for (const n of fresh) marked.add(n);
}
