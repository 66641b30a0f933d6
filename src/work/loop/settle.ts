import type { Ended, TaskOutcome } from "../handler.ts";
import type { OpenTask } from "../store/chunk-tasks.ts";
import type { Timing } from "./worker.ts";

/** What is recorded of a task after one attempt. */
export type Settled =
  | { readonly task: OpenTask; readonly ended: Ended }
  | { readonly task: OpenTask; readonly again: Again };

export type Again = {
  readonly attempts: number;
  readonly inMs: number;
  readonly reason: string;
  /** Somebody else has yet to act: the time that this takes is not held against the task. */
  readonly waits: boolean;
};

const GIVE_UP_AFTER_MS = 24 * 3_600_000;

export type SettleInput = {
  readonly timing: Timing;
  readonly attempts: number;
  readonly waits: number;
};

/**
 * Backoff doubles, with a jitter of a half to one and a half. The bound is on attempts; waiting that the far side itself
 * asks for (`limited`, or `afterMs`) uses none, and ends after a day.
 */
export function settle(task: OpenTask, outcome: TaskOutcome, input: SettleInput): Settled {
  if ("state" in outcome) return { task, ended: outcome };
  if ("waiting" in outcome) {
    const inMs = outcome.afterMs ?? grown(input.timing.waiting, input.waits);
    return {
      task,
      again: { attempts: task.attempts, inMs, reason: outcome.reason ?? "waiting", waits: true },
    };
  }
  const asked = outcome.reason === "limited" || outcome.afterMs !== undefined;
  const attempts = task.attempts + (asked ? 0 : 1);
  if (attempts >= input.attempts || task.triedForMs > GIVE_UP_AFTER_MS) {
    return { task, ended: { state: "unreachable", reason: outcome.reason } };
  }
  const inMs = outcome.afterMs ?? grown(input.timing.retry, attempts - 1) * (0.5 + Math.random());
  return { task, again: { attempts, inMs, reason: outcome.reason, waits: false } };
}

function grown({ baseMs, mostMs }: { baseMs: number; mostMs: number }, times: number): number {
  return Math.min(baseMs * 2 ** Math.max(0, Math.min(times, 30)), mostMs);
}
