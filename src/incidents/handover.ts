// One page for whoever takes over at night: what changed, what was decided, what is open, what is unsure, what is due next.
import { z } from "zod";
import { Name } from "../config/words.ts";
import { plainJson, type Json } from "../core/canonical.ts";
import { parse } from "../core/parse.ts";
import { requireScope } from "../core/scope.ts";
import type { Context } from "../db/context.ts";
import { write } from "../ledger/write.ts";
import { type Clock, clocksOf } from "./clocks.ts";
import { lockIncident } from "./decide.ts";
import { decisionsOf } from "./decisions.ts";
import { incidentRow } from "./incident.ts";
import { planViewOf } from "./plan/plan-row.ts";
import { openThings } from "./open-things.ts";
import { runs } from "./runs.ts";
import { intakesOf } from "./words-of.ts";

export const HandoverPageInput = z.strictObject({ incident: Name });

export type HandoverPage = {
  incident: string;
  title: string;
  state: string;
  lead: string;
  at: string;
  since: string;
  changed: string[];
  decided: { number: number; what: string; because: string; by: string; at: string }[];
  notes: { says: string; by: string; at: string }[];
  open: string[];
  unsure: string[];
  next: Clock[];
  linked: { incident: string; because: string }[];
};

/** The page as of now, since the last hand-over. */
export async function handoverPage(
  ctx: Context,
  input: z.input<typeof HandoverPageInput>,
): Promise<HandoverPage> {
  requireScope(ctx.actor, "incidents:read");
  const { incident } = parse(HandoverPageInput, input);
  const row = await incidentRow(ctx, incident);
  const since = await lastHandover(ctx, incident, row.opened_at);
  const decisions = await decisionsOf(ctx, incident);
  const clocks = await clocksOf(ctx, incident);
  return {
    incident,
    title: row.title,
    state: row.state,
    lead: row.lead,
    at: ctx.clock.now().toISOString(),
    since: since.toISOString(),
    changed: await changesOf(ctx, incident, since),
    decided: decisions
      .filter((one) => one.decided_at >= since)
      .map((one) => ({
        number: one.number,
        what: one.what,
        because: one.because,
        by: one.decided_by,
        at: one.decided_at.toISOString(),
      })),
    notes: await notesSince(ctx, incident, since),
    open: await openThings(ctx, incident),
    unsure: unsureOf(await planViewOf(ctx, incident)),
    next: clocks.filter((clock) => clock.state === "running" || clock.state === "overdue"),
    linked: await linksOf(ctx, incident),
  };
}

export const HandoverInput = z.strictObject({ incident: Name, to: z.string().trim().min(1) });

/** Passes the lead, and keeps the page as it was read then. */
export async function handover(
  ctx: Context,
  input: z.input<typeof HandoverInput>,
): Promise<HandoverPage> {
  requireScope(ctx.actor, "incidents:decide");
  const { incident, to } = parse(HandoverInput, input);
  const page = await handoverPage(ctx, { incident });
  const kept: Json = plainJson(page);
  await write(ctx, "incidents:decide", async (tx) => {
    await lockIncident(tx, incident);
    const [was] = await tx<{ lead: string }[]>`
      update incidents set lead = ${to} where name = ${incident} returning old.lead as lead`;
    const from = was?.lead ?? page.lead;
    await tx`
      insert into handovers (incident, number, from_lead, to_lead, handed_at, page)
      select ${incident}, coalesce(max(number), 0) + 1, ${from}, ${to}, ${ctx.clock.now()}, ${tx.json(page)}
      from handovers where incident = ${incident}`;
    return {
      result: null,
      entry: { kind: "lead.handed-over", incident, body: { from, to, page: kept } },
    };
  });
  return { ...page, lead: to };
}

async function lastHandover(ctx: Context, incident: string, opened: Date): Promise<Date> {
  const [row] = await ctx.db.read<
    { at: Date | null }[]
  >`select max(handed_at) as at from handovers where incident = ${incident}`;
  return row?.at ?? opened;
}

async function changesOf(ctx: Context, incident: string, since: Date): Promise<string[]> {
  const lines: string[] = [];
  for (const one of await intakesOf(ctx, incident)) {
    if (new Date(one.receivedAt) >= since) lines.push(`a report from a ${one.reporter}`);
  }
  for (const run of await runs(ctx, { incident })) {
    const { endedAt } = run.progress;
    if (endedAt !== null && endedAt < since) continue;
    const steps = run.progress.steps.map((step) => {
      const over = step.done + step.refused + step.unreachable + step.gone + step.unknown;
      const odd = (["refused", "unreachable", "gone", "unknown"] as const)
        .filter((state) => step[state] > 0)
        .map((state) => `${state} ${step[state].toLocaleString("en-US")}`);
      return `${step.name}: ${over.toLocaleString("en-US")} of ${step.total.toLocaleString("en-US")}${odd.length > 0 ? ` (${odd.join(", ")})` : ""}`;
    });
    lines.push(`run ${run.number}, ${run.progress.state}: ${steps.join(" · ")}`);
  }
  return lines;
}

async function notesSince(
  ctx: Context,
  incident: string,
  since: Date,
): Promise<HandoverPage["notes"]> {
  const rows = await ctx.db.read<{ says: string; by: string; at: Date }[]>`
    select says, written_by as by, written_at as at from notes
    where incident = ${incident} and written_at >= ${since} order by written_at`;
  return rows.map((row) => ({ says: row.says, by: row.by, at: row.at.toISOString() }));
}

async function linksOf(ctx: Context, incident: string): Promise<HandoverPage["linked"]> {
  const rows = await ctx.db.read<{ other: string; because: string }[]>`
    select case when incident = ${incident} then other else incident end as other, because
    from incident_links where incident = ${incident} or other = ${incident} order by 1`;
  return rows.map((row) => ({ incident: row.other, because: row.because }));
}

function unsureOf(view: Awaited<ReturnType<typeof planViewOf>>): string[] {
  if (!view) return ["who is affected: no plan yet"];
  return view.cohorts.flatMap((cohort) => {
    const doubts = cohort.categories.filter((category) => category.sureness !== "confirmed");
    const lines = doubts.map(
      (one) =>
        `${cohort.name}: ${one.category} is only ${one.sureness} for ${one.accounts.toLocaleString("en-US")} accounts`,
    );
    if (cohort.ambiguous > 0)
      lines.push(
        `${cohort.name}: ${cohort.ambiguous.toLocaleString("en-US")} identifiers point to two people`,
      );
    if (cohort.unregistered > 0)
      lines.push(
        `${cohort.name}: ${cohort.unregistered.toLocaleString("en-US")} people are not in the registry`,
      );
    return lines;
  });
}
