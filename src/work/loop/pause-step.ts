import { TocsinError } from "../../core/errors.ts";
import { write } from "../../ledger/write.ts";
import { untilStored } from "../store/until-stored.ts";
import type { Worker } from "./worker.ts";

export type StepToPause = {
  readonly id: number;
  readonly run: string;
  readonly incident: string;
  readonly step: number;
  readonly kind: string;
};

/** A bug, or something that only a person can put right, stops the step and not its targets. `resumeRun` lets it go on. */
export async function pauseStep(worker: Worker, step: StepToPause, error: unknown): Promise<void> {
  const because = reasonOf(step, error);
  worker.ctx.log.error({ run: step.run, step: step.step, because }, "a step pauses");
  worker.ctx.log.debug({ err: error }, "why it pauses");
  await untilStored(worker, "pausing a step", () =>
    write(worker.ctx, "work:run", async (tx) => {
      const rows = await tx`
        update work_steps set paused_because = ${because}
        where run = ${step.id} and step = ${step.step} and paused_because is null and ended_at is null returning 1`;
      const body = { run: step.run, step: step.step, because };
      const entry =
        rows.length > 0 ? { kind: "work.step-paused", incident: step.incident, body } : [];
      return { result: undefined, entry };
    }),
  );
}

// A bug's own message may quote a target; the place in the program tells as much.
function reasonOf(step: StepToPause, error: unknown): string {
  if (error instanceof TocsinError) return `${error.code}: ${error.message}`;
  if (!(error instanceof Error)) return `a bug in ${step.kind}`;
  const code = "code" in error && typeof error.code === "string" ? ` ${error.code}` : "";
  const at = /[^\s(/]+\.ts:\d+/.exec(error.stack ?? "")?.[0];
  return `a bug in ${step.kind}: ${error.name}${code}${at === undefined ? "" : ` at ${at}`}`;
}
