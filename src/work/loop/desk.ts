import { TocsinError } from "../../core/errors.ts";
import { write } from "../../ledger/write.ts";
import type { Prepared } from "../handler.ts";
import { farSideOf, makeBucket, type FarSide } from "../store/bucket.ts";
import type { OpenStep } from "../store/open-steps.ts";
import { pauseStep } from "./pause-step.ts";
import { type Semaphore, semaphore } from "./semaphore.ts";
import { untilStored } from "../store/until-stored.ts";
import type { Worker } from "./worker.ts";

/** A step as this worker has it open: its handler prepared, and what its lanes share. */
export type Desk = {
  readonly step: OpenStep;
  readonly prepared: Prepared;
  readonly calls: Semaphore;
  readonly farSide: FarSide;
  /** Milliseconds that one unit of the pace takes; 0 without a pace. */
  readonly intervalMs: number;
  /** Chunks to hold at once so that the calls never want for work: one more than they fill. */
  readonly lanes: number;
};

const MOST_LANES = 6;

/** Prepares the handler. Undefined where it cannot be: the step is paused, or says what troubles it and is tried again. */
export async function openDesk(worker: Worker, step: OpenStep): Promise<Desk | undefined> {
  const handler = worker.handlers.get(step.kind);
  if (!handler) return undefined;
  try {
    const prepared = await handler.prepare(worker.ctx, step.settings, step);
    await using unused = new AsyncDisposableStack();
    unused.use(prepared);
    const desk = deskOf(worker, step, prepared);
    await untilStored(worker, "opening a step", () => saySelf(worker, desk));
    unused.move();
    return desk;
  } catch (error) {
    if (!(error instanceof TocsinError && error.retryable)) {
      await pauseStep(worker, step, error);
      return undefined;
    }
    await untilStored(worker, "noting what troubles a step", () =>
      saysTrouble(worker, step, error.message),
    );
    return undefined;
  }
}

function deskOf(worker: Worker, step: OpenStep, prepared: Prepared): Desk {
  const { pace, concurrency, batch, bucket } = prepared.traits;
  const filled = Math.ceil((concurrency * batch) / step.chunk_size);
  return {
    step,
    prepared,
    calls: semaphore(concurrency),
    farSide: farSideOf(worker, pace?.bucket ?? bucket ?? `${step.run}/${step.step}`),
    intervalMs: pace ? pace.perMs / pace.count : 0,
    lanes: Math.min(MOST_LANES, Math.max(2, filled + 1)),
  };
}

async function saySelf(
  worker: Worker,
  { step, prepared, farSide, intervalMs }: Desk,
): Promise<void> {
  const { batch, pace } = prepared.traits;
  await makeBucket(worker, farSide.bucket);
  await write(worker.ctx, "work:run", async (tx) => {
    await tx`
      update work_steps set bucket = ${farSide.bucket}, interval_ms = ${intervalMs}, batch = ${batch},
        per_target = ${pace?.per === "target"}, trouble = null
      where run = ${step.id} and step = ${step.step}`;
    return { result: undefined, entry: [] };
  });
}

async function saysTrouble(worker: Worker, step: OpenStep, trouble: string): Promise<void> {
  await write(worker.ctx, "work:run", async (tx) => {
    await tx`update work_steps set trouble = ${trouble} where run = ${step.id} and step = ${step.step}`;
    return { result: undefined, entry: [] };
  });
}
