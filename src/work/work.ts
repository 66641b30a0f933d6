// The loop of a worker: looks at what the open runs need, opens steps, puts lanes on them, ends what is over. It knows
// no domain; any number of workers may run it on one Postgres.
import { requireScope } from "../core/scope.ts";
import type { Context } from "../db/context.ts";
import type { Handler } from "./handler.ts";
import { type Bell, openBell } from "./loop/bell.ts";
import { closeFloor, fail, type Floor, lanesInAll, openLanes } from "./loop/floor.ts";
import { keepLeases } from "./loop/renew-leases.ts";
import { timingOf, type Worker, type WorkOptions } from "./loop/worker.ts";
import { couldEnd, endSteps } from "./store/end-steps.ts";
import { freeDead } from "./store/free-dead.ts";
import { holderName } from "./store/holder.ts";
import { type OpenStep, openSteps } from "./store/open-steps.ts";
import { sweepChunk } from "./store/sweep-chunk.ts";
import { untilStored } from "./store/until-stored.ts";

export type { FaultPoint, WorkOptions } from "./loop/worker.ts";

/**
 * Does the tasks of all open runs, or of one, whose kind is among `handlers`. At least once; what may not be repeated is asked about
 * after a crash. Survives a store that restarts, is cut off or is full. Returns when idle, or when the signal came and all
 * that was handed over is recorded.
 * @throws TocsinError `forbidden` without work:run, `unavailable` when told to stop while the store is away
 */
export async function work(
  ctx: Context,
  handlers: readonly Handler[],
  options: WorkOptions = {},
): Promise<void> {
  requireScope(ctx.actor, "work:run");
  await using opened = new AsyncDisposableStack();
  const ended = new AbortController();
  const bell = openBell();
  opened.defer(() => ended.abort());
  const worker = openWorker({ ctx, handlers, options, bell });
  const floor: Floor = { worker, options, bell, places: new Map(), failed: [] };
  const leases = keepLeases(worker, ended.signal).catch((error: unknown) => fail(floor, error));
  const drain = (): void => {
    for (const lane of worker.lanes) lane.halt();
    bell.ring();
  };
  worker.draining.addEventListener("abort", drain);
  opened.defer(() => worker.draining.removeEventListener("abort", drain));
  try {
    while (await look(floor)) continue;
  } finally {
    await closeFloor(floor);
    ended.abort();
    await leases;
  }
  if (floor.failed.length > 0) throw floor.failed[0];
}

type WorkerInput = {
  readonly ctx: Context;
  readonly handlers: readonly Handler[];
  readonly options: WorkOptions;
  readonly bell: Bell;
};

function openWorker({ ctx, handlers, options, bell }: WorkerInput): Worker {
  let crash: { readonly error: unknown } | undefined;
  const { requestKey: _key, ...own } = ctx; // a worker's writes answer nobody's request
  return {
    ctx: own,
    handlers: new Map(handlers.map((handler) => [handler.kind, handler])),
    timing: timingOf(options),
    holder: holderName(),
    farSides: new Map(),
    lanes: new Set(),
    draining: options.signal ?? ctx.signal,
    wake: () => bell.ring(),
    fault: async (point, what) => {
      if (crash) throw crash.error;
      try {
        await options.fault?.(point, what);
      } catch (error) {
        crash = { error };
        throw error;
      }
    },
  };
}

// One look at the stored state: all that follows from it is begun. Answers whether to look again, after a wait.
async function look(floor: Floor): Promise<boolean> {
  const { worker, options, bell } = floor;
  if (worker.draining.aborted || floor.failed.length > 0) return false;
  bell.hush();
  const kinds = new Set(worker.handlers.keys());
  const steps = await untilStored(worker, "looking for work", async () => {
    await freeDead(worker);
    return await openSteps(worker.ctx, { run: options.run, kinds });
  });
  haltPaused(worker, steps);
  if (await endWhatIsOver(worker, steps)) return true;
  await openLanes(floor, steps);
  if (options.until === "idle" && isIdle(floor, steps)) return false;
  await bell.rung(waitMs(worker, steps));
  return true;
}

// Runs that are paused or over are not among the open ones. Records and renewals tell as well, but not a lane that waits for its pace.
function haltPaused(worker: Worker, steps: readonly OpenStep[]): void {
  const goOn = new Set(
    steps
      .filter((step) => step.run_state !== "aborting" && !step.paused)
      .map((step) => `${step.id}/${step.step}`),
  );
  for (const lane of worker.lanes) {
    if (!lane.chunk.aborting && !goOn.has(`${lane.chunk.id}/${lane.chunk.step}`)) lane.halt();
  }
}

async function endWhatIsOver(worker: Worker, steps: readonly OpenStep[]): Promise<boolean> {
  let any = false;
  for (const [id, own] of Map.groupBy(steps, (step) => step.id)) {
    for (const step of own) any = (await sweep(worker, step)) || any;
    if (!couldEnd(own)) continue;
    await untilStored(worker, "ending steps", () => endSteps(worker.ctx, "work:run", id));
    any = true;
  }
  return any;
}

async function sweep(worker: Worker, step: OpenStep): Promise<boolean> {
  if (step.run_state !== "aborting" || step.ended) return false;
  const input = {
    step,
    holder: worker.holder,
    leaseMs: worker.timing.leaseMs,
    scope: "work:run",
  } as const;
  let any = false;
  while (await untilStored(worker, "sweeping an aborted run", () => sweepChunk(worker.ctx, input)))
    any = true;
  return any;
}

// Nothing is left that time and this worker's handlers could bring to an end.
function isIdle(floor: Floor, steps: readonly OpenStep[]): boolean {
  return lanesInAll(floor) === 0 && !steps.some((step) => !step.ended && step.hopeful);
}

function waitMs({ timing }: Worker, steps: readonly OpenStep[]): number {
  const due = steps.filter(
    (step) => !step.ended && step.free && !step.paused && (step.next_ms ?? 0) > 0,
  );
  return Math.min(timing.pollMs, ...due.map((step) => Math.max(step.next_ms ?? 0, 5)));
}
