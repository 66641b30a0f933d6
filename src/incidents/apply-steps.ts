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
import { noticeStepSettings, type NoticeStep } from "./notice-step.ts";
import type { PlanStep } from "./plan-form.ts";
import type { PlanRow } from "./plan-row.ts";

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
  to: z.string(),
  there: z.coerce.boolean(),
});

// Ordered as the root is. `there`: the account, or one of the person's, is still in the registry.
const TARGETS = `
select key, payload, JSONExtractString(payload, 'to') as to,
  if(account != '', (registry, account) in (select registry, account from current_accounts),
    subject in (select subject from current_accounts)) as there
from plan_targets where draft = {draft:UUID} and step = {step:UInt16}
order by key`;

/** The frozen targets in batches. None is added; whoever is gone since ends as *gone*, whoever has no address as *unreachable*. */
export async function* targetsOf(
  ctx: Context,
  { plan, step }: { plan: PlanRow; step: PlanStep },
): AsyncGenerator<TaskInput[]> {
  const click = await ctx.click();
  const rows = click.stream(Target, TARGETS, { draft: plan.draft, step: step.number });
  for await (const batch of rows) {
    yield batch.map((target) => {
      const task = { key: target.key, payload: readPayload(target.payload) };
      if (!target.there)
        return { ...task, ended: { state: "gone", reason: "not-in-registry" } as const };
      if (step.kind !== "contain" && target.to === "") {
        return { ...task, ended: { state: "unreachable", reason: "no-address" } as const };
      }
      return task;
    });
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
