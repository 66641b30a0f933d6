import { TocsinError } from "../../core/errors.ts";
import type { Context } from "../../db/context.ts";

/** One reading of one source at a time, over all processes. The lock is the session's: a crash frees it. */
export async function sourceLock(ctx: Context, source: string): Promise<AsyncDisposable> {
  const session = await ctx.db.read.reserve();
  const name = `log/${source}`;
  try {
    const [row] = await session<
      { taken: boolean }[]
    >`select pg_try_advisory_lock(hashtextextended(${name}, 0)) as taken`;
    if (!row?.taken)
      throw new TocsinError("conflict", `${source} is being read already: wait for it`);
  } catch (error) {
    session.release();
    throw error;
  }
  const unlock = async (): Promise<void> => {
    await session`select pg_advisory_unlock(hashtextextended(${name}, 0))`.finally(() =>
      session.release(),
    );
  };
  return { [Symbol.asyncDispose]: unlock };
}
