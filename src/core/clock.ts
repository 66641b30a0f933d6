/** Passed in, never global: drills speed it up and tests stop it. */
export type Clock = {
  now(): Date;
  /** Resolves after `ms`, or rejects with the signal's reason. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
};

import { setTimeout as delay } from "node:timers/promises";

export const systemClock: Clock = {
  now: () => new Date(),
  sleep: async (ms, signal) => {
    await delay(ms, undefined, signal ? { signal } : {});
  },
};
