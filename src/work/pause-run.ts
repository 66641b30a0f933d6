import { TocsinError } from "../core/errors.ts";
import { parse } from "../core/parse.ts";
import type { Context } from "../db/context.ts";
import { write } from "../ledger/write.ts";
import { controlBody, lockRun, RunControl } from "./run-control.ts";

/**
 * Workers finish and record what they have handed over, and begin nothing more of this run.
 * @throws TocsinError `conflict` unless it is running
 */
export async function pauseRun(ctx: Context, input: RunControl): Promise<void> {
  const asked = parse(RunControl, input);
  await write(ctx, "runs:control", async (tx) => {
    const { id, incident, state } = await lockRun(tx, asked.run);
    if (state !== "running")
      throw new TocsinError("conflict", `run ${asked.run} is ${state}, not running`);
    await tx`update work_runs set state = 'paused' where id = ${id}`;
    return {
      result: undefined,
      entry: { kind: "work.run-paused", incident, body: controlBody(asked) },
    };
  });
}
