// What a kind of work is to the engine: something that is prepared once and then acts on batches of targets. The engine
// knows no domain; a handler knows nothing of leases, retries, pace and records.
import type { Json } from "../core/canonical.ts";
import type { Context } from "../db/context.ts";

export type TaskInput = {
  /** What is acted on. Once a step. */
  readonly key: string;
  readonly payload: Json;
  /** Known to be gone already: gets that outcome and is handed to nobody. */
  readonly gone?: boolean;
};

export type Task = {
  readonly run: string;
  readonly step: number;
  readonly chunk: number;
  readonly n: number;
  readonly key: string;
  readonly payload: Json;
};

export type Batch = {
  readonly run: string;
  readonly step: number;
  readonly chunk: number;
  readonly settings: Json;
  readonly tasks: readonly Task[];
  /** The chunk's sealed payload, while the run is open. */
  readonly sealed?: Uint8Array;
  /** Aborted when the lease is lost: somebody else may be about to do the same. */
  readonly signal: AbortSignal;
};

export const OUTCOME_STATES = ["done", "refused", "unreachable", "gone", "unknown"] as const;
export type OutcomeState = (typeof OUTCOME_STATES)[number];

/** How a task ended, for good. `reason` is a short code; `detail` holds no secret. */
export type Ended = {
  readonly state: OutcomeState;
  readonly reason?: string;
  readonly detail?: Json;
};

/**
 * To be tried again, with backoff, or after `afterMs`. Two reasons speak of the far side and not of the target:
 * `limited` holds everybody back until then, `unavailable` counts towards the breaker.
 */
export type Retry = { readonly retry: true; readonly reason: string; readonly afterMs?: number };

/** Nothing failed; somebody else has yet to act. Asked again, at growing intervals or after `afterMs`, without bound. */
export type Waiting = {
  readonly waiting: true;
  readonly reason?: string;
  readonly afterMs?: number;
};

export type TaskOutcome = Ended | Retry | Waiting;

export type Reconciled = "taken" | "not-taken" | "unknown";

export type Pace = {
  /** Shared by all steps and workers that name it: the connector's account. */
  readonly bucket: string;
  readonly count: number;
  readonly perMs: number;
  /** What is counted: calls (`60/h` with 1,000 targets each) or targets. */
  readonly per: "batch" | "target";
};

export type Traits = {
  /** Whether a repeated act() on the same target has no further effect. If not, each window is marked before it goes. */
  readonly idempotent: boolean;
  /** Targets that one act() may carry. */
  readonly batch: number;
  /** act() calls at the same time, in one worker. */
  readonly concurrency: number;
  /** Targets marked at once, where not idempotent: what a crash may leave to be reconciled is at most three of these. */
  readonly window?: number;
  readonly pace?: Pace;
  /** The far side whose breaker this is, where there is no pace. Default: this step alone. */
  readonly bucket?: string;
  /** Attempts on one target before it is *unreachable*. Default 8. */
  readonly attempts?: number;
};

export interface Prepared extends AsyncDisposable {
  readonly traits: Traits;
  /**
   * One outcome a task, in order. May throw: a TocsinError that is retryable is a retry of the whole batch, one that is
   * not refuses it, `unauthenticated`, `forbidden` and `incompatible` pause the step, as does anything else, being a bug. Where the
   * work is not idempotent, a throw says nothing about what was taken: the batch goes to `reconcile`.
   */
  act(batch: Batch): Promise<readonly TaskOutcome[]>;
  /** Reads back those that said done. Anything but *done* overturns them to *refused*, `not-proved`. Not counted by the pace. */
  verify?(batch: Batch): Promise<readonly TaskOutcome[]>;
  /** What became of tasks that were handed over, or were about to be, when a worker died. One answer a task, in order. */
  reconcile?(batch: Batch): Promise<readonly Reconciled[]>;
}

export interface Handler {
  readonly kind: string;
  /** Once a step and worker. A retryable TocsinError is tried again, anything else pauses the step with the reason. */
  prepare(ctx: Context, settings: Json, step: StepOf): Promise<Prepared>;
}

export type StepOf = { readonly run: string; readonly step: number; readonly incident: string };
