import { TocsinError } from "../core/errors.ts";
import type { Context } from "../db/context.ts";

/** One scoping of one piece of evidence at a time, over all processes. The lock is the session's: a crash frees it. */
export async function withScopingLock<Result>(
  ctx: Context,
  { incident, key }: { incident: string; key: string },
  work: () => Promise<Result>,
): Promise<Result> {
  const session = await ctx.db.read.reserve();
  const name = `scope/${incident}/${key}`;
  try {
    const [row] = await session<{ taken: boolean }[]>`select pg_try_advisory_lock(hashtextextended(${name}, 0)) as taken`;
    if (!row?.taken) throw new TocsinError("conflict", `evidence ${key} of ${incident} is being scoped already: wait for it`);
    try {
      return await work();
    } finally {
      await session`select pg_advisory_unlock(hashtextextended(${name}, 0))`;
    }
  } finally {
    session.release();
  }
}
