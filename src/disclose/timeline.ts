import type { Context } from "../db/context.ts";
import type { FindingRow } from "../detect/findings/finding-row.ts";
import { listFindings } from "../detect/findings/list-findings.ts";
import type { DecisionRow } from "../incidents/decisions.ts";
import type { IncidentRow } from "../incidents/incident.ts";
import { intakesOf, notesOf } from "../incidents/words-of.ts";
import type { PlanListed } from "../incidents/plan/plans-of.ts";
import type { RunShown } from "../incidents/runs.ts";
import type { EvidenceShown } from "./report-model.ts";

export const TIMELINE_KINDS = [
  "breach",
  "finding",
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
    ...(await intakesOf(ctx, name)).map((one) => ({
      at: one.receivedAt,
      kind: "report" as const,
      text: `a report from a ${one.reporter}: ${one.says}`,
      by: one.takenBy,
    })),
    ...(await listFindings(ctx, { incident: name, all: "true", limit: MOST_FINDINGS })).map(
      findingEntry,
    ),
    ...of.evidence.map((one) => ({
      at: one.addedAt,
      kind: "evidence" as const,
      text: `evidence ${one.key} taken and sealed (${one.sha256.slice(0, 12)}…)`,
      by: one.addedBy,
    })),
    ...of.decisions.map((one) => ({
      at: one.effective_at.toISOString(),
      kind: "decision" as const,
      text: `${one.what}: ${one.because} (decision ${one.number})`,
      by: one.decided_by,
    })),
    ...of.plans.flatMap(planEntries),
    ...of.runs.flatMap(runEntries),
    ...(await notesOf(ctx, name)).map((one) => ({
      at: one.writtenAt,
      kind: "note" as const,
      text: one.says,
      by: one.writtenBy,
    })),
  ];
  return entries.toSorted((a, b) => a.at.localeCompare(b.at));
}

/** Of the last changed; the page of findings has all. */
const MOST_FINDINGS = "500";

// At its first event: when it happened, not when it was found.
function findingEntry({
  uid,
  title,
  level,
  first,
  last,
  count,
  entities,
}: FindingRow): TimelineEntry {
  const who = [...new Set(entities.map(({ value }) => value))].join(", ");
  const many =
    count === 1 ? "1 event" : `${count.toLocaleString("en-US")} events until ${last.slice(0, 19)}Z`;
  return {
    at: `${first.slice(0, 23)}Z`,
    kind: "finding" as const,
    text: `${title} (${level}): ${who === "" ? "" : `${who}, `}${many} (finding ${uid.slice(0, 8)})`,
    by: "",
  };
}

function breachOf(plans: readonly PlanListed[]): TimelineEntry[] {
  const window = plans.at(-1)?.view.window;
  if (!window) return [];
  return [
    {
      at: new Date(window.from).toISOString(),
      kind: "breach" as const,
      text: "the intrusion begins",
      by: "",
    },
    {
      at: new Date(window.to).toISOString(),
      kind: "breach" as const,
      text: "the intrusion ends",
      by: "",
    },
  ];
}

function planEntries(plan: PlanListed): TimelineEntry[] {
  const short = plan.digest.slice(0, 8);
  const targets = plan.form.steps.reduce((sum, step) => sum + step.targets, 0);
  return [
    {
      at: plan.planned_at.toISOString(),
      kind: "plan" as const,
      text: `plan ${short} (${plan.part}): ${plan.form.steps.length} steps, ${targets.toLocaleString("en-US")} targets`,
      by: plan.planned_by,
    },
    ...plan.approvals.map((one) => ({
      at: new Date(one.at).toISOString(),
      kind: "approval" as const,
      text: `plan ${short} approved with key ${one.key}`,
      by: one.person,
    })),
  ];
}

function runEntries(run: RunShown): TimelineEntry[] {
  const { endedAt, state } = run.progress;
  const applied = run.applied_at.toISOString();
  return [
    {
      at: applied,
      kind: "run" as const,
      text: `run ${run.number} begins: plan ${run.plan.slice(0, 8)}`,
      by: run.applied_by,
    },
    ...(endedAt
      ? [
          {
            at: new Date(endedAt).toISOString(),
            kind: "run" as const,
            text: `run ${run.number} is ${state}`,
            by: "tocsin",
          },
        ]
      : []),
  ];
}
