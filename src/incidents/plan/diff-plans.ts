import { z } from "zod";
import { Name } from "../../config/words.ts";
import { parse } from "../../core/parse.ts";
import { requireScope } from "../../core/scope.ts";
import type { Context } from "../../db/context.ts";
import { PlanForm, type PlanStep } from "./plan-form.ts";

export const DiffPlansInput = z.strictObject({ incident: Name, digest: z.string().length(64) });

export type StepChange = {
  name: string;
  change: "new" | "dropped" | "targets" | "settings" | "order" | "same";
  targetsBefore: number;
  targetsNow: number;
  added: number;
  removed: number;
};

export type PlanDiff = {
  before: string | null;
  evidence: { added: string[]; changed: string[]; dropped: string[] };
  steps: StepChange[];
};

const Row = z.object({ digest: z.string(), draft: z.string(), form: PlanForm });
type Row = z.output<typeof Row>;

/** What changed since the plan of the same part before it: steps, settings, and how many targets came and went. */
export async function diffPlans(
  ctx: Context,
  input: z.input<typeof DiffPlansInput>,
): Promise<PlanDiff> {
  requireScope(ctx.actor, "plans:read");
  const { incident, digest } = parse(DiffPlansInput, input);
  const rows = await ctx.db.read`
    select digest, draft, form from plans
    where incident = ${incident} and part = (select part from plans where digest = ${digest})
      and planned_at <= (select planned_at from plans where digest = ${digest})
    order by planned_at desc limit 2`;
  const [now, before] = rows.map((row) => Row.parse(row));
  if (!now || !before)
    return { before: null, evidence: { added: [], changed: [], dropped: [] }, steps: [] };
  const names = [...new Set([...now.form.steps, ...before.form.steps].map((step) => step.name))];
  const steps: StepChange[] = [];
  for (const name of names) steps.push(await stepChange(ctx, { name, now, before }));
  return { before: before.digest, evidence: evidenceChange(now.form, before.form), steps };
}

type Pair = { name: string; now: Row; before: Row };

async function stepChange(ctx: Context, { name, now, before }: Pair): Promise<StepChange> {
  const a = before.form.steps.find((step) => step.name === name);
  const b = now.form.steps.find((step) => step.name === name);
  const counts = { targetsBefore: a?.targets ?? 0, targetsNow: b?.targets ?? 0 };
  if (!a || !b) {
    return {
      name,
      change: a ? "dropped" : "new",
      ...counts,
      added: counts.targetsNow,
      removed: counts.targetsBefore,
    };
  }
  const moved =
    a.root === b.root ? { added: 0, removed: 0 } : await movement(ctx, { now, before, a, b });
  return { name, change: kindOf(a, b), ...counts, ...moved };
}

function kindOf(a: PlanStep, b: PlanStep): StepChange["change"] {
  if (a.root !== b.root) return "targets";
  if (a.settings !== b.settings) return "settings";
  return a.number === b.number ? "same" : "order";
}

const Movement = z.object({ added: z.coerce.number(), removed: z.coerce.number() });

async function movement(
  ctx: Context,
  { now, before, a, b }: { now: Row; before: Row; a: PlanStep; b: PlanStep },
): Promise<{ added: number; removed: number }> {
  const click = await ctx.click();
  const [row] = await click.query(
    Movement,
    `select countIf(was = 0) as added, countIf(is = 0) as removed from (
       select key, countIf(draft = {before:UUID}) as was, countIf(draft = {now:UUID}) as is from plan_targets
       where (draft = {before:UUID} and step = {a:UInt16}) or (draft = {now:UUID} and step = {b:UInt16})
       group by key)`,
    { before: before.draft, now: now.draft, a: a.number, b: b.number },
  );
  return row ?? { added: 0, removed: 0 };
}

function evidenceChange(now: PlanForm, before: PlanForm): PlanDiff["evidence"] {
  const was = new Map(before.evidence.map((one) => [one.key, one.sha256]));
  const is = new Map(now.evidence.map((one) => [one.key, one.sha256]));
  return {
    added: [...is.keys()].filter((key) => !was.has(key)),
    changed: [...is]
      .filter(([key, sha256]) => was.has(key) && was.get(key) !== sha256)
      .map(([key]) => key),
    dropped: [...was.keys()].filter((key) => !is.has(key)),
  };
}
