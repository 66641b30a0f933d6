// Logs from files, beside what comes live: one process looks at them, one after the other, whenever there is one that was not looked at as it is.
import type { Opens } from "../../config/detect-schema.ts";
import { TocsinError } from "../../core/errors.ts";
import type { Context } from "../../db/context.ts";
import type { Stored } from "../findings/store-findings.ts";
import { lookAtSource, nextSource, type Waiting } from "./look-at-source.ts";
import { openIncidents, type TakeFinding } from "./open-incidents.ts";
import { type LiveRules, readLiveRules } from "./read-live-rules.ts";
import { withLock } from "./with-lock.ts";

export type SourcesOptions = {
  readonly opens: readonly Opens[];
  readonly take: TakeFinding;
  /** When none waits. */
  readonly pollMs?: number;
};

const POLL_MS = 2_000;
/** For a log whose look failed. */
const AGAIN_MS = 600_000;

/** Runs until the signal. A store that fails is tried again; a bug ends it. */
export async function lookAtSources(ctx: Context, options: SourcesOptions): Promise<void> {
  const { pollMs = POLL_MS } = options;
  while (!ctx.signal.aborted) {
    try {
      await withLock(
        ctx,
        { name: "detect/sources" },
        async (alive) => await lookOn(ctx, options, alive),
      );
    } catch (error) {
      if (ctx.signal.aborted) return;
      if (!(error instanceof TocsinError)) throw error;
      ctx.log.warn({ err: error }, "a log that was read waits to be looked at");
    }
    await ctx.clock.sleep(pollMs, ctx.signal).catch(() => undefined);
  }
}

async function lookOn(
  ctx: Context,
  { opens, take, pollMs = POLL_MS }: SourcesOptions,
  alive: () => Promise<void>,
): Promise<void> {
  const failed = new Map<string, number>();
  let rules: LiveRules | undefined;
  while (!ctx.signal.aborted) {
    await alive();
    for (const [source, at] of failed)
      if (performance.now() - at >= AGAIN_MS) failed.delete(source);
    const waiting = await nextSource(ctx, [...failed.keys()]);
    if (waiting === undefined) {
      await ctx.clock.sleep(pollMs, ctx.signal).catch(() => undefined);
      continue;
    }
    rules = (await readLiveRules(ctx, rules)) ?? rules;
    if (rules === undefined) return;
    const stored = await lookUnlessItFails(ctx, { rules, waiting, failed });
    if (stored && stored.opened.length > 0) await openIncidents(ctx, { opens, take });
  }
}

type Looking = {
  readonly rules: LiveRules;
  readonly waiting: Waiting;
  /** By source, when its look failed: one that takes more memory than there is must not keep the others waiting. */
  readonly failed: Map<string, number>;
};

async function lookUnlessItFails(
  ctx: Context,
  { rules, waiting, failed }: Looking,
): Promise<Stored | undefined> {
  try {
    return await lookAtSource(ctx, { rules, waiting });
  } catch (error) {
    if (ctx.signal.aborted || !(error instanceof TocsinError)) throw error;
    if (error.code !== "conflict") failed.set(waiting.source, performance.now());
    ctx.log.warn({ err: error, source: waiting.source }, "a log waits to be looked at again");
    return undefined;
  }
}
