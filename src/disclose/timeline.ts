import type { Context } from "../db/context.ts";
import type { DecisionRow } from "../incidents/decisions.ts";
import type { IncidentRow } from "../incidents/incident.ts";
import { intakesOf, notesOf } from "../incidents/words-of.ts";
import type { PlanListed } from "../incidents/plans-of.ts";
import type { RunShown } from "../incidents/runs.ts";
import type { EvidenceShown } from "./report-model.ts";

export const TIMELINE_KINDS = [
  "breach",
  "report",
  "evidence",
  "decision",
  "plan",
  "approval",
  "run",
  "note",
] as const;

export type TimelineEntry = {
  readonly at: string;
  readonly kind: (typeof TIMELINE_KINDS)[number];
  readonly text: string;
  readonly by: string;
};

export type TimelineOf = {
  readonly row: IncidentRow;
  readonly plans: readonly PlanListed[];
  readonly runs: readonly RunShown[];
  readonly evidence: readonly EvidenceShown[];
  readonly decisions: readonly DecisionRow[];
};

/** What happened, in the order in which it happened: the breach itself, then what was done about it. */
export async function timelineOf(ctx: Context, of: TimelineOf): Promise<TimelineEntry[]> {
  const { name } = of.row;
  const entries: TimelineEntry[] = [
    ...breachOf(of.plans),
    { at: of.row.opened_at.toISOString(), kind: "report", text: "the incident was opened", by: "" },
    ...(await intakesOf(ctx, name)).map((one) =>
      entry(one.receivedAt, "report", `a report from a ${one.reporter}: ${one.says}`, one.takenBy),
    ),
    ...of.evidence.map((one) =>
      entry(
        one.addedAt,
        "evidence",
        `evidence ${one.key} taken and sealed (${one.sha256.slice(0, 12)}…)`,
        one.addedBy,
      ),
    ),
    ...of.decisions.map((one) =>
      entry(
        one.effective_at.toISOString(),
        "decision",
        `${one.what}: ${one.because} (decision ${one.number})`,
        one.decided_by,
      ),
    ),
    ...of.plans.flatMap(planEntries),
    ...of.runs.flatMap(runEntries),
    ...(await notesOf(ctx, name)).map((one) =>
      entry(one.writtenAt, "note", one.says, one.writtenBy),
    ),
  ];
  return entries.toSorted((a, b) => a.at.localeCompare(b.at));
}

function entry(at: string, kind: TimelineEntry["kind"], text: string, by: string): TimelineEntry {
  return { at, kind, text, by };
}

function breachOf(plans: readonly PlanListed[]): TimelineEntry[] {
  const window = plans.at(-1)?.view.window;
  if (!window) return [];
  return [
    entry(new Date(window.from).toISOString(), "breach", "the intrusion begins", ""),
    entry(new Date(window.to).toISOString(), "breach", "the intrusion ends", ""),
  ];
}

function planEntries(plan: PlanListed): TimelineEntry[] {
  const short = plan.digest.slice(0, 8);
  const targets = plan.form.steps.reduce((sum, step) => sum + step.targets, 0);
  return [
    entry(
      plan.planned_at.toISOString(),
      "plan",
      `plan ${short} (${plan.part}): ${plan.form.steps.length} steps, ${targets.toLocaleString("en-US")} targets`,
      plan.planned_by,
    ),
    ...plan.approvals.map((one) =>
      entry(
        new Date(one.at).toISOString(),
        "approval",
        `plan ${short} approved with key ${one.key}`,
        one.person,
      ),
    ),
  ];
}

function runEntries(run: RunShown): TimelineEntry[] {
  const { endedAt, state } = run.progress;
  const applied = run.applied_at.toISOString();
  return [
    entry(applied, "run", `run ${run.number} begins: plan ${run.plan.slice(0, 8)}`, run.applied_by),
    ...(endedAt
      ? [entry(new Date(endedAt).toISOString(), "run", `run ${run.number} is ${state}`, "tocsin")]
      : []),
  ];
}
