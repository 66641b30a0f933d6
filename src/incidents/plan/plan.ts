// Works out who is affected and everything that would be done, and keeps it under its digest. Changes nothing outside Tocsin.
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { Name } from "../../config/words.ts";
import { TocsinError } from "../../core/errors.ts";
import { parse } from "../../core/parse.ts";
import { requireScope } from "../../core/scope.ts";
import type { Context } from "../../db/context.ts";
import { withSessionLock } from "../../db/session-lock.ts";
import { subrequest } from "../../ledger/request-key.ts";
import { write } from "../../ledger/write.ts";
import { copyEarlierOutcomes, earlierRuns } from "../draft/earlier-outcomes.ts";
import { type Draft, DraftBroken, dropDraft, endDraft, openDraft } from "../draft/draft.ts";
import { draftFacts, type DraftInputs, draftInputs } from "../draft/draft-inputs.ts";
import { type Incident, readIncident } from "../incident.ts";
import { fillDraft } from "../draft/fill-draft.ts";
import { formOf, unspent } from "./make-form.ts";
import { digestOfPlan, type Part, type PlanForm } from "./plan-form.ts";
import { stepsOf } from "./plan-steps.ts";
import { type PlanView, viewOfPlan } from "./plan-view.ts";
import { takeEvidence } from "../take-evidence.ts";

export const PlanInput = z.strictObject({
  incident: Name,
  only: z.enum(["contain", "notify"]).optional(),
});

export type Planned = { readonly digest: string; readonly fresh: boolean };

const MOST_TRIES = 3;

/**
 * Takes and scopes the evidence that is new, then plans the chosen part. The same inputs give the same digest, and the plan
 * that is there already. If we crash, planning the same again goes on with the draft that is left; any other plan drops it.
 * @throws TocsinError `invalid` with every problem of the files; `refused` for a closed or refuted incident; `conflict` while another
 *   plan is made, or where the registry changes again and again meanwhile
 */
export async function plan(ctx: Context, input: z.input<typeof PlanInput>): Promise<Planned> {
  requireScope(ctx.actor, "plans:write");
  const { incident: name, only } = parse(PlanInput, input);
  const incident = await readIncident(ctx, name);
  if (incident.row.state === "closed" || incident.row.state === "refuted") {
    throw new TocsinError(
      "refused",
      `${name} is ${incident.row.state}: nothing is planned for it any more`,
    );
  }
  // One at a time: a draft that is being made looks like one that is left over.
  const lock = { name: "plan", busy: "a plan is being made already" };
  for (let tries = 1; tries <= MOST_TRIES; tries += 1) {
    const own = tries === 1 ? ctx : subrequest(ctx, `again/${tries}`);
    await takeEvidence(own, { incident: name });
    const work = async () => await planOnce(own, incident, only ?? "all");
    const planned = await withSessionLock(ctx.db, lock, work);
    if (planned) return planned;
  }
  throw new TocsinError(
    "conflict",
    `the registry changes again and again while ${name} is planned: plan when it stands still`,
    { retryable: true },
  );
}

/** Undefined where it must be done again. */
async function planOnce(
  ctx: Context,
  incident: Incident,
  part: Part,
): Promise<Planned | undefined> {
  const runs = await earlierRuns(ctx, incident.row.name);
  const wave = 1 + runs.filter((run) => run.form.part !== "contain").length;
  const wanted = { part, runs, wave, steps: await stepsOf(ctx, incident, { part, wave }) };
  const facts = await draftFacts(ctx, incident);
  const draft = await openDraft(ctx, await draftInputs(ctx, incident, { ...wanted, facts }));
  const made = await drafted(ctx, incident, { ...wanted, draft });
  // A registry that is refreshed meanwhile is one to the first steps and another to the last.
  const stood = isDeepStrictEqual(await draftFacts(ctx, incident), facts);
  const kept = made && stood ? await keepPlan(ctx, made) : undefined;
  if (kept?.fresh === true) await endDraft(ctx, draft.id);
  else await dropDraft(ctx, draft.id);
  return kept;
}

type Made = { readonly draft: string; readonly form: PlanForm; readonly view: PlanView };

/** Undefined where the draft does not hold what it should. */
async function drafted(ctx: Context, incident: Incident, of: DraftOf): Promise<Made | undefined> {
  try {
    const { form, view } = await draftPlan(ctx, incident, of);
    await of.draft.check();
    return { draft: of.draft.id, form: await unspent(ctx, form), view };
  } catch (error) {
    if (error instanceof DraftBroken) return undefined;
    throw error;
  }
}

type DraftOf = DraftInputs & { readonly draft: Draft };

async function draftPlan(
  ctx: Context,
  incident: Incident,
  { draft, part, runs, wave, steps }: DraftOf,
): Promise<{ form: PlanForm; view: PlanView }> {
  await draft.part({
    name: "what earlier runs did",
    writes: { table: "plan_outcomes", where: "true" },
    work: async () => await copyEarlierOutcomes(ctx, { draft: draft.id, part, runs }),
  });
  const filled = await fillDraft(ctx, incident, { draft, wave, steps });
  const total = await accountsInAll(ctx);
  const form = await formOf(ctx, incident, { draft: draft.id, part, wave, steps: filled, total });
  const view = await viewOfPlan(ctx, incident, { form, steps: filled, draft, total });
  return { form, view };
}

async function accountsInAll(ctx: Context): Promise<number> {
  const click = await ctx.click();
  const [row] = await click.query(
    z.object({ n: z.coerce.number() }),
    "select count() as n from current_accounts",
  );
  return row?.n ?? 0;
}

async function keepPlan(ctx: Context, { draft, form, view }: Made): Promise<Planned> {
  const digest = digestOfPlan(form);
  return await write(ctx, "plans:write", async (tx) => {
    const [row] = await tx`
      insert into plans (digest, incident, part, wave, form, view, draft, planned_by, planned_at, state)
      values (${digest}, ${form.incident}, ${form.part}, ${form.wave}, ${tx.json(toJson(form))}, ${tx.json(toJson(view))},
        ${draft}, ${ctx.actor.name}, ${ctx.clock.now()}, 'planned')
      on conflict (digest) do nothing returning digest`;
    const fresh = row !== undefined;
    const counts = form.steps.map(({ number, name, targets, root }) => ({
      number,
      name,
      targets,
      root,
    }));
    const body = { digest, part: form.part, wave: form.wave, steps: counts };
    return {
      result: { digest, fresh },
      entry: fresh ? [{ kind: "plan.made", incident: form.incident, body }] : [],
    };
  });
}

// Zod's outputs are JSON already; this only drops `undefined` and the type that says so.
function toJson(value: object): never {
  return JSON.parse(JSON.stringify(value)) as never;
}
