import type { Context } from "../db/context.ts";
import { decisionsOf } from "./decisions.ts";
import { planViewOf } from "./plan-row.ts";
import { runs } from "./runs.ts";

/** What is left to do or to decide in an incident, one line each. Empty where it could be closed. */
export async function openThings(ctx: Context, incident: string): Promise<string[]> {
  const lines: string[] = [];
  const decisions = await decisionsOf(ctx, incident);
  if (!decisions.some((one) => one.what === "aware" && one.ended_by === null))
    lines.push("aware is not decided: no clock runs");
  for (const hold of decisions.filter((one) => one.what === "hold" && one.ended_by === null)) {
    lines.push(`hold by decision ${hold.number}: ${hold.because}`);
  }
  for (const run of await runs(ctx, { incident })) {
    const { state } = run.progress;
    if (state !== "complete" && state !== "aborted") lines.push(`run ${run.number} is ${state}`);
    const unknown = run.progress.steps.reduce((sum, step) => sum + step.unknown, 0);
    if (unknown > 0)
      lines.push(`run ${run.number}: ${unknown.toLocaleString("en-US")} outcomes are unknown`);
  }
  const plans = await ctx.db.read<{ digest: string; part: string; approvals: number }[]>`
    select p.digest, p.part, (select count(*)::int from approvals a where a.plan = p.digest) as approvals
    from plans p
    where p.incident = ${incident} and p.state = 'planned' and p.planned_at = (
      select max(q.planned_at) from plans q where q.incident = p.incident and q.part = p.part)
    order by p.planned_at`;
  for (const plan of plans)
    lines.push(`plan ${plan.digest.slice(0, 8)} (${plan.part}) waits: ${plan.approvals} approvals`);
  const [reports] = await ctx.db.read<{ n: number }[]>`
    select count(*)::int as n from intakes where incident = ${incident} and answered_at is null`;
  if (reports && reports.n > 0)
    lines.push(`${reports.n} ${reports.n === 1 ? "report is" : "reports are"} not answered`);
  const view = await planViewOf(ctx, incident);
  for (const one of view?.undecided ?? []) lines.push(`not decided: ${one}`);
  return lines;
}
