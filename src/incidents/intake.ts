import { randomUUID } from "node:crypto";
import { z } from "zod";
import { Name } from "../config/words.ts";
import { parse } from "../core/parse.ts";
import type { Context } from "../db/context.ts";
import { write } from "../ledger/write.ts";

export const REPORTERS = [
  "customer",
  "researcher",
  "vendor",
  "extortionist",
  "staff",
  "authority",
] as const;

export const IntakeInput = z.strictObject({
  incident: Name.describe("joins it where it is open, opens it as suspected where it is not there"),
  reporter: z.enum(REPORTERS),
  name: z.string().optional().describe("who reports"),
  contact: z.string().optional().describe("how to answer them"),
  says: z.string().min(1).max(100_000),
  received: z.iso.datetime({ offset: true }).optional().describe("when it came in; now by default"),
  title: z.string().optional().describe("for an incident that this report opens"),
});

export type TakenIn = { intake: string; incident: string; opened: boolean; state: string };

/**
 * Takes a report from outside. It opens an incident, *suspected*, or joins one; a closed or refuted one stays so, and the
 * report is on record for whoever looks. An extortionist's demand is kept like any other word, and never answered by us.
 */
export async function intake(ctx: Context, input: z.input<typeof IntakeInput>): Promise<TakenIn> {
  const report = parse(IntakeInput, input);
  return await write(ctx, "incidents:write", async (tx) => {
    const now = ctx.clock.now();
    const [made] = await tx`
      insert into incidents (name, title, state, lead, opened_at)
      values (${report.incident}, ${report.title ?? report.incident}, 'suspected', ${ctx.actor.name}, ${now})
      on conflict (name) do nothing returning name`;
    const id = randomUUID();
    await tx`
      insert into intakes (id, incident, reporter, reporter_name, contact, says, received_at, taken_by)
      values (${id}, ${report.incident}, ${report.reporter}, ${report.name ?? null}, ${report.contact ?? null}, ${report.says},
        ${report.received ?? now}, ${ctx.actor.name})`;
    const [row] = await tx<
      { state: string }[]
    >`select state from incidents where name = ${report.incident}`;
    const opened = made !== undefined;
    const body = {
      intake: id,
      opened,
      reporter: report.reporter,
      name: report.name ?? null,
      contact: report.contact ?? null,
      says: report.says,
    };
    return {
      result: { intake: id, incident: report.incident, opened, state: row?.state ?? "suspected" },
      entry: { kind: "intake.taken", incident: report.incident, body },
    };
  });
}
