// A run is one apply of one plan: steps in an order, each with its tasks. It starts when its transaction commits.
import type { Json } from "../core/canonical.ts";
import { TocsinError } from "../core/errors.ts";
import type { Tx } from "../db/postgres.ts";

export type StepInput = {
  readonly name: string;
  /** The handler's kind. */
  readonly kind: string;
  readonly settings: Json;
  /** Places in `steps`, from 0, of those that must have ended before this one begins. */
  readonly after: readonly number[];
  /** Tasks that one worker leases at once, 1 to 10,000. About 1,000; a multiple of the handler's batch. */
  readonly chunkSize: number;
  /** Only somebody else can do it: it is polled, and does not keep the run open. */
  readonly watching?: boolean;
};

export type RunInput = {
  readonly run: string;
  readonly incident: string;
  readonly plan: string;
  readonly steps: readonly StepInput[];
  /** Given for a run that `loadRun` loads: no worker finds it before `beginRun`. */
  readonly inputs?: string;
};

/**
 * Inside the caller's `write`, followed by one `loadTasks` for each step: a step that was not loaded never begins. Workers
 * find it when the transaction has committed.
 * @throws TocsinError `invalid` where a step waits for itself or for a later one
 */
export async function createRun(tx: Tx, input: RunInput): Promise<void> {
  input.steps.forEach((step, place) => {
    if (step.after.every((other) => Number.isInteger(other) && other >= 0 && other < place)) return;
    throw new TocsinError(
      "invalid",
      `step ${place} of run ${input.run} may wait for earlier steps only`,
    );
  });
  await tx`
    with made as (
      insert into work_runs (run, incident, plan, inputs, state)
      values (${input.run}, ${input.incident}, ${input.plan}, ${input.inputs ?? null}, ${input.inputs === undefined ? "running" : "loading"})
      returning id
    )
    insert into work_steps (run, step, name, kind, settings, after, chunk_size, watching)
    select made.id, s.step, s.name, s.kind, s.settings, s.after, s.chunk_size, s.watching
    from made, jsonb_to_recordset(${tx.json(rowsOf(input.steps))}) as s
      (step smallint, name text, kind text, settings json, after smallint[], chunk_size int, watching boolean)`;
}

function rowsOf(steps: readonly StepInput[]) {
  return steps.map((one, step) => ({
    step,
    name: one.name,
    kind: one.kind,
    settings: one.settings,
    after: [...one.after],
    chunk_size: one.chunkSize,
    watching: one.watching ?? false,
  }));
}
