import { setTimeout as delay } from "node:timers/promises";
import { TocsinError } from "../../core/errors.ts";
import type { Worker } from "./worker.ts";

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

const CUT = new Set([
  "CONNECTION_CLOSED",
  "CONNECTION_DESTROYED",
  "CONNECT_TIMEOUT",
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ENOENT", // the socket of a server that is down
]);

/** What ails the store, where waiting can heal it: by SQLSTATE (Postgres, appendix A) or the connection's own error code. */
export function storeTrouble(error: unknown): string | undefined {
  if (error instanceof TocsinError) return error.retryable ? error.message : undefined;
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (typeof code !== "string") return undefined;
  if (code === "53100")
    return "the disk of the database is full: make room, work goes on by itself";
  if (code.startsWith("53")) return "the database is short of something (connections or memory)";
  if (CUT.has(code) || code.startsWith("08") || code.startsWith("57P"))
    return "the database does not answer";
  if (code === "40001" || code === "40P01" || code === "55P03")
    return "another transaction was in the way";
  if (code === "58030" || code === "58P01") return "the database cannot read or write its files";
  return undefined;
}
