import { z } from "zod";
import { rowsOf } from "../../core/parse.ts";
import type { Context } from "../../db/context.ts";
import { tasksWith, type TaskWith } from "../../work/tasks-with.ts";
import { NoticePerson } from "../person.ts";

export type NotReached = {
  readonly subject: string;
  readonly run: string;
  readonly step: number;
  /** `unreachable`: no mailbox takes it. `refused`: the mailbox is there, and the message was not wanted as it is. */
  readonly fate: "unreachable" | "refused";
  readonly hard: boolean;
  readonly reason: string;
  readonly status: string;
  readonly person: NoticePerson;
};

const Fate = z.object({
  run: z.string(),
  step: z.int(),
  key: z.string(),
  fate: z.enum(["unreachable", "refused"]),
  hard: z.boolean(),
  reason: z.string().nullable(),
  status: z.string().nullable(),
});

/** Whoever an incident's notices did not reach: refused at once, or given back later, and not written to again since with better luck. */
export async function notReached(ctx: Context, incident: string): Promise<NotReached[]> {
  const fates = rowsOf(
    Fate,
    await ctx.db.read`
      select run, step, key, fate, hard, reason, status from notice_fates
      where incident = ${incident} and fate in ('unreachable', 'refused')`,
  );
  const came = new Map(fates.map((one) => [placeOf(one), one]));
  const tasks = await tasksWith(ctx, {
    incident,
    kind: "notice",
    states: ["unreachable", "refused"],
    keys: fates.map(({ key }) => key),
  });
  // In the order of the runs: what came last of a person stands.
  const last = new Map<string, NotReached | undefined>();
  for (const task of tasks) last.set(task.key, notReachedBy(task, came.get(placeOf(task))));
  return [...last.values()].filter((one) => one !== undefined);
}

function placeOf({ run, step, key }: { run: string; step: number; key: string }): string {
  return `${run}/${step}/${key}`;
}

function notReachedBy(
  { run, step, key, payload, state, reason }: TaskWith,
  fate: z.output<typeof Fate> | undefined,
): NotReached | undefined {
  const person = NoticePerson.safeParse(payload);
  if (!person.success) return undefined;
  const own = { subject: key, run, step, person: person.data };
  if (fate) {
    const { fate: came, hard } = fate;
    return { ...own, fate: came, hard, reason: fate.reason ?? "", status: fate.status ?? "" };
  }
  if (state !== "unreachable" && state !== "refused") return undefined;
  return { ...own, fate: state, hard: state === "unreachable", reason: reason ?? "", status: "" };
}
