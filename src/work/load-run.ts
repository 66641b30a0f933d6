// A run of many tasks, loaded part by part in transactions of their own: a crash costs one part. Nobody sees it before it begins.
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { rowsOf } from "../core/parse.ts";
import type { Scope } from "../core/scope.ts";
import type { Context } from "../db/context.ts";
import type { Tx } from "../db/postgres.ts";
import { write } from "../ledger/write.ts";
import { createRun, type StepInput } from "./create-run.ts";
import { endLoading, inChunks, loadTasks, type LoadInput } from "./load-tasks.ts";

export type StepTasks = Pick<LoadInput, "tasks" | "seal">;

export type LoadRunInput = {
  readonly incident: string;
  readonly plan: string;
  readonly steps: readonly StepInput[];
  /** Digest of all that decides the tasks. */
  readonly inputs: string;
  readonly scope: Scope;
  /** The tasks of a step behind the one with the key `after`, always in the same order; all of them without it. */
  readonly tasksOf: (step: number, after: string | undefined) => Promise<StepTasks>;
};

/** A context whose writes answer nobody's request. */
export type Unrequested = Context & { readonly requestKey?: never };

export type LoadedRun = { readonly run: string; readonly tasks: number };

/** 20,000 tasks, which take half a second, where a chunk has a thousand. */
const CHUNKS_AT_ONCE = 20;

/**
 * Loads the run, or goes on with what a crash left of one of the same plan and inputs; `beginRun` follows. What was loaded from other
 * inputs is dropped. One caller a plan at a time, without a request key: how many writes it takes depends on what was left.
 */
export async function loadRun(ctx: Unrequested, input: LoadRunInput): Promise<LoadedRun> {
  const run = await openLoading(ctx, input);
  let tasks = 0;
  for (const step of await stepsOf(ctx, input.scope, run)) {
    tasks += step.loaded ? step.tasks : await loadStep(ctx, input, { run, step });
    ctx.progress({
      what: "write down the work",
      done: step.step + 1,
      of: input.steps.length,
      unit: "steps",
    });
  }
  return { run, tasks };
}

/** Inside the caller's `write`: workers find the run when the transaction has committed. */
export async function beginRun(tx: Tx, run: string): Promise<void> {
  const rows = await tx`
    update work_runs set state = 'running', started_at = clock_timestamp(), inputs = null
    where run = ${run} and state = 'loading' returning 1`;
  if (rows.length === 0) throw new Error(`run ${run} is not loading`);
}

export type Loading = { readonly plan: string } | { readonly incident: string };

/** Drops what was loaded of runs that never began, sealed values included. */
export async function dropLoading(tx: Tx, which: Loading): Promise<void> {
  const rows = await tx<{ id: number }[]>`
    select id from work_runs where state = 'loading' and ${
      "plan" in which ? tx`plan = ${which.plan}` : tx`incident = ${which.incident}`
    } for update`;
  for (const { id } of rows) {
    await tx`delete from work_sealed where run = ${id}`;
    await tx`delete from work_tasks where run = ${id}`;
    await tx`delete from work_chunks where run = ${id}`;
    await tx`delete from work_steps where run = ${id}`;
    await tx`delete from work_runs where id = ${id}`;
  }
}

async function openLoading(ctx: Context, input: LoadRunInput): Promise<string> {
  const { incident, plan, steps, inputs } = input;
  const [left] = await ctx.db.read<{ run: string; inputs: string }[]>`
    select run, inputs from work_runs where plan = ${plan} and state = 'loading'`;
  if (left?.inputs === inputs) return left.run;
  return await write<string>(ctx, input.scope, async (tx) => {
    await dropLoading(tx, { plan });
    const run = randomUUID();
    await createRun(tx, { run, incident, plan, steps, inputs });
    return { result: run, entry: [] };
  });
}

const Step = z.object({
  step: z.int(),
  tasks: z.int(),
  loaded: z.boolean(),
  chunk_size: z.int(),
  /** The key of the last task. */
  last: z.string().nullable(),
});
type Step = z.output<typeof Step>;

// Locked for a moment: a process that died may still have a part on its way.
async function stepsOf(ctx: Context, scope: Scope, run: string): Promise<Step[]> {
  return await write<Step[]>(ctx, scope, async (tx) => {
    const rows = await tx`
    select s.step, s.tasks, s.loaded, s.chunk_size,
      (select key from work_tasks t where t.run = s.run and t.step = s.step and t.n = s.tasks) as last
    from work_runs r join work_steps s on s.run = r.id where r.run = ${run} order by s.step for update of s`;
    return { result: rowsOf(Step, rows), entry: [] };
  });
}

type OneStep = { readonly run: string; readonly step: Step };

async function loadStep(
  ctx: Context,
  { scope, tasksOf }: LoadRunInput,
  { run, step }: OneStep,
): Promise<number> {
  let count = step.tasks;
  const { tasks, seal } = await tasksOf(step.step, step.last ?? undefined);
  for await (const part of inChunks(tasks, CHUNKS_AT_ONCE * step.chunk_size)) {
    count = await loadPart(ctx, scope, {
      run,
      step: step.step,
      tasks: [part],
      before: count,
      ...(seal ? { seal } : {}),
    });
  }
  await write(ctx, scope, async (tx) => {
    await endLoading(tx, { run, step: step.step });
    return { result: undefined, entry: [] };
  });
  return count;
}

async function loadPart(ctx: Context, scope: Scope, part: LoadInput): Promise<number> {
  return await write<number>(ctx, scope, async (tx) => ({
    result: await loadTasks(tx, part),
    entry: [],
  }));
}
