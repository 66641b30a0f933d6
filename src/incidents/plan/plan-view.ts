// What a person reads beside what the digest covers: who, how sure, how long, and the warnings of a careful colleague.
import { z } from "zod";
import { actionOf } from "../../contain/action-of.ts";
import type { Context } from "../../db/context.ts";
import { cohortFigures } from "../../scope/cohort-figures.ts";
import { type Scoping, scopingOf } from "../../scope/scoping.ts";
import type { Draft } from "../draft/draft.ts";
import type { Incident } from "../incident.ts";
import type { FilledStep } from "../draft/fill-draft.ts";
import type { PlanForm } from "./plan-form.ts";
import { warningsOf } from "./plan-warnings.ts";

const Count = z.number();

export const CohortShown = z.object({
  name: z.string(),
  accounts: Count,
  people: Count,
  unregistered: Count,
  ambiguous: Count,
  minors: Count,
  estates: Count,
  doNotContact: Count,
  severalAccounts: Count,
  withoutAddress: Count,
  categories: z.array(
    z.object({
      category: z.string(),
      sureness: z.string(),
      accounts: Count,
      details: z.array(z.object({ detail: z.string(), grade: z.string(), accounts: Count })),
    }),
  ),
  countries: z.array(z.object({ country: z.string(), accounts: Count })),
  regions: z.array(z.object({ region: z.string(), people: Count })),
  languages: z.array(z.object({ language: z.string(), people: Count })),
});
export type CohortShown = z.output<typeof CohortShown>;

export const PlanWarning = z.object({
  code: z.string(),
  message: z.string(),
  command: z.string().optional(),
});
export type PlanWarning = z.output<typeof PlanWarning>;

export const PlanView = z.object({
  window: z.object({ from: z.string(), to: z.string() }).optional(),
  summary: z.string().optional(),
  /** Accounts in the registry, now. */
  total: Count,
  cohorts: z.array(CohortShown),
  evidence: z.array(
    z.object({ key: z.string(), rows: Count, setAside: Count, matched: Count, unmatched: Count }),
  ),
  steps: z.array(
    z.object({
      number: Count,
      people: Count,
      /** At its pace; absent where none is set or nothing is measured. */
      takesMs: Count.optional(),
      watching: z.boolean(),
    }),
  ),
  warnings: z.array(PlanWarning),
  undecided: z.array(z.string()),
});
export type PlanView = z.output<typeof PlanView>;

export type ViewOf = { form: PlanForm; steps: readonly FilledStep[]; draft: Draft; total: number };

export async function viewOfPlan(ctx: Context, incident: Incident, of: ViewOf): Promise<PlanView> {
  const { file } = incident;
  const figures = { incident: incident.row.name, file };
  const cohorts = await cohortFigures(
    ctx,
    figures,
    async (name, make) =>
      await of.draft.answer(CohortShown, {
        name: `figures of ${name}`,
        work: async () => CohortShown.parse(await make()),
      }),
  );
  const scopings = await scopingOf(ctx, incident.row.name);
  const { window, summary } = file;
  return {
    ...(window ? { window } : {}),
    ...(summary === undefined ? {} : { summary }),
    total: of.total,
    cohorts: cohorts.map((one) => CohortShown.parse(one)),
    evidence: scopings.map(evidenceShown),
    steps: of.steps.map((step) => ({
      number: step.number,
      people: step.people,
      ...takes(ctx, step),
      watching: step.kind === "contain" && actionOf(ctx.organisation, step.name).watching,
    })),
    warnings: await warningsOf(ctx, incident, { ...of, draft: of.draft.id, cohorts }),
    undecided: undecided(incident, of.form),
  };
}

function evidenceShown(one: Scoping): PlanView["evidence"][number] {
  const setAside = one.setAside.reduce((sum, { count }) => sum + count, 0);
  return { key: one.key, rows: one.rows, setAside, matched: one.matched, unmatched: one.unmatched };
}

// A pace of 60 calls an hour with 1,000 targets each is 60,000 targets an hour.
function takes(ctx: Context, step: FilledStep): { takesMs?: number } {
  if (!step.pace) return {};
  const traits = step.kind === "contain" ? actionOf(ctx.organisation, step.name).traits : undefined;
  const each = traits?.pace?.per === "batch" ? traits.batch : 1;
  return { takesMs: (step.targets / (step.pace.count * each)) * step.pace.perMs };
}

function undecided({ file }: Incident, form: PlanForm): string[] {
  const open: string[] = [];
  if (form.part === "contain" && file.notices.length === 0) open.push("notices");
  if (file.statement === undefined) open.push("statement");
  if (file.obligations.length === 0) open.push("which laws apply");
  if (!file.window) open.push("the window in time");
  return open;
}
