import { setTimeout as delay } from "node:timers/promises";
import type { Lane } from "./lane.ts";
import { LeaseLost, record } from "../store/record.ts";
import type { Settled } from "./settle.ts";
import { untilStored } from "../store/until-stored.ts";
import type { Worker } from "./worker.ts";

const MOST_AT_ONCE = 5_000;

/** Gathers what was settled and records it in batches, one at a time, while the work goes on. */
export type Recorder = {
  add(settled: readonly Settled[]): void;
  /** Resolves when fewer than `most` are not recorded yet: handing over must not run ahead of the store. */
  caughtUp(): Promise<void>;
  /** Resolves when all that was added is recorded. @throws LeaseLost, or what the record threw */
  flush(): Promise<void>;
};

export type RecorderInput = {
  readonly worker: Worker;
  readonly lane: Lane;
  /** How long an outcome may stay in memory alone. */
  readonly withinMs: number;
  readonly atOnce: number;
  /** Outcomes that may stay in memory alone. */
  readonly most: number;
};

export function openRecorder(input: RecorderInput): Recorder {
  let pending: Settled[] = [];
  let running: Promise<void> | undefined;
  let failed: unknown;
  let hurry = new AbortController();
  let flushing = false;
  let unrecorded = 0;
  let stored = Promise.withResolvers<void>();

  async function drain(): Promise<void> {
    while (pending.length > 0 && failed === undefined) {
      if (pending.length < input.atOnce && !flushing) {
        hurry = new AbortController();
        await delay(input.withinMs, undefined, { signal: hurry.signal }).catch(() => {});
      }
      const batch = pending.splice(0, MOST_AT_ONCE);
      try {
        await store(input, batch);
      } catch (error) {
        failed = error;
        input.lane.halt();
      }
      unrecorded -= batch.length;
      stored.resolve();
      stored = Promise.withResolvers();
    }
    running = undefined;
  }

  const isBehind = (): boolean => unrecorded >= input.most && failed === undefined;

  return {
    add(settled) {
      if (settled.length === 0) return;
      pending.push(...settled);
      unrecorded += settled.length;
      if (pending.length >= input.atOnce) hurry.abort();
      running ??= drain();
    },
    async caughtUp() {
      while (isBehind()) await stored.promise;
    },
    async flush() {
      flushing = true;
      hurry.abort();
      await running;
      flushing = false;
      if (failed !== undefined) throw failed;
    },
  };
}

async function store({ worker, lane }: RecorderInput, settled: readonly Settled[]): Promise<void> {
  const sentAt = performance.now();
  let tries = 0;
  const now = await untilStored(worker, "recording outcomes", async () => {
    tries += 1;
    try {
      return await record(worker.ctx, {
        chunk: lane.chunk,
        settled,
        leaseMs: worker.timing.leaseMs,
        scope: "work:run",
        repeated: tries > 1,
      });
    } catch (error) {
      throw isTwice(error) ? new LeaseLost("an outcome is recorded already") : error;
    }
  });
  lane.renewed(sentAt);
  if (!now.goOn) lane.halt();
}

// 23505, unique_violation: whoever took the chunk over has recorded the outcome.
function isTwice(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "23505";
}
