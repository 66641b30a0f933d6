// Everything that a report says, as data: the page, the JSON and the live view are made from it and from nothing else.
import { z } from "zod";
import { Name } from "../config/words.ts";
import { parse } from "../core/parse.ts";
import { requireScope } from "../core/scope.ts";
import type { Context } from "../db/context.ts";
import { listEvidence } from "../evidence/find-evidence.ts";
import { type Clock, clocksOf } from "../incidents/clocks.ts";
import { decisionsOf } from "../incidents/decisions.ts";
import { incidentRow } from "../incidents/incident.ts";
import { openThings } from "../incidents/open-things.ts";
import type { PlanView } from "../incidents/plan/plan-view.ts";
import { plansOf, type PlanListed } from "../incidents/plan/plans-of.ts";
import { runs, type RunShown } from "../incidents/runs.ts";
import { latestCheckpoint, type LatestCheckpoint } from "../ledger/latest-checkpoint.ts";
import { scopingOf } from "../scope/scoping.ts";
import { outcomeRate, type OutcomeRate } from "../work/outcome-rate.ts";
import { timelineOf, type TimelineEntry } from "./timeline.ts";

export const ReportInput = z.strictObject({ incident: Name });

export type ReportModel = {
  readonly organisation: string;
  readonly madeAt: string;
  readonly incident: {
    name: string;
    title: string;
    state: string;
    lead: string;
    openedAt: string;
    closedAt: string | null;
  };
  /** The newest plan's, whatever its part; null before the first. */
  readonly view: PlanView | null;
  readonly timeline: TimelineEntry[];
  readonly evidence: EvidenceShown[];
  readonly plans: PlanListed[];
  readonly runs: RunReported[];
  readonly clocks: Clock[];
  readonly open: string[];
  readonly proof: LatestCheckpoint | null;
};

export type RunReported = RunShown & { readonly rate: OutcomeRate };

export type EvidenceShown = {
  readonly key: string;
  readonly kind: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly addedAt: string;
  readonly addedBy: string;
  readonly rows: number | null;
  readonly setAside: number | null;
  /** Parts of documents that were not read, each with its place. */
  readonly unread: { at: string; reason: string; detail: string }[];
  readonly columns: { column: string; category: string | null; how: string }[];
};

export async function reportModel(
  ctx: Context,
  input: z.input<typeof ReportInput>,
): Promise<ReportModel> {
  requireScope(ctx.actor, "incidents:read");
  const { incident: name } = parse(ReportInput, input);
  const row = await incidentRow(ctx, name);
  const plans = await plansOf(ctx, { incident: name });
  const shownRuns: RunReported[] = [];
  for (const run of await runs(ctx, { incident: name }))
    shownRuns.push({ ...run, rate: await outcomeRate(ctx, { run: run.run }) });
  const evidence = await evidenceOf(ctx, name);
  const decisions = await decisionsOf(ctx, name);
  return {
    organisation: ctx.organisation.organisation.name,
    madeAt: ctx.clock.now().toISOString(),
    incident: {
      name,
      title: row.title,
      state: row.state,
      lead: row.lead,
      openedAt: row.opened_at.toISOString(),
      closedAt: row.closed_at?.toISOString() ?? null,
    },
    view: plans.at(-1)?.view ?? null,
    timeline: await timelineOf(ctx, { row, plans, runs: shownRuns, evidence, decisions }),
    evidence,
    plans,
    runs: shownRuns,
    clocks: await clocksOf(ctx, name),
    open: await openThings(ctx, name),
    proof: await latestCheckpoint(ctx),
  };
}

/** What was taken into an incident, and as what its columns were recognised. */
export async function evidenceShown(
  ctx: Context,
  input: z.input<typeof ReportInput>,
): Promise<EvidenceShown[]> {
  return await evidenceOf(ctx, parse(ReportInput, input).incident);
}

async function evidenceOf(ctx: Context, incident: string): Promise<EvidenceShown[]> {
  const scopings = new Map((await scopingOf(ctx, incident)).map((one) => [one.key, one]));
  const all = await listEvidence(ctx, incident);
  return all.map((one) => {
    const figures = scopings.get(one.key);
    return {
      key: one.key,
      kind: one.kind,
      sha256: one.sha256,
      bytes: one.bytes,
      addedAt: one.addedAt.toISOString(),
      addedBy: one.addedBy,
      rows: figures?.rows ?? null,
      setAside: figures?.setAside.reduce((sum, { count }) => sum + count, 0) ?? null,
      unread: figures?.unread ?? [],
      columns:
        figures?.columns.map(({ column, category, how }) => ({ column, category, how })) ?? [],
    };
  });
}
