import type { Canaries } from "../config/connectors-schema.ts";
import type { Context } from "../db/context.ts";
import type { Batch, Ended, Prepared, TaskOutcome } from "../work/handler.ts";
import type { Action } from "./action.ts";
import { openProber, type Probe, type Prober, recordProbes } from "./canaries.ts";

export type Watched = {
  readonly incident: string;
  readonly action: Action;
  readonly canaries: Canaries;
};

/**
 * Puts the planted accounts before and behind an action. Those among a batch's targets sign in before it is done, and must be
 * refused after it. One that still gets in overturns its whole batch: what was said of it cannot be believed.
 */
export async function withCanaries(
  ctx: Context,
  prepared: Prepared,
  watched: Watched,
): Promise<Prepared> {
  const { action, canaries, incident } = watched;
  const proves = canaries.proves ? canaries.proves.includes(action.key) : action.ends.length > 0;
  if (!proves || action.watching) return prepared;
  await using opened = new AsyncDisposableStack();
  opened.use(prepared);
  const prober = opened.use(await openProber(ctx, canaries));
  const of = { incident, connector: action.connector };
  const kept = opened.move();
  return {
    traits: prepared.traits,
    act: async (batch) => {
      const keys = plantedIn(prober, batch);
      if (keys.length > 0)
        await recordProbes(ctx, { ...of, phase: "before" }, await prober.probe(keys));
      return await prepared.act(batch);
    },
    verify: async (batch) => {
      const outcomes = prepared.verify ? await prepared.verify(batch) : batch.tasks.map(() => DONE);
      const keys = plantedIn(prober, batch);
      if (keys.length === 0) return outcomes;
      const probes = await probePatiently(ctx, prober, { keys, batch });
      await recordProbes(ctx, { ...of, phase: "after" }, probes);
      return judged(batch, outcomes, probes);
    },
    ...(prepared.reconcile && {
      reconcile: async (batch: Batch) => (await prepared.reconcile?.(batch)) ?? [],
    }),
    [Symbol.asyncDispose]: async () => await kept.disposeAsync(),
  };
}

const DONE: Ended = { state: "done" };

function plantedIn(prober: Prober, batch: Batch): string[] {
  return batch.tasks.map((task) => task.key).filter((key) => prober.keys.has(key));
}

/** A sign-in service may hold what it knew for some seconds. */
const TRIES = 4;
const FIRST_WAIT_MS = 500;

type Probing = { readonly keys: readonly string[]; readonly batch: Batch };

async function probePatiently(
  ctx: Context,
  prober: Prober,
  { keys, batch }: Probing,
): Promise<Probe[]> {
  let probes = await prober.probe(keys);
  for (
    let tries = 1;
    tries < TRIES && probes.some(({ verdict }) => verdict !== "refused");
    tries += 1
  ) {
    await ctx.clock.sleep(FIRST_WAIT_MS * 2 ** tries, batch.signal);
    probes = await prober.probe(keys);
  }
  return probes;
}

function judged(
  batch: Batch,
  outcomes: readonly TaskOutcome[],
  probes: readonly Probe[],
): TaskOutcome[] {
  const verdicts = new Map(probes.map((probe) => [probe.key, probe.verdict]));
  const inside = probes.filter((probe) => probe.verdict === "accepted").length;
  if (inside === 0) return [...outcomes];
  return batch.tasks.map(({ key }): TaskOutcome => {
    const own =
      verdicts.get(key) === "accepted"
        ? "this canary still gets in"
        : "a canary of its batch still gets in";
    return { state: "refused", reason: "not-proved", detail: { readBack: own } };
  });
}
