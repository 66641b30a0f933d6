import type { Clock } from "../../src/core/clock.ts";

/** Stands still until it is set or moved. Sleeping moves it, and lets others run meanwhile. */
export type TestClock = Clock & { set(at: string | Date): void; advance(ms: number): void };

export function testClock(at = "2026-01-05T09:00:00Z"): TestClock {
  let now = new Date(at).getTime();
  return {
    now: () => new Date(now),
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      now += ms;
      await new Promise((resolve) => setImmediate(resolve));
      signal?.throwIfAborted();
    },
    set: (to) => (now = new Date(to).getTime()),
    advance: (ms) => (now += ms),
  };
}
