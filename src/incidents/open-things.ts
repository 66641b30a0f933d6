import type { Context } from "../db/context.ts";
import { decisionsOf, type DecisionRow } from "./decisions.ts";
import { readFileOf } from "./incident.ts";
import { planViewOf } from "./plan/plan-row.ts";
import { runs, type RunShown } from "./runs.ts";

/** What is left to do or to decide in an incident, one line each. Empty where it could be closed. */
export async function openThings(ctx: Context, incident: string): Promise<string[]> {
  const read = await readFileOf(ctx, incident);
  return [
    ...(read.ok ? [] : [`incident.yaml cannot be read: ${read.why}`]),
    ...openDecisions(await decisionsOf(ctx, incident)),
    ...(await runs(ctx, { incident })).flatMap(openRun),
    ...(await openPlans(ctx, incident)),
    ...(await openReports(ctx, incident)),
    ...((await planViewOf(ctx, incident))?.undecided ?? []).map((one) => `not decided: ${one}`),
  ];
}

function openDecisions(decisions: readonly DecisionRow[]): string[] {
  const standing = decisions.filter((one) => one.ended_by === null);
  const aware = standing.some((one) => one.what === "aware");
  const holds = standing.filter((one) => one.what === "hold");
  return [
    ...(aware ? [] : ["aware is not decided: no clock runs"]),
    ...holds.map((one) => `hold by decision ${one.number}: ${one.because}`),
  ];
}

function openRun({ number, progress, fates, incident }: RunShown): string[] {
  const back = fates.reduce((sum, one) => sum + one.unreachable + one.refused, 0);
  const over = progress.state === "complete" || progress.state === "aborted";
  const unknown = progress.steps.reduce((sum, step) => sum + step.unknown, 0);
  return [
    ...(over ? [] : [`run ${number} is ${progress.state}`]),
    ...(unknown > 0
      ? [
          `run ${number}: ${unknown === 1 ? "1 outcome is" : `${unknown.toLocaleString("en-US")} outcomes are`} unknown`,
        ]
      : []),
    ...(back > 0
      ? [
          `run ${number}: ${back === 1 ? "1 notice" : `${back.toLocaleString("en-US")} notices`} came back: tocsin letters ${incident}`,
        ]
      : []),
  ];
}

// A plan that a later one of its part has replaced waits for nobody.
async function openPlans(ctx: Context, incident: string): Promise<string[]> {
  const plans = await ctx.db.read<{ digest: string; part: string; approvals: number }[]>`
    select p.digest, p.part, (select count(*)::int from approvals a where a.plan = p.digest) as approvals
    from plans p
    where p.incident = ${incident} and p.state = 'planned' and p.planned_at = (
      select max(q.planned_at) from plans q where q.incident = p.incident and q.part = p.part)
    order by p.planned_at`;
  return plans.map(
    (plan) => `plan ${plan.digest.slice(0, 8)} (${plan.part}) waits: ${plan.approvals} approvals`,
  );
}

async function openReports(ctx: Context, incident: string): Promise<string[]> {
  const [reports] = await ctx.db.read<{ n: number }[]>`
    select count(*)::int as n from intakes where incident = ${incident} and answered_at is null`;
  const n = reports?.n ?? 0;
  return n === 0 ? [] : [`${n} ${n === 1 ? "report is" : "reports are"} not answered`];
}
