import { z } from "zod";
import { TocsinError } from "../core/errors.ts";
import type { Context } from "./context.ts";

const LOOK_EVERY_MS = 100;
const QUIET_WITHIN_MS = 60_000;

/**
 * Waits until ClickHouse runs no statement that names `name`. A given ClickHouse goes on with what a killed process asked of it, and
 * may write behind whoever takes up the work.
 * @throws TocsinError `unavailable`, retryable, after a minute
 */
export async function untilQuiet(ctx: Context, name: string): Promise<void> {
  const click = await ctx.click();
  for (let waited = 0; waited < QUIET_WITHIN_MS; waited += LOOK_EVERY_MS) {
    const [row] = await click.query(
      z.object({ running: z.number() }),
      `select count() as running from system.processes
       where position(query, {name:String}) > 0 and position(query, 'system.processes') = 0`,
      { name },
    );
    if (row?.running === 0) return;
    await ctx.clock.sleep(LOOK_EVERY_MS, ctx.signal);
  }
  throw new TocsinError(
    "unavailable",
    "clickhouse is still busy with what a process that ended asked of it: try again",
    { retryable: true },
  );
}
