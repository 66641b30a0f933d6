import { TocsinError } from "../core/errors.ts";
import type { Postgres } from "./postgres.ts";

/**
 * Runs `work` while nobody else, in any process, holds the lock of that name. It is a Postgres session's: a crash frees it.
 * @param busy what to say where somebody else holds it, lower case: `a plan is being made already`
 * @throws TocsinError `conflict`, retryable, where somebody else holds it
 */
export async function withSessionLock<Result>(
  db: Postgres,
  { name, busy }: { name: string; busy: string },
  work: () => Promise<Result>,
): Promise<Result> {
  const session = await db.read.reserve();
  try {
    const [row] = await session<{ taken: boolean }[]>`
      select pg_try_advisory_lock(hashtextextended(${name}, 0)) as taken`;
    if (!row?.taken) {
      throw new TocsinError("conflict", `${busy}: wait for it`, { retryable: true });
    }
    try {
      return await work();
    } finally {
      await session`select pg_advisory_unlock(hashtextextended(${name}, 0))`;
    }
  } finally {
    session.release();
  }
}
