// Runs and handlers for tests of `work`: a far side that is only a function.
import { randomUUID } from "node:crypto";
import type { Json } from "../../src/core/canonical.ts";
import type { Context } from "../../src/db/context.ts";
import { write } from "../../src/ledger/write.ts";
import { createRun, type StepInput } from "../../src/work/create-run.ts";
import type {
  Batch,
  Handler,
  Prepared,
  Reconciled,
  TaskInput,
  TaskOutcome,
  Traits,
} from "../../src/work/handler.ts";
import { loadTasks } from "../../src/work/load-tasks.ts";
import { work, type WorkOptions } from "../../src/work/work.ts";

export type TestStep = Partial<StepInput> & {
  /** How many tasks, with the keys `k1`, `k2` …, or the tasks themselves. */
  readonly tasks: number | readonly TaskInput[];
  readonly seal?: (tasks: readonly TaskInput[]) => Promise<Uint8Array>;
};

/** A run of these steps; by default each waits for none and is done by the handler `test`. Answers its id. */
export async function testRun(ctx: Context, ...steps: readonly TestStep[]): Promise<string> {
  const run = randomUUID();
  await write(ctx, "plans:apply", async (tx) => {
    await createRun(tx, {
      run,
      incident: "test-incident",
      plan: "digest",
      steps: steps.map(stepOf),
    });
    for (const [step, { tasks, seal }] of steps.entries()) {
      const list = typeof tasks === "number" ? testTasks(tasks) : [tasks];
      await loadTasks(tx, { run, step, tasks: list, ...(seal ? { seal } : {}) });
    }
    return {
      result: undefined,
      entry: { kind: "plan.applied", incident: "test-incident", body: { run } },
    };
  });
  return run;
}

function stepOf({ tasks: _tasks, seal: _seal, ...own }: TestStep, step: number): StepInput {
  return { name: `step ${step}`, kind: "test", settings: {}, after: [], chunkSize: 10, ...own };
}

function* testTasks(count: number): Generator<TaskInput[]> {
  for (let from = 1; from <= count; from += 1_000) {
    yield Array.from({ length: Math.min(1_000, count - from + 1) }, (_, n) => ({
      key: `k${from + n}`,
      payload: { n: from + n },
    }));
  }
}

export type TestHandler = {
  readonly kind?: string;
  readonly traits?: Partial<Traits>;
  readonly act: (batch: Batch) => Promise<readonly TaskOutcome[]> | readonly TaskOutcome[];
  readonly verify?: (batch: Batch) => readonly TaskOutcome[];
  readonly reconcile?: (batch: Batch) => readonly Reconciled[];
  readonly prepare?: (ctx: Context, settings: Json) => Promise<void> | void;
};

export function testHandler({
  kind = "test",
  traits,
  act,
  verify,
  reconcile,
  prepare,
}: TestHandler): Handler {
  return {
    kind,
    prepare: async (ctx, settings): Promise<Prepared> => {
      await prepare?.(ctx, settings);
      return {
        traits: { idempotent: true, batch: 10, concurrency: 2, ...traits },
        act: async (batch) => await act(batch),
        ...(verify ? { verify: async (batch: Batch) => verify(batch) } : {}),
        ...(reconcile ? { reconcile: async (batch: Batch) => reconcile(batch) } : {}),
        [Symbol.asyncDispose]: async () => {},
      };
    },
  };
}

export function allDone(batch: Batch): TaskOutcome[] {
  return batch.tasks.map(() => ({ state: "done" }));
}

/** Timings of a test: everything that takes seconds takes tens of milliseconds. */
export const QUICK = {
  leaseMs: 600,
  pollMs: 50,
  retry: { baseMs: 10, mostMs: 40 },
  waiting: { baseMs: 30, mostMs: 60 },
  breaker: { failures: 3, baseMs: 80, mostMs: 160 },
} as const;

export function keysOf(batch: Batch): string[] {
  return batch.tasks.map((task) => task.key);
}

/** Looks every 10 ms until it is so; fails after ten seconds. */
export async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  for (const end = performance.now() + 10_000; performance.now() < end;) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`not so within ten seconds: ${holds.toString()}`);
}

/** A worker that drains when the test leaves, also by a failure. */
export function testWorker(
  ctx: Context,
  handlers: readonly Handler[],
  options: WorkOptions = {},
): AsyncDisposable {
  const stop = new AbortController();
  const working = work(ctx, handlers, { ...QUICK, ...options, signal: stop.signal });
  working.catch(() => {}); // told when the test leaves
  return {
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await working;
    },
  };
}
