import type { OpenTask } from "../store/chunk-tasks.ts";
import { learn } from "../store/bucket.ts";
import { untilStored } from "../store/until-stored.ts";
import { call, type Called } from "./call.ts";
import { batchOf, note, type Pass } from "./pass.ts";
import { pauseStep } from "./pause-step.ts";
import { settle, type Settled } from "./settle.ts";
import { openWindows } from "./windows.ts";

/** Hands over all that is in the queue, unless halted. The next window is admitted and marked while this one is being sent. */
export async function handOver(pass: Pass): Promise<void> {
  const windows = openWindows(pass);
  const running = new Set<Promise<void>>();
  let next = windows.next();
  for (;;) {
    const window = await next;
    if (window === undefined && (pass.queue.length === 0 || pass.lane.halted.aborted)) break;
    next = windows.next();
    next.catch(() => {}); // awaited at the head of the loop
    if (window !== undefined) await send(pass, window, running);
  }
  await Promise.all(running);
  if (pass.failures.length > 0) throw pass.failures[0];
}

async function send(pass: Pass, window: OpenTask[], running: Set<Promise<void>>): Promise<void> {
  const { desk, lane } = pass;
  const { batch } = desk.prepared.traits;
  for (let from = 0; from < window.length; from += batch) {
    await desk.calls.acquire();
    await pass.recorder.caughtUp();
    // A lease that ran out unrenewed: what was handed over may still be recorded, if nobody took the chunk.
    if (performance.now() > lane.endsAt()) lane.halt();
    if (lane.halted.aborted || performance.now() < desk.farSide.shutUntil) {
      desk.calls.release();
      pass.queue.unshift(...window.slice(from));
      return;
    }
    const one = sendOne(pass, window.slice(from, from + batch))
      .catch((error: unknown) => {
        pass.failures.push(error);
        lane.halt();
      })
      .finally(() => {
        desk.calls.release();
        running.delete(one);
      });
    running.add(one);
  }
}

async function sendOne(pass: Pass, tasks: readonly OpenTask[]): Promise<void> {
  const { worker, desk, lane } = pass;
  for (const task of tasks) pass.unanswered.add(task.n);
  await worker.fault("before-act", desk.step.kind);
  const called = await call(desk.prepared, batchOf(pass, tasks));
  await worker.fault("after-act", desk.step.kind);
  note(pass, settledOf(pass, tasks, called));
  await untilStored(worker, "noting how the far side does", () =>
    learn(worker, desk.farSide, called.lesson),
  );
  if (called.fault === undefined) return;
  lane.halt();
  await pauseStep(worker, desk.step, called.fault);
}

function settledOf(pass: Pass, tasks: readonly OpenTask[], called: Called): Settled[] {
  const { worker, desk, lane } = pass;
  const input = {
    timing: worker.timing,
    attempts: desk.prepared.traits.attempts ?? 8,
    waits: lane.chunk.waits,
  };
  return called.outcomes.flatMap((outcome, place) => {
    const task = tasks[place];
    if (task === undefined || outcome === "unanswered") return [];
    pass.unanswered.delete(task.n);
    return [settle(task, outcome, input)];
  });
}
