import { TocsinError } from "../../core/errors.ts";
import type { Prepared, Reconciled } from "../handler.ts";
import type { OpenTask } from "../store/chunk-tasks.ts";
import { pauseStep } from "./pause-step.ts";
import type { Settled } from "./settle.ts";
import { batchOf, note, type Pass } from "./pass.ts";

/**
 * Asks what became of tasks that a crash left begun: taken is done, not taken goes again, and what nobody can tell is *unknown*,
 * never sent a second time. Answers false where the question itself failed: then they stay begun.
 */
export async function reconcileBegun(pass: Pass, begun: readonly OpenTask[]): Promise<boolean> {
  if (begun.length === 0) return true;
  for (const task of begun) {
    pass.unanswered.add(task.n);
    pass.marked.add(task.n);
  }
  const answers = await asked(pass, begun);
  if (answers === undefined) return false;
  const settled: Settled[] = [];
  for (const [place, task] of begun.entries()) {
    const answer = answers[place] ?? "unknown";
    pass.unanswered.delete(task.n);
    if (answer === "not-taken") pass.queue.push(task);
    else if (answer === "taken")
      settled.push({ task, ended: { state: "done", reason: "reconciled" } });
    else settled.push({ task, ended: { state: "unknown", reason: "crash" } });
  }
  note(pass, settled);
  return true;
}

async function asked(
  pass: Pass,
  begun: readonly OpenTask[],
): Promise<readonly Reconciled[] | undefined> {
  const { worker, desk } = pass;
  try {
    return await answersOf(desk.prepared, pass, begun);
  } catch (error) {
    if (error instanceof TocsinError && error.retryable) return undefined;
    pass.lane.halt();
    await pauseStep(worker, desk.step, error);
    return undefined;
  }
}

async function answersOf(
  prepared: Prepared,
  pass: Pass,
  begun: readonly OpenTask[],
): Promise<readonly Reconciled[]> {
  if (!prepared.reconcile) return begun.map(() => "unknown");
  const answers = await prepared.reconcile(batchOf(pass, begun));
  if (answers.length === begun.length) return answers;
  throw new RangeError(`${answers.length} answers for ${begun.length} tasks`);
}
