import { z } from "zod";
import { TocsinError } from "../core/errors.ts";
import { parse } from "../core/parse.ts";
import { requireScope } from "../core/scope.ts";
import type { Canaries } from "../config/connectors-schema.ts";
import type { Context } from "../db/context.ts";
import { openProber, probesOf, recordProbes, type Verdict } from "./canaries.ts";

export const ProbeCanariesInput = z.strictObject({
  incident: z.string().min(1),
  connector: z.string().min(1),
  /** `before` what is done is done; `after` it. */
  phase: z.enum(["before", "after"]),
});
export type ProbeCanariesInput = z.input<typeof ProbeCanariesInput>;

export type CanaryReport = {
  readonly connector: string;
  readonly total: number;
  /** Got in before, refused now: the proof. */
  readonly proved: readonly string[];
  /** Still get in: whatever the connector says, it is not done. */
  readonly stillIn: readonly string[];
  /** Never seen to get in before, or unclear now: they prove nothing. */
  readonly provesNothing: readonly string[];
  /** Get in now, where `phase` is `before`: the probe works for them. */
  readonly ready: readonly string[];
};

/** Signs in as every planted account of the connector and tells before from after. @throws TocsinError `not_found` without canaries */
export async function probeCanaries(
  ctx: Context,
  input: ProbeCanariesInput,
): Promise<CanaryReport> {
  requireScope(ctx.actor, "work:run");
  const of = parse(ProbeCanariesInput, input);
  using prober = await openProber(ctx, canariesOf(ctx, of.connector));
  const probes = await prober.probe();
  await recordProbes(ctx, of, probes);
  return await canaryReport(ctx, of);
}

/** What is on record of the connector's canaries; asks nobody. */
export async function canaryReport(
  ctx: Context,
  of: { incident: string; connector: string },
): Promise<CanaryReport> {
  const before = new Map<string, Verdict>();
  const after = new Map<string, Verdict>();
  for (const row of await probesOf(ctx, of))
    (row.phase === "before" ? before : after).set(row.key, row.verdict);
  const keys = [...new Set([...before.keys(), ...after.keys()])];
  const gotIn = (key: string): boolean => before.get(key) === "accepted";
  const proved = keys.filter((key) => gotIn(key) && after.get(key) === "refused");
  const stillIn = keys.filter((key) => after.get(key) === "accepted");
  const decided = new Set([...proved, ...stillIn]);
  return {
    connector: of.connector,
    total: keys.length,
    proved,
    stillIn,
    provesNothing: keys.filter((key) => !decided.has(key) && (after.has(key) || !gotIn(key))),
    ready: keys.filter((key) => gotIn(key) && !after.has(key)),
  };
}

function canariesOf(ctx: Context, name: string): Canaries {
  const connector = ctx.organisation.connectors[name];
  const canaries = connector && "canaries" in connector ? connector.canaries : undefined;
  if (!canaries)
    throw new TocsinError("not_found", `the connector ${name} has no canaries in tocsin.yaml`);
  return canaries;
}
