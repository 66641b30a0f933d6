// Which steps the file asks for, in its order, with what each waits for.
import { actionOf } from "../../contain/action-of.ts";
import type { IncidentFile } from "../../config/incident-file.ts";
import { TocsinError } from "../../core/errors.ts";
import type { Context } from "../../db/context.ts";
import type { Templates } from "../../notices/templates.ts";
import type { Incident } from "../incident.ts";
import { noticeStepSettings } from "./notice-step.ts";
import type { Part, PlanStep } from "./plan-form.ts";

/** A step before its targets are known. */
export type StepDraft = Omit<PlanStep, "targets" | "root"> & {
  /** Notices only. */
  readonly templates?: Templates;
};

const DEFAULT_SECRET: Readonly<Record<string, string>> = { github: "token.github" };

/** @throws TocsinError `invalid` where an action or a provider is not in tocsin.yaml */
export async function stepsOf(
  ctx: Context,
  incident: Incident,
  { part, wave }: { part: Part; wave: number },
): Promise<StepDraft[]> {
  const { file } = incident;
  const steps: StepDraft[] = [];
  if (part !== "notify") {
    for (const action of file.actions) steps.push(containStep(ctx, action, steps));
  }
  if (part !== "contain") {
    // Corrections last: whoever has a notice in this plan is not written to twice.
    const notices = file.notices.toSorted((a, b) => Number(a.correction) - Number(b.correction));
    for (const notice of notices)
      steps.push(await noticeStep(ctx, incident, { notice, steps, wave }));
  }
  return steps;
}

function containStep(
  ctx: Context,
  action: IncidentFile["actions"][number],
  earlier: readonly StepDraft[],
): StepDraft {
  const known = actionOf(ctx.organisation, action.do);
  const secret = action.secret ?? DEFAULT_SECRET[known.kind];
  return {
    number: earlier.length + 1,
    kind: "contain",
    name: action.do,
    title: action.of === undefined ? known.title : `${known.title} (${action.of})`,
    to: action.to,
    through: known.connector,
    ...(action.of === undefined ? {} : { of: action.of }),
    ...(secret === undefined ? {} : { secret }),
    settings: known.settingsDigest,
    idempotent: known.traits.idempotent,
    reversible: known.traits.reversible,
    ...(known.traits.pace
      ? { pace: { count: known.traits.pace.count, perMs: known.traits.pace.perMs } }
      : {}),
    ...waits(action.after, earlier),
  };
}

type NoticeOf = {
  notice: IncidentFile["notices"][number];
  steps: readonly StepDraft[];
  wave: number;
};

async function noticeStep(
  ctx: Context,
  incident: Incident,
  { notice, steps, wave }: NoticeOf,
): Promise<StepDraft> {
  const provider = notice.provider ?? noticeProvider(ctx);
  const { text, correction } = notice;
  const of = await noticeStepSettings(ctx, incident, { text, provider, correction, wave });
  const settings = ctx.organisation.mail?.providers[provider];
  const pace = slowest([settings?.pace, careCap(ctx)]);
  return {
    number: steps.length + 1,
    kind: notice.correction ? "correction" : "notice",
    name: notice.text,
    title: notice.correction ? "correct those told in error" : `tell ${notice.to}`,
    to: notice.to,
    through: provider,
    settings: of.digest,
    idempotent: false,
    reversible: false,
    ...(pace ? { pace } : {}),
    ...waits(notice.after, steps),
    templates: of.templates,
  };
}

/** The first provider that carries the stream `notices`. */
function noticeProvider(ctx: Context): string {
  const found = Object.entries(ctx.organisation.mail?.providers ?? {}).find(([, one]) =>
    one.streams.includes("notices"),
  );
  if (!found)
    throw new TocsinError(
      "invalid",
      "tocsin.yaml has no mail provider that carries the stream notices",
    );
  return found[0];
}

type Pace = { readonly count: number; readonly perMs: number };

// What notices set off, sign-ins and support requests, stays under the stated caps.
function careCap(ctx: Context): Pace | undefined {
  const caps = Object.values(ctx.organisation.care).flatMap((cap) =>
    cap
      ? [
          {
            count: Math.max(1, Math.floor(cap.at_most.count / cap.share)),
            perMs: cap.at_most.perMs,
          },
        ]
      : [],
  );
  return slowest(caps);
}

export function slowest(paces: readonly (Pace | undefined)[]): Pace | undefined {
  const given = paces.filter((pace) => pace !== undefined);
  return given.toSorted((a, b) => a.count / a.perMs - b.count / b.perMs)[0];
}

// `after: [revoke-token]` names a step of this plan where there is one, and otherwise an action of an earlier run.
function waits(
  after: readonly string[],
  earlier: readonly StepDraft[],
): Pick<PlanStep, "after" | "waits_for"> {
  const here: number[] = [];
  const before: string[] = [];
  for (const name of after) {
    const steps = earlier.filter((step) => step.name === name || step.name.split(".")[1] === name);
    if (steps.length > 0) here.push(...steps.map((step) => step.number));
    else before.push(name);
  }
  return { after: here, waits_for: before };
}
