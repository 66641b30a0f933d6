import type { Context } from "../../db/context.ts";
import type { Handler } from "../handler.ts";
import type { FarSides } from "../store/bucket.ts";
import type { Lane } from "./lane.ts";

/** Where a crash can be put between any two statements. */
export const FAULT_POINTS = ["before-store", "after-store", "before-act", "after-act"] as const;
export type FaultPoint = (typeof FAULT_POINTS)[number];

export type WorkOptions = {
  /** `idle` returns when nothing is left that this worker could go on with; `signal` (the default) works until told. */
  readonly until?: "idle" | "signal";
  /** Only this run. */
  readonly run?: string;
  /** Drains: what was handed over is finished and recorded, nothing new begins. Default: the context's. */
  readonly signal?: AbortSignal;
  /** At most 60,000. A dead worker's chunks are taken up after it. */
  readonly leaseMs?: number;
  /** How long an idle worker sleeps between two looks, and a busy one before it learns of a pause. */
  readonly pollMs?: number;
  readonly retry?: { readonly baseMs: number; readonly mostMs: number };
  /** Polling of tasks that wait for somebody. */
  readonly waiting?: { readonly baseMs: number; readonly mostMs: number };
  readonly breaker?: {
    readonly failures: number;
    readonly baseMs: number;
    readonly mostMs: number;
  };
  /** What throws here ends the worker as SIGKILL would: nothing is recorded or released after it. */
  readonly fault?: (point: FaultPoint, what: string) => void | Promise<void>;
};

export type Timing = Required<
  Pick<WorkOptions, "leaseMs" | "pollMs" | "retry" | "waiting" | "breaker">
>;

const LONGEST_LEASE_MS = 60_000;

export function timingOf(options: WorkOptions): Timing {
  return {
    leaseMs: Math.min(options.leaseMs ?? 30_000, LONGEST_LEASE_MS),
    pollMs: options.pollMs ?? 250,
    retry: options.retry ?? { baseMs: 1_000, mostMs: 120_000 },
    waiting: options.waiting ?? { baseMs: 30_000, mostMs: 3_600_000 },
    breaker: options.breaker ?? { failures: 5, baseMs: 2_000, mostMs: 60_000 },
  };
}

/** One call of `work`. */
export type Worker = {
  readonly ctx: Context;
  readonly handlers: ReadonlyMap<string, Handler>;
  readonly timing: Timing;
  readonly holder: string;
  readonly farSides: FarSides;
  readonly lanes: Set<Lane>;
  /** Aborted by the first signal: begin nothing more. */
  readonly draining: AbortSignal;
  /** Wakes the loop. */
  readonly wake: () => void;
  readonly fault: (point: FaultPoint, what: string) => Promise<void>;
};
