import type { Context } from "../db/context.ts";
import type { Handler, Prepared, TaskOutcome } from "../work/handler.ts";
import { holdsOf } from "./decisions.ts";

/** A hold reaches a run that is under way within this time, and lets go of it as fast. */
const LOOK_EVERY_MS = 1_000;
const ASK_AGAIN_MS = 15_000;

/** Work that a hold stops: while one stands, nothing of it is handed over, and its tasks wait. */
export function heldBack(handler: Handler): Handler {
  return {
    kind: handler.kind,
    prepare: async (ctx, settings, step) => {
      const prepared = await handler.prepare(ctx, settings, step);
      const onHold = holdWatch(ctx, step.incident);
      return {
        traits: prepared.traits,
        act: async (batch) =>
          (await onHold()) ? batch.tasks.map(waits) : await prepared.act(batch),
        ...askedBack(prepared),
        [Symbol.asyncDispose]: async () => await prepared[Symbol.asyncDispose](),
      };
    },
  };
}

function askedBack(prepared: Prepared): Pick<Prepared, "verify" | "reconcile"> {
  return {
    ...(prepared.verify ? { verify: async (batch) => (await prepared.verify?.(batch)) ?? [] } : {}),
    ...(prepared.reconcile
      ? { reconcile: async (batch) => (await prepared.reconcile?.(batch)) ?? [] }
      : {}),
  };
}

function waits(): TaskOutcome {
  return { waiting: true, reason: "hold", afterMs: ASK_AGAIN_MS };
}

function holdWatch(ctx: Context, incident: string): () => Promise<boolean> {
  let at = Number.NEGATIVE_INFINITY;
  let last = Promise.resolve(false);
  return async () => {
    const now = ctx.clock.now().getTime();
    if (now - at >= LOOK_EVERY_MS) {
      at = now;
      last = holdsOf(ctx, incident).then((holds) => holds.length > 0);
      last.catch(() => (at = Number.NEGATIVE_INFINITY)); // whoever waits is told
    }
    return await last;
  };
}
