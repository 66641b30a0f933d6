// What no request asks for: the ledger's sequence, its checkpoints, and letters to vendors that are due.
import { chaseVendors } from "../contain/chase-vendors.ts";
import { TocsinError } from "../core/errors.ts";
import type { Context } from "../db/context.ts";
import { checkpointLedger } from "../ledger/checkpoint-ledger.ts";
import { sequenceLedger } from "../ledger/sequence-ledger.ts";

import { sendToVendor } from "./handlers.ts";

const SEQUENCE_EVERY_MS = 1_000;
const CHECKPOINT_EVERY_MS = 60_000;

/** What a command that runs alone leaves in order: its entries have their place, and a signed checkpoint says so. */
export async function tidyLedger(ctx: Context): Promise<void> {
  if ((await sequenceLedger(ctx)).placed > 0) await checkpointLedger(ctx);
}

/** Runs until the signal. A store that fails is tried again at the next turn; a bug ends the process. */
export async function housekeeping(ctx: Context): Promise<void> {
  for (let checkpointed = 0; !ctx.signal.aborted;) {
    try {
      await sequenceLedger(ctx);
      await chaseVendors(ctx, { send: sendToVendor(ctx) });
      const now = ctx.clock.now().getTime();
      if (now - checkpointed >= CHECKPOINT_EVERY_MS) {
        await checkpointLedger(ctx);
        checkpointed = now;
      }
    } catch (error) {
      if (!(error instanceof TocsinError && error.retryable)) throw error;
      ctx.log.warn({ err: error }, "the ledger waits for its store");
    }
    await ctx.clock.sleep(SEQUENCE_EVERY_MS, ctx.signal).catch(() => undefined);
  }
}
