import { z } from "zod";
import { Name } from "../config/words.ts";
import { TocsinError } from "../core/errors.ts";
import { parse } from "../core/parse.ts";
import type { Context } from "../db/context.ts";
import { write } from "../ledger/write.ts";
import { lockIncident } from "./decide.ts";
import { runs } from "./runs.ts";

export const CloseIncidentInput = z.strictObject({ incident: Name, because: z.string().min(1) });

export type ClosedIncident = { incident: string; state: "closed" };

/**
 * Ends an incident. Customers may still have things to do (a run that only watches keeps watching no longer).
 * @throws TocsinError `refused` where a run is not over, `conflict` where it is closed or refuted already
 */
export async function closeIncident(
  ctx: Context,
  input: z.input<typeof CloseIncidentInput>,
): Promise<ClosedIncident> {
  const { incident, because } = parse(CloseIncidentInput, input);
  const going = (await runs(ctx, { incident })).find((run) =>
    ["running", "paused", "aborting"].includes(run.progress.state),
  );
  if (going)
    throw new TocsinError(
      "refused",
      `run ${going.number} is ${going.progress.state}: let it end, or abort it`,
    );
  return await write(ctx, "incidents:decide", async (tx) => {
    const state = await lockIncident(tx, incident);
    if (state === "closed" || state === "refuted")
      throw new TocsinError("conflict", `${incident} is ${state} already`);
    await tx`update incidents set state = 'closed', closed_at = ${ctx.clock.now()} where name = ${incident}`;
    return {
      result: { incident, state: "closed" as const },
      entry: { kind: "incident.closed", incident, body: { from: state, because } },
    };
  });
}
