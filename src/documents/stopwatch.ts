import { z } from "zod";
import type { Limits } from "./read-documents.ts";

const Begin = z.object({ begin: z.number(), at: z.string(), bytes: z.number() });

type Busy = {
  readonly number: number;
  readonly at: string;
  readonly mostMs: number;
  /** When it was begun; later by what went into those within it. */
  since: number;
};

export type Stopwatch = {
  /** What the child says. */
  readonly line: (line: string) => void;
  /** The innermost document that was begun and has not ended. */
  readonly busyWith: () => { readonly number: number; readonly at: string } | undefined;
  /** Said where the time ran out. */
  readonly late: () => string | undefined;
  readonly end: () => void;
};

const LOOK_MS = 100;

/** A second a megabyte, and some to begin with, for each document without those within it. */
export function stopwatch({ limits, stop }: { limits: Limits; stop: () => void }): Stopwatch {
  const stack: Busy[] = [];
  let late: string | undefined;
  const timer = setInterval(() => {
    const inner = stack.at(-1);
    if (!inner || late !== undefined || Date.now() < inner.since + inner.mostMs) return;
    late = `reading it took longer than ${Math.round(inner.mostMs / 1_000)} s`;
    stop();
  }, LOOK_MS);
  timer.unref();
  return {
    line(line) {
      const { data } = Begin.safeParse(JSON.parse(line));
      if (data) {
        const mostMs = limits.seconds * 1_000 + data.bytes / 1_000;
        stack.push({ number: data.begin, at: data.at, mostMs, since: Date.now() });
        return;
      }
      const ended = stack.pop();
      const outer = stack.at(-1);
      if (ended && outer) outer.since += Date.now() - ended.since;
    },
    busyWith() {
      const inner = stack.at(-1);
      return inner && { number: inner.number, at: inner.at };
    },
    late: () => late,
    end: () => clearInterval(timer),
  };
}
