import { setTimeout as delay } from "node:timers/promises";
import type { Context } from "../../db/context.ts";

/** Wakes a worker: rung by the store's notifications and by its own lanes. */
export type Bell = {
  ring(): void;
  /** Forgets the rings until now: what they told is about to be looked at. */
  hush(): void;
  /** Resolves when rung since the last hush, or after `ms`. */
  rung(ms: number): Promise<void>;
  /** Called for each notification of the store. */
  onRing(listener: () => void): void;
};

/** Listens to `tocsin_work` until `ended`. A notification that is lost while the store restarts costs one poll. */
export async function openBell(ctx: Context, ended: AbortSignal): Promise<Bell> {
  let woken = new AbortController();
  const listeners: (() => void)[] = [];
  const ring = (): void => woken.abort();
  const listening = await ctx.db.read
    .listen("tocsin_work", () => {
      ring();
      for (const listener of listeners) listener();
    })
    .catch(() => undefined);
  ended.addEventListener("abort", () => {
    ring();
    listening?.unlisten().catch(() => {});
  });
  return {
    ring,
    hush: () => {
      if (woken.signal.aborted) woken = new AbortController();
    },
    rung: async (ms) => {
      await delay(ms, undefined, { signal: woken.signal }).catch(() => {});
    },
    onRing: (listener) => {
      listeners.push(listener);
    },
  };
}
