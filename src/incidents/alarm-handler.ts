// A plan above the ceiling waits, and everybody on the list hears of it. An alarm says where to look and nothing else: intruders
// read mail.
import { z } from "zod";
import { randomUUID } from "node:crypto";
import { parse } from "../core/parse.ts";
import type { Context } from "../db/context.ts";
import type { Tx } from "../db/postgres.ts";
import { sendLetter } from "../mail/send-letter.ts";
import { createRun } from "../work/create-run.ts";
import type { Handler, TaskOutcome } from "../work/handler.ts";
import { loadTasks } from "../work/load-tasks.ts";
import type { PlanRow } from "./plan/plan-row.ts";

const Settings = z.strictObject({ plan: z.string(), notBefore: z.string() });

/** Puts the alarm down as work of its own, in the transaction of the last approval: it survives whatever comes. */
export async function raiseAlarm(
  tx: Tx,
  ctx: Context,
  of: { plan: PlanRow; notBefore: Date },
): Promise<void> {
  const { alarm } = ctx.organisation.approvals.ceiling;
  if (alarm.length === 0) return;
  const { digest, incident } = of.plan;
  const run = randomUUID();
  const settings = { plan: digest, notBefore: of.notBefore.toISOString() };
  const step = { name: "alarm", kind: "alarm", settings, after: [], chunkSize: 100 };
  await createRun(tx, { run, incident, plan: digest, steps: [step] });
  await loadTasks(tx, { run, step: 0, tasks: [alarm.map((to) => ({ key: to, payload: {} }))] });
}

export const alarmHandler: Handler = {
  kind: "alarm",
  prepare: (ctx, given, { run }) => {
    const settings = parse(Settings, given);
    return Promise.resolve({
      // A second copy of an alarm harms nobody, a lost one may.
      traits: { idempotent: true, batch: 1, concurrency: 4 },
      act: async ({ tasks }) =>
        await Promise.all(
          tasks.map(
            async ({ key, n }) =>
              await send(ctx, { to: key, id: `alarm.${run}.${n}`, ...settings }),
          ),
        ),
      [Symbol.asyncDispose]: async () => {},
    });
  },
};

type Alarm = { to: string; id: string; plan: string; notBefore: string };

async function send(ctx: Context, { to, id, plan, notBefore }: Alarm): Promise<TaskOutcome> {
  const short = plan.slice(0, 8);
  const { domain } = ctx.organisation.organisation;
  const text = [
    `A large plan, ${short}, has all its approvals and waits until ${notBefore}.`,
    "Look at it, and if it should not be applied, cancel it. Anybody who gets this message may.",
    "",
    `  tocsin cancel ${short}`,
    "",
  ].join("\n");
  const handed = await sendLetter(ctx, {
    to,
    subject: `Tocsin: plan ${short} waits`,
    text,
    messageId: `${id}@${domain}`,
  });
  if (handed.kind === "accepted") return { state: "done" };
  if (handed.kind === "refused") return { state: "refused", reason: handed.reason };
  return { retry: true, reason: handed.reason };
}
