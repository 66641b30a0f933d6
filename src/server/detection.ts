// What `tocsin serve` does with logs: takes them at its doors, and looks at them as they come.
import type { Hono } from "hono";
import { TocsinError } from "../core/errors.ts";
import type { Actor, Scope } from "../core/scope.ts";
import type { Context } from "../db/context.ts";
import { detectLive } from "../detect/live/detect-live.ts";
import { lookAtSources } from "../detect/live/look-at-sources.ts";
import { takeFinding } from "../incidents/take-finding.ts";
import { pruneIngest } from "../logs/ingest/drop-unfinished.ts";
import { type Ingest, openIngest } from "../logs/ingest/open-ingest.ts";
import { streamsOf } from "../logs/ingest/streams-of.ts";
import type { AppEnv } from "./app.ts";
import { logDoors } from "./log-doors.ts";

export type Detection = AsyncDisposable & {
  readonly doors: Hono<AppEnv> | undefined;
  /** Until the context's signal ends. */
  readonly run: () => Promise<void>;
};

/** Nothing is opened for what tocsin.yaml does not name. */
export async function openDetection(ctx: Context): Promise<Detection> {
  const streams = streamsOf(ctx.organisation);
  const { detect } = ctx.organisation;
  const own = { ...ctx, actor: actorOf("tocsin ingest", ["events:write"]) };
  const ingest = streams.length === 0 ? undefined : await openIngest(own);
  const looking = {
    ...ctx,
    actor: actorOf("tocsin detect", ["findings:write", "findings:read", "incidents:write"]),
  };
  return {
    doors: ingest && logDoors(own, { ingest, streams }),
    run: async () => {
      await Promise.all([
        ingest && tend(own, ingest),
        detect && detectLive(looking, { settings: detect, take: takeFinding }),
        detect && lookAtSources(looking, { opens: detect.opens, take: takeFinding }),
      ]);
    },
    [Symbol.asyncDispose]: async () => await ingest?.[Symbol.asyncDispose](),
  };
}

function actorOf(name: string, scopes: readonly Scope[]): Actor {
  return { name, via: "worker", scopes: new Set(scopes) };
}

const TEND_EVERY_MS = 1_000;
const PRUNE_EVERY_MS = 3_600_000;

async function tend(ctx: Context, ingest: Ingest): Promise<void> {
  for (let pruned = Number.NEGATIVE_INFINITY; !ctx.signal.aborted;) {
    try {
      await ingest.tend();
      const now = performance.now();
      if (now - pruned >= PRUNE_EVERY_MS) {
        await pruneIngest(ctx);
        pruned = now;
      }
    } catch (error) {
      if (!(error instanceof TocsinError)) throw error;
      ctx.log.warn({ err: error }, "unfinished batches of logs wait for their store");
    }
    await ctx.clock.sleep(TEND_EVERY_MS, ctx.signal).catch(() => undefined);
  }
}
