// From a plan's steps to the engine's: settings frozen as they were approved, targets as they were frozen.
import { z } from "zod";
import { actionOf } from "../contain/action-of.ts";
import { plainJson, type Json } from "../core/canonical.ts";
import { TocsinError } from "../core/errors.ts";
import type { Context } from "../db/context.ts";
import { secretValues } from "../scope/secret-values.ts";
import { sealForWork } from "../evidence/seal-for-work.ts";
import type { StepInput } from "../work/create-run.ts";
import type { TaskInput } from "../work/handler.ts";
import type { Incident } from "./incident.ts";
import { noticeStepSettings, type NoticeStep } from "./plan/notice-step.ts";
import type { PlanStep } from "./plan/plan-form.ts";
import type { PlanRow } from "./plan/plan-row.ts";

export type ApplyStep = { readonly plan: PlanStep; readonly work: StepInput };

const CHUNK = 1000;

export async function applySteps(
  ctx: Context,
  incident: Incident,
  plan: PlanRow,
): Promise<ApplyStep[]> {
  const steps: ApplyStep[] = [];
  for (const step of plan.form.steps) {
    const watching = step.kind === "contain" && actionOf(ctx.organisation, step.name).watching;
    steps.push({
      plan: step,
      work: {
        name: step.name,
        kind: step.kind === "contain" ? "contain" : "notice",
        settings:
          step.kind === "contain"
            ? containSettings(incident, step)
            : await noticeWork(ctx, incident, { plan, step }),
        after: step.after.map((number) => number - 1),
        chunkSize: CHUNK,
        watching,
      },
    });
  }
  return steps;
}

function containSettings(incident: Incident, step: PlanStep): Json {
  return {
    action: step.name,
    incident: incident.row.name,
    count: step.targets,
    ...(step.of === undefined ? {} : { of: step.of }),
  };
}

async function noticeWork(
  ctx: Context,
  incident: Incident,
  { plan, step }: { plan: PlanRow; step: PlanStep },
): Promise<Json> {
  const { settings } = await noticeStepSettings(ctx, incident, noticeStepOf(plan, step));
  return plainJson({ ...settings, pace: step.pace });
}

export function noticeStepOf(plan: PlanRow, step: PlanStep): NoticeStep {
  const correction = step.kind === "correction";
  return { text: step.name, provider: step.through, correction, wave: plan.wave };
}

const Target = z.object({
  key: z.string(),
  payload: z.string(),
  there: z.coerce.boolean(),
});

// Ordered as the root is.
function targetsSql(there: string, behind: string): string {
  return `
select key, payload, ${there} as there
from plan_targets where draft = {draft:UUID} and step = {step:UInt16} ${behind}
order by key`;
}

const MINE = "where draft = {draft:UUID} and step = {step:UInt16}";

function registered(accounts: string): string {
  return `(select registry, account from current_accounts where (registry, account) in (${accounts}))`;
}

// A leaked token is alive at its issuer whoever left us meanwhile. A person is there with any of the accounts that are told
// of: the subject changes with the address.
const THERE = {
  token: "true",
  account: `(registry, account) in ${registered(`select registry, account from plan_targets ${MINE}`)}`,
  person: `subject in (select subject from plan_exposures ${MINE}
    and (registry, account) in ${registered(`select registry, account from plan_exposures ${MINE}`)})`,
} as const;

function thereOf(step: PlanStep): string {
  if (step.kind !== "contain") return THERE.person;
  return step.secret === undefined ? THERE.account : THERE.token;
}

export type TargetsOf = {
  readonly plan: PlanRow;
  readonly step: PlanStep;
  /** Only those behind this key. */
  readonly after?: string | undefined;
};

/** The frozen targets in batches, by their keys. None is added; whoever is gone since ends as *gone*. */
export async function* targetsOf(
  ctx: Context,
  { plan, step, after }: TargetsOf,
): AsyncGenerator<TaskInput[]> {
  const click = await ctx.click();
  const behind = after === undefined ? "" : "and key > {after:String}";
  const rows = click.stream(Target, targetsSql(thereOf(step), behind), {
    draft: plan.draft,
    step: step.number,
    after: after ?? "",
  });
  for await (const batch of rows) {
    yield batch.map((target): TaskInput => ({
      key: target.key,
      payload: readPayload(target.payload),
      gone: !target.there,
    }));
  }
}

function readPayload(text: string): Json {
  return JsonValue.parse(JSON.parse(text));
}
const JsonValue = z.json();

/** For actions that need the exposed value itself: values come from unsealed evidence and leave this process sealed. */
export async function sealerOf(
  ctx: Context,
  incident: Incident,
  step: PlanStep,
): Promise<{ seal?: (tasks: readonly TaskInput[]) => Promise<Uint8Array> }> {
  if (step.secret === undefined) return {};
  const values = new Map<string, string>();
  const found = secretValues(ctx, {
    incident: incident.row.name,
    file: incident.file,
    category: step.secret,
    why: `apply ${step.name}`,
  });
  for await (const batch of found) for (const one of batch) values.set(one.mark, one.value);
  return {
    seal: async (tasks) => {
      const secrets: Record<string, string> = {};
      for (const { key } of tasks) {
        const value = values.get(key);
        if (value === undefined)
          throw new TocsinError(
            "refused",
            `the evidence no longer holds ${step.secret} ${key}: plan again`,
          );
        secrets[key] = value;
      }
      return await sealForWork(ctx, JSON.stringify(secrets));
    },
  };
}
