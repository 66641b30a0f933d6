import { setTimeout as delay } from "node:timers/promises";
import { TocsinError } from "../../core/errors.ts";
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

const NO_ANSWER = "the database does not answer";
const IN_THE_WAY = "another transaction was in the way";
const UNREADABLE = "the database cannot read or write its files";

// By SQLSTATE (Postgres, appendix A), its class, or the connection's own code.
const TROUBLES: Readonly<Record<string, string>> = {
  "53100": "the disk of the database is full: make room, and work goes on by itself",
  "53": "the database is short of connections or memory",
  "08": NO_ANSWER,
  "57": NO_ANSWER, // operator intervention: shut down, terminated
  "40": IN_THE_WAY,
  "55P03": IN_THE_WAY,
  "58": UNREADABLE,
  CONNECTION_CLOSED: NO_ANSWER,
  CONNECTION_DESTROYED: NO_ANSWER,
  CONNECT_TIMEOUT: NO_ANSWER,
  ECONNREFUSED: NO_ANSWER,
  ECONNRESET: NO_ANSWER,
  EPIPE: NO_ANSWER,
  ENOENT: NO_ANSWER, // the socket of a server that is down
};

/** What ails the store, where waiting can heal it; undefined for a bug. */
export function storeTrouble(error: unknown): string | undefined {
  if (error instanceof TocsinError) return error.retryable ? error.message : undefined;
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (typeof code !== "string") return undefined;
  return TROUBLES[code] ?? TROUBLES[code.slice(0, 2)];
}
