// Live detection: one process looks at what arrives, whichever it is. The lock is a Postgres session's, and the position that moves with the
// findings is a fence behind it.
import type { Detect } from "../../config/detect-schema.ts";
import { TocsinError } from "../../core/errors.ts";
import type { Context } from "../../db/context.ts";
import { spanOf } from "./correlate-live.ts";
import { forgetMatches } from "./live-matches.ts";
import { look } from "./look.ts";
import { openIncidents, type TakeFinding } from "./open-incidents.ts";
import { type LiveRules, readLiveRules } from "./read-live-rules.ts";
import { withLock } from "./with-lock.ts";

export type LiveOptions = {
  readonly settings: Detect;
  readonly take: TakeFinding;
  /** When nothing has arrived. */
  readonly pollMs?: number;
  /** Between two looks at the rules' files. */
  readonly reloadMs?: number;
};

const POLL_MS = 100;
const RELOAD_MS = 2_000;
const RETRY_MS = 1_000;
const FORGET_EVERY_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** Runs until the signal. A store that fails is tried again; a bug ends it. */
export async function detectLive(ctx: Context, options: LiveOptions): Promise<void> {
  while (!ctx.signal.aborted) {
    try {
      await withLock(
        ctx,
        { name: "detect/live" },
        async (alive) => await lookOn(ctx, options, alive),
      );
    } catch (error) {
      if (ctx.signal.aborted) return;
      if (!(error instanceof TocsinError)) throw error;
      if (error.code !== "conflict")
        ctx.log.warn({ err: error }, "live detection waits for its store");
    }
    await pause(ctx, RETRY_MS);
  }
}

async function lookOn(
  ctx: Context,
  { settings, take, pollMs = POLL_MS, reloadMs = RELOAD_MS }: LiveOptions,
  alive: () => Promise<void>,
): Promise<void> {
  const { opens } = settings;
  let rules: LiveRules | undefined;
  let readAt = Number.NEGATIVE_INFINITY;
  let forgotAt = Number.NEGATIVE_INFINITY;
  await openIncidents(ctx, { opens, take });
  while (!ctx.signal.aborted) {
    if (rules === undefined || performance.now() - readAt >= reloadMs) {
      await alive();
      rules = (await readLiveRules(ctx, rules)) ?? rules;
      readAt = performance.now();
    }
    if (rules === undefined) return;
    if (performance.now() - forgotAt >= FORGET_EVERY_MS) {
      await forgetMatches(await ctx.click(), unreached(ctx, rules, settings.allowance));
      forgotAt = performance.now();
    }
    const stored = await look(ctx, { rules, allowanceMs: settings.allowance });
    if (stored && stored.opened.length > 0) await openIncidents(ctx, { opens, take });
    if (stored === undefined) await pause(ctx, pollMs);
  }
}

// A day more than the longest windows: the sender's clock, and this one, may be wrong by hours.
function unreached(ctx: Context, rules: LiveRules, allowanceMs: number): Date {
  const longest = Math.max(0, ...rules.correlations.map((rule) => spanOf(rules, rule)));
  return new Date(ctx.clock.now().getTime() - longest - 2 * allowanceMs - DAY_MS);
}

async function pause(ctx: Context, ms: number): Promise<void> {
  await ctx.clock.sleep(ms, ctx.signal).catch(() => undefined);
}
