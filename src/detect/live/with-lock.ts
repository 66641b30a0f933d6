import type { Context } from "../../db/context.ts";

/** Returns at once where another process looks. `alive` throws once the session, and the lock with it, is gone. */
export async function withLock(
  ctx: Context,
  { name }: { readonly name: string },
  work: (alive: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const session = await ctx.db.read.reserve();
  try {
    const [row] = await session<{ taken: boolean }[]>`
      select pg_try_advisory_lock(hashtextextended(${name}, 0)) as taken`;
    if (!row?.taken) return;
    try {
      await work(async () => {
        await session`select 1`;
      });
    } finally {
      await session`select pg_advisory_unlock(hashtextextended(${name}, 0))`;
    }
  } finally {
    session.release();
  }
}
