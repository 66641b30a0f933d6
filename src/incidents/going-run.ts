import type { Context } from "../db/context.ts";
import { runs } from "./runs.ts";

/** A run of the incident that is under way. One that only watches what customers or vendors do is not. */
export async function goingRun(
  ctx: Context,
  incident: string,
): Promise<{ number: number; state: string } | undefined> {
  const all = await runs(ctx, { incident });
  const going = all.find((run) => ["running", "paused", "aborting"].includes(run.progress.state));
  return going && { number: going.number, state: going.progress.state };
}
