import { sha256 } from "../core/digest.ts";
import { TocsinError } from "../core/errors.ts";
import type { Context } from "../db/context.ts";

/**
 * One refresh at a time, of whatever registry and whoever runs it: their numbers are never the same then. A lock of a Postgres
 * session, which ends with its process.
 * @throws TocsinError `conflict` where another one runs
 */
export async function withRegistryLock<Result>(
  ctx: Context,
  registry: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const key = sha256("registry refresh").readBigInt64BE(0).toString();
  const session = await ctx.db.read.reserve();
  try {
    const [row] = await session`select pg_try_advisory_lock(${key}::bigint) as held`;
    if (row?.["held"] !== true) {
      throw new TocsinError(
        "conflict",
        `a registry is being refreshed already, so ${registry} is not: wait for it`,
        { retryable: true },
      );
    }
    try {
      return await work();
    } finally {
      await session`select pg_advisory_unlock(${key}::bigint)`;
    }
  } finally {
    session.release();
  }
}
