// The loop of a worker: looks at what the open runs need, opens steps, puts lanes on them, ends what is over. It knows
// no domain; any number of workers may run it on one Postgres.
import { requireScope } from "../core/scope.ts";
import type { Context } from "../db/context.ts";
import type { Handler } from "./handler.ts";
import { type Desk, openDesk } from "./loop/desk.ts";
import { couldEnd, endSteps } from "./loop/end-steps.ts";
import { freeDead } from "./loop/free-dead.ts";
import { holderName } from "./loop/holder.ts";
import { openBell, type Bell } from "./loop/bell.ts";
import { type OpenStep, openSteps } from "./loop/open-steps.ts";
import { keepLeases, renewLeases } from "./loop/renew-leases.ts";
import { runLane } from "./loop/run-lane.ts";
import { sweepChunk } from "./loop/sweep-chunk.ts";
import { untilStored } from "./loop/until-stored.ts";
import { timingOf, type Worker, type WorkOptions } from "./loop/worker.ts";

export type { FaultPoint, WorkOptions } from "./loop/worker.ts";

const MOST_LANES = 16;

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
  const bell = await openBell(ctx, ended.signal);
  const worker = openWorker({ ctx, handlers, options, bell });
  const floor: Floor = { worker, options, bell, desks: new Map(), running: new Map(), failed: [] };
  bell.onRing(() => void renewLeases(worker).catch((error: unknown) => fail(floor, error)));
  const leases = keepLeases(worker, ended.signal).catch((error: unknown) => fail(floor, error));
  opened.defer(async () => {
    ended.abort();
    await leases;
    for (const { desk } of floor.desks.values()) await desk?.prepared[Symbol.asyncDispose]();
  });
  worker.draining.addEventListener("abort", () => {
    for (const lane of worker.lanes) lane.halt();
    bell.ring();
  });
  while (await look(floor)) continue;
  await Promise.all([...floor.running.values()].flatMap((lanes) => [...lanes]));
  if (floor.failed.length > 0) throw floor.failed[0];
}

/** What the loop keeps between two looks. */
type Floor = {
  readonly worker: Worker;
  readonly options: WorkOptions;
  readonly bell: Bell;
  /** Without a desk: prepared in vain, to be tried again at `again`. */
  readonly desks: Map<
    string,
    { readonly desk: Desk | undefined; readonly again: number; readonly tries: number }
  >;
  readonly running: Map<string, Set<Promise<void>>>;
  readonly failed: unknown[];
};

type WorkerInput = {
  readonly ctx: Context;
  readonly handlers: readonly Handler[];
  readonly options: WorkOptions;
  readonly bell: Bell;
};

function openWorker({ ctx, handlers, options, bell }: WorkerInput): Worker {
  let crash: { readonly error: unknown } | undefined;
  const { requestKey: _, ...own } = ctx; // a worker's writes answer nobody's request
  return {
    ctx: own,
    handlers: new Map(handlers.map((handler) => [handler.kind, handler])),
    timing: timingOf(options),
    holder: holderName(),
    farSides: new Map(),
    lanes: new Set(),
    draining: options.signal ?? ctx.signal,
    wake: bell.ring,
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
  if (await endWhatIsOver(floor, steps)) return true;
  await openLanes(floor, steps);
  if (options.until === "idle" && isIdle(floor, steps)) return false;
  await bell.rung(waitMs(floor, steps));
  return true;
}

async function endWhatIsOver({ worker }: Floor, steps: readonly OpenStep[]): Promise<boolean> {
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

function isReady(step: OpenStep): boolean {
  if (step.ended || !step.free || !step.loaded || step.open_chunks === 0) return false;
  return step.run_state === "aborting" || (!step.paused && (step.next_ms ?? Infinity) <= 0);
}

// One lane a step first, then as many as each can use: no step starves another.
async function openLanes(floor: Floor, steps: readonly OpenStep[]): Promise<void> {
  const ready = steps.filter(isReady);
  await closeDesks(floor, steps);
  for (let round = 0, added = true; added; round += 1) {
    added = false;
    for (const step of ready) {
      const desk = await deskOf(floor, step);
      const lanes = lanesOf(floor, step);
      if (!desk || lanes.size > round || lanes.size >= Math.min(desk.lanes, step.open_chunks))
        continue;
      if (lanesInAll(floor) >= MOST_LANES) return;
      openLane(floor, desk, lanes);
      added = true;
    }
  }
}

function lanesInAll(floor: Floor): number {
  return floor.running.values().reduce((sum, lanes) => sum + lanes.size, 0);
}

function keyOf(step: OpenStep): string {
  return `${step.id}/${step.step}`;
}

function lanesOf(floor: Floor, step: OpenStep): Set<Promise<void>> {
  const known = floor.running.get(keyOf(step));
  if (known) return known;
  const lanes = new Set<Promise<void>>();
  floor.running.set(keyOf(step), lanes);
  return lanes;
}

function openLane(floor: Floor, desk: Desk, lanes: Set<Promise<void>>): void {
  const lane = runLane(floor.worker, desk)
    .then((chunks) => {
      lanes.delete(lane);
      if (chunks > 0) floor.bell.ring();
    })
    .catch((error: unknown) => fail(floor, error));
  lanes.add(lane);
}

function fail(floor: Floor, error: unknown): void {
  floor.failed.push(error);
  for (const lane of floor.worker.lanes) lane.halt();
  floor.bell.ring();
}

const LONGEST_RETRY_MS = 30_000;

async function deskOf(floor: Floor, step: OpenStep): Promise<Desk | undefined> {
  if (!floor.worker.handlers.has(step.kind)) return undefined;
  const known = floor.desks.get(keyOf(step));
  if (known?.desk || (known && known.again > performance.now())) return known.desk;
  const desk = await openDesk(floor.worker, step);
  const tries = (known?.tries ?? 0) + 1;
  const again =
    performance.now() +
    Math.min(floor.worker.timing.retry.baseMs * 2 ** Math.min(tries, 20), LONGEST_RETRY_MS);
  floor.desks.set(keyOf(step), { desk, again, tries });
  return desk;
}

async function closeDesks(floor: Floor, steps: readonly OpenStep[]): Promise<void> {
  const open = new Set(steps.filter((step) => !step.ended && !step.paused).map(keyOf));
  for (const [key, { desk }] of floor.desks) {
    if (open.has(key) || (floor.running.get(key)?.size ?? 0) > 0) continue;
    floor.desks.delete(key);
    floor.running.delete(key);
    await desk?.prepared[Symbol.asyncDispose]();
  }
}

// Nothing is left that time and this worker's handlers could bring to an end.
function isIdle(floor: Floor, steps: readonly OpenStep[]): boolean {
  return lanesInAll(floor) === 0 && !steps.some((step) => !step.ended && step.hopeful);
}

function waitMs({ worker }: Floor, steps: readonly OpenStep[]): number {
  const due = steps.filter(
    (step) => !step.ended && step.free && !step.paused && (step.next_ms ?? 0) > 0,
  );
  return Math.min(worker.timing.pollMs, ...due.map((step) => Math.max(step.next_ms ?? 0, 5)));
}
