import { setTimeout as delay } from "node:timers/promises";
import { TocsinError } from "../../core/errors.ts";
import { asStoreFailure } from "../../db/postgres-failure.ts";
import type { Worker } from "../loop/worker.ts";

const LONGEST_PAUSE_MS = 5_000;
const PATIENCE_WHEN_DRAINING_MS = 10_000;

/**
 * Repeats `statement` while the store is away (a restart, a cut connection) or full, and says so once. `statement` must
 * bear repetition, also where its first commit was done and only the answer was lost.
 */
export async function untilStored<Result>(
  worker: Worker,
  what: string,
  statement: () => Promise<Result>,
): Promise<Result> {
  let since: number | undefined;
  for (let pauseMs = 100; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    await worker.fault("before-store", what);
    try {
      const result = await statement();
      await worker.fault("after-store", what);
      if (since !== undefined)
        worker.ctx.log.info({ what }, "the store answers again, work goes on");
      return result;
    } catch (error) {
      const trouble = storeTrouble(error);
      if (trouble === undefined) throw error;
      if (since === undefined)
        worker.ctx.log.warn({ what, trouble }, "work pauses until the store answers");
      since ??= performance.now();
      if (worker.draining.aborted && performance.now() - since > PATIENCE_WHEN_DRAINING_MS) {
        throw new TocsinError(
          "unavailable",
          `${trouble}: what was in flight is taken up by the next worker`,
          { cause: error },
        );
      }
    }
    await delay(pauseMs);
  }
}

// What a write does not count as passing, but for work that only has to wait is: the socket of a server that is down,
// an I/O error of the server's disk (SQLSTATE class 58), a lock that was not to be had.
const ALSO_PASSING = /^(ENOENT|58|55P03)/;

/** What ails the store, where waiting can heal it; undefined for a bug. */
export function storeTrouble(error: unknown): string | undefined {
  const failure = asStoreFailure(error);
  if (failure instanceof TocsinError) {
    // Not `retryable`: that is false for a lost commit, which a statement that bears repetition may ignore.
    return failure.code === "unavailable" ? failure.message : undefined;
  }
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return ALSO_PASSING.test(code) ? `postgres does not answer (${code})` : undefined;
}
