import { setTimeout as delay } from "node:timers/promises";

/** Wakes the loop before its next poll: rung by lanes that ended and by the signal to stop. */
export type Bell = {
  ring(): void;
  /** Forgets the rings until now: what they told is about to be looked at. */
  hush(): void;
  /** Resolves when rung since the last hush, or after `ms`. */
  rung(ms: number): Promise<void>;
};

export function openBell(): Bell {
  let woken = new AbortController();
  return {
    ring: () => woken.abort(),
    hush: () => {
      if (woken.signal.aborted) woken = new AbortController();
    },
    rung: async (ms) => {
      await delay(ms, undefined, { signal: woken.signal }).catch(() => {});
    },
  };
}
