import { z } from "zod";
import { Name } from "../config/words.ts";
import { TocsinError } from "../core/errors.ts";
import { parse } from "../core/parse.ts";
import type { Context } from "../db/context.ts";
import { write } from "../ledger/write.ts";
import { dropLoading } from "../work/load-run.ts";
import { lockIncident } from "./decide.ts";
import { goingRun } from "./going-run.ts";

export const CloseIncidentInput = z.strictObject({ incident: Name, because: z.string().min(1) });

export type ClosedIncident = { incident: string; state: "closed" };

/**
 * Ends an incident. A run that only watches what customers have yet to do is no obstacle, and goes on watching.
 * @throws TocsinError `refused` where a run is not over, `conflict` where it is closed or refuted already
 */
export async function closeIncident(
  ctx: Context,
  input: z.input<typeof CloseIncidentInput>,
): Promise<ClosedIncident> {
  const { incident, because } = parse(CloseIncidentInput, input);
  return await write(ctx, "incidents:decide", async (tx) => {
    const state = await lockIncident(tx, incident);
    if (state === "closed" || state === "refuted")
      throw new TocsinError("conflict", `${incident} is ${state} already`);
    const going = await goingRun(ctx, incident); // behind the lock: apply takes it before it makes a run
    if (going)
      throw new TocsinError(
        "refused",
        `run ${going.number} is ${going.state}: let it end, or abort it`,
      );
    await dropLoading(tx, { incident });
    await tx`update incidents set state = 'closed', closed_at = ${ctx.clock.now()} where name = ${incident}`;
    return {
      result: { incident, state: "closed" as const },
      entry: { kind: "incident.closed", incident, body: { from: state, because } },
    };
  });
}
