import { TocsinError } from "../core/errors.ts";
import { parse } from "../core/parse.ts";
import type { Context } from "../db/context.ts";
import { write } from "../ledger/write.ts";
import { controlBody, lockRun, RunControl } from "./run-control.ts";

/**
 * Lets a paused run go on, and steps of it that paused by themselves. What was handed over when they did is asked about first.
 * @throws TocsinError `conflict` where nothing of it is paused
 */
export async function resumeRun(ctx: Context, input: RunControl): Promise<void> {
  const asked = parse(RunControl, input);
  await write(ctx, "runs:control", async (tx) => {
    const { id, incident, state } = await lockRun(tx, asked.run);
    const open = ["running", "paused", "watching"].includes(state);
    const steps = open
      ? await tx`update work_steps set paused_because = null where run = ${id} and paused_because is not null returning step`
      : [];
    if (state !== "paused" && steps.length === 0) {
      throw new TocsinError("conflict", `run ${asked.run} is ${state}: nothing of it is paused`);
    }
    await tx`update work_runs set state = 'running' where id = ${id} and state = 'paused'`;
    return {
      result: undefined,
      entry: { kind: "work.run-resumed", incident, body: controlBody(asked) },
    };
  });
}
