import type { Batch, Traits } from "../handler.ts";
import type { ChunkTasks, OpenTask } from "../store/chunk-tasks.ts";
import type { Desk } from "./desk.ts";
import type { Lane } from "./lane.ts";
import { openRecorder, type Recorder } from "./recorder.ts";
import type { Settled } from "./settle.ts";
import type { Worker } from "./worker.ts";

/** One holding of one chunk: what its parts share. */
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

// Outcomes of work that cannot be repeated are written within a blink; a batch of what can may wait to be larger.
const PROMPT_MS = 20;
const LEISURELY_MS = 200;

export function openPass(input: {
  worker: Worker;
  desk: Desk;
  lane: Lane;
  found: ChunkTasks;
}): Pass {
  const { worker, desk, lane, found } = input;
  const { traits } = desk.prepared;
  return {
    worker,
    desk,
    lane,
    recorder: openRecorder({ worker, lane, ...recordingOf(traits, found) }),
    sealed: found.sealed,
    queue: found.tasks.filter((task) => !task.gone),
    unanswered: new Set(),
    marked: new Set(),
    count: { ended: 0, again: 0, waits: 0 },
    failures: [],
  };
}

function recordingOf(traits: Traits, found: ChunkTasks) {
  const window = windowOf(traits);
  if (!traits.idempotent) return { withinMs: PROMPT_MS, atOnce: window, most: window };
  const atOnce = Math.min(found.tasks.length, Math.max(traits.batch, 1_000));
  return { withinMs: LEISURELY_MS, atOnce, most: 2 * Math.max(atOnce, 1) };
}

/**
 * Tasks that are marked at once. What a crash may leave to be reconciled is three of these: one whose outcomes are not yet recorded, one
 * that is being sent, one that is marked ahead.
 */
export function windowOf({ window, batch, concurrency }: Traits): number {
  return window ?? Math.max(100, concurrency * batch * 2);
}

/** Counts and hands to the recorder. */
export function note(pass: Pass, settled: readonly Settled[]): void {
  for (const one of settled) {
    if ("ended" in one) pass.count.ended += 1;
    else if (one.again.waits) pass.count.waits += 1;
    else pass.count.again += 1;
  }
  pass.recorder.add(settled);
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
