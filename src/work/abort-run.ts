import { TocsinError } from "../core/errors.ts";
import { parse } from "../core/parse.ts";
import type { Context } from "../db/context.ts";
import { write } from "../ledger/write.ts";
import { endSteps } from "./store/end-steps.ts";
import { holderName } from "./store/holder.ts";
import { sweepChunk } from "./store/sweep-chunk.ts";
import { lockRun, RunControl, controlBody } from "./run-control.ts";

const LEASE_MS = 30_000;

/**
 * Ends a run for good. What is in flight is finished and recorded by its worker, and what a crash left begun is asked about;
 * every other task gets the outcome *refused*, reason `aborted`. May be repeated while it is *aborting*.
 * @throws TocsinError `conflict` where the run is over
 */
export async function abortRun(ctx: Context, input: RunControl): Promise<void> {
  const asked = parse(RunControl, input);
  const found = await write(ctx, "runs:control", async (tx) => {
    const { id, incident, state } = await lockRun(tx, asked.run);
    if (state === "aborting") return { result: { id, incident }, entry: [] };
    if (state === "aborted" || state === "complete") {
      throw new TocsinError("conflict", `run ${asked.run} is ${state} already`);
    }
    await tx`update work_runs set state = 'aborting' where id = ${id}`;
    return {
      result: { id, incident },
      entry: { kind: "work.run-aborted", incident, body: controlBody(asked) },
    };
  });
  await sweep(ctx, { ...found, run: asked.run });
}

// Without the caller's key: it stands for the abort itself.
async function sweep(
  ctx: Context,
  run: { id: number; incident: string; run: string },
): Promise<void> {
  const { requestKey: _key, ...own } = ctx;
  const holder = holderName();
  const steps = await own.db.read<
    { step: number }[]
  >`select step from work_steps where run = ${run.id} order by step`;
  for (const { step } of steps) {
    const input = {
      step: { ...run, step },
      holder,
      leaseMs: LEASE_MS,
      scope: "runs:control",
    } as const;
    while (await sweepChunk(own, input)) continue;
  }
  await endSteps(own, "runs:control", run.id);
}
