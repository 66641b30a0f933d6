// A plan's form of a filled draft: what its digest covers.
import { z } from "zod";
import { merkleRoot } from "../../core/merkle.ts";
import type { Context } from "../../db/context.ts";
import type { FilledStep } from "../draft/fill-draft.ts";
import type { Incident } from "../incident.ts";
import { digestOfPlan, type Part, type PlanForm } from "./plan-form.ts";

export type FormOf = {
  draft: string;
  part: Part;
  wave: number;
  steps: readonly FilledStep[];
  /** Accounts in all registries. */
  total: number;
};

export async function formOf(ctx: Context, incident: Incident, of: FormOf): Promise<PlanForm> {
  const { approvals } = ctx.organisation;
  const most = Math.max(await touchedBy(ctx, of.draft), ...of.steps.map((step) => step.targets));
  const evidence = await ctx.db.read<{ key: string; sha256: string }[]>`
    select key, sha256 from evidence where incident = ${incident.row.name} order by key`;
  return {
    version: 1,
    incident: incident.row.name,
    title: incident.file.title,
    part: of.part,
    wave: of.wave,
    evidence: evidence.map(({ key, sha256 }) => ({ key, sha256 })),
    steps: of.steps.map(
      ({ templates: _templates, people: _people, withoutAddress: _without, ...step }) => step,
    ),
    root: merkleRoot(of.steps.map((step) => Buffer.from(step.root, "hex"))).toString("hex"),
    approvals: {
      people: most > approvals.over ? approvals.people : 1,
      involved: incident.file.involved.toSorted(),
      over_ceiling: of.total > 0 && most / of.total > approvals.ceiling.share,
    },
  };
}

// Many small steps over different people are one large plan.
async function touchedBy(ctx: Context, draft: string): Promise<number> {
  const click = await ctx.click();
  const [row] = await click.query(
    z.object({ n: z.coerce.number() }),
    "select uniqExact(subject) as n from plan_targets where draft = {draft:UUID}",
    { draft },
  );
  return row?.n ?? 0;
}

/**
 * No approval is reusable: what was cancelled, or applied and aborted, and is planned again unchanged gets a digest of its own.
 */
export async function unspent(ctx: Context, form: PlanForm): Promise<PlanForm> {
  const targets = form.steps.reduce((sum, step) => sum + step.targets, 0);
  for (let again = 0; ; again += 1) {
    const one = again === 0 ? form : { ...form, again };
    const [row] = await ctx.db.read<
      { state: string }[]
    >`select state from plans where digest = ${digestOfPlan(one)}`;
    const spent = row?.state === "cancelled" || (row?.state === "applied" && targets > 0);
    if (!spent) return one;
  }
}
