// One chunk from lease to release: what a crash left is asked about, what is due is handed over window by window at its
// pace, what comes back is recorded while the rest goes on.
import type { Batch } from "../handler.ts";
import { learn } from "./bucket.ts";
import { call, type Called } from "./call.ts";
import { chunkTasks, type ChunkTasks, type OpenTask } from "./chunk-tasks.ts";
import type { Desk } from "./desk.ts";
import type { Lane } from "./lane.ts";
import { LeaseLost } from "./record.ts";
import { pauseStep } from "./pause-step.ts";
import { reconcileBegun } from "./reconcile-begun.ts";
import { openRecorder, type Recorder } from "./recorder.ts";
import { releaseChunk } from "./release-chunk.ts";
import { aborted } from "./sweep-chunk.ts";
import { settle, type Settled } from "./settle.ts";
import { untilStored } from "./until-stored.ts";
import { openWindows } from "./windows.ts";
import type { Worker } from "./worker.ts";

/** What the lanes' parts share while a chunk is worked on. */
export type Pass = {
  readonly worker: Worker;
  readonly desk: Desk;
  readonly lane: Lane;
  readonly recorder: Recorder;
  readonly sealed: Uint8Array | undefined;
  /** Not yet handed over, in order. */
  readonly queue: OpenTask[];
  /** Handed over and not answered for. */
  readonly unanswered: Set<number>;
  /** Marked under this lease or an earlier one: need no other mark. */
  readonly marked: Set<number>;
  readonly count: { ended: number; again: number; waits: number };
  /** What broke between the handler and the record. */
  readonly failures: unknown[];
};

/** The lease is given back whatever happens, unless it is lost or the worker crashes. */
export async function workChunk(worker: Worker, desk: Desk, lane: Lane): Promise<void> {
  const { chunk } = lane;
  const { idempotent } = desk.prepared.traits;
  const found = await untilStored(worker, "reading a chunk", () =>
    chunkTasks(worker.ctx, chunk, idempotent),
  );
  const pass = openPass({ worker, desk, lane, found });
  try {
    record(
      pass,
      found.tasks
        .filter((task) => task.gone)
        .map((task) => ({ task, ended: { state: "gone" as const } })),
    );
    if (await reconcileBegun(pass, found.begun)) {
      if (chunk.aborting) record(pass, [...pass.queue.splice(0), ...found.later].map(aborted));
      else await handOver(pass);
    }
    await pass.recorder.flush();
    await release(pass);
  } catch (error) {
    if (!(error instanceof LeaseLost)) throw error;
    lane.lose();
  }
}

// Outcomes of work that cannot be repeated are written within a blink; a batch of what can may wait to be larger.
const PROMPT_MS = 20;
const LEISURELY_MS = 200;

function openPass(input: { worker: Worker; desk: Desk; lane: Lane; found: ChunkTasks }): Pass {
  const { worker, desk, lane, found } = input;
  const { idempotent, batch } = desk.prepared.traits;
  return {
    worker,
    desk,
    lane,
    recorder: openRecorder({
      worker,
      lane,
      withinMs: idempotent ? LEISURELY_MS : PROMPT_MS,
      atOnce: Math.min(found.tasks.length + found.begun.length, Math.max(batch, 1_000)),
    }),
    sealed: found.sealed,
    queue: found.tasks.filter((task) => !task.gone),
    unanswered: new Set(),
    marked: new Set(),
    count: { ended: 0, again: 0, waits: 0 },
    failures: [],
  };
}

export function record(pass: Pass, settled: readonly Settled[]): void {
  for (const one of settled) {
    if ("ended" in one) pass.count.ended += 1;
    else if (one.again.waits) pass.count.waits += 1;
    else pass.count.again += 1;
  }
  pass.recorder.add(settled);
}

// The next window is admitted and marked while this one is being sent.
async function handOver(pass: Pass): Promise<void> {
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
    if (
      lane.halted.aborted ||
      performance.now() > lane.endsAt() ||
      performance.now() < desk.farSide.shutUntil
    ) {
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
  record(pass, settledOf(pass, tasks, called));
  await untilStored(worker, "noting how the far side does", () =>
    learn(worker, desk.farSide, called.lesson),
  );
  if (called.fault === undefined) return;
  lane.halt();
  await pauseStep(worker, desk.step, called.fault);
}

export function batchOf({ desk, lane, sealed }: Pass, tasks: readonly OpenTask[]): Batch {
  return {
    run: desk.step.run,
    step: desk.step.step,
    chunk: lane.chunk.chunk,
    settings: desk.step.settings,
    tasks,
    signal: lane.lost,
    ...(sealed ? { sealed } : {}),
  };
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
