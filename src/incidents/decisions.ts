import { z } from "zod";
import type { Context } from "../db/context.ts";

export const DECISIONS = [
  "aware",
  "declare",
  "refute",
  "hold",
  "lift",
  "contained",
  "wording",
  "lead",
  "other",
] as const;
export type DecisionKind = (typeof DECISIONS)[number];

const DecisionRow = z.object({
  number: z.number(),
  what: z.string(),
  effective_at: z.date(),
  because: z.string(),
  facts: z.unknown(),
  decided_by: z.string(),
  seconded_by: z.string().nullable(),
  decided_at: z.date(),
  ended_by: z.number().nullable(),
});
export type DecisionRow = z.output<typeof DecisionRow>;

/** All of an incident, oldest first, those that a later one ended included. */
export async function decisionsOf(ctx: Context, incident: string): Promise<DecisionRow[]> {
  const rows = await ctx.db.read`
    select number, what, effective_at, because, facts, decided_by, seconded_by, decided_at, ended_by
    from decisions where incident = ${incident} order by number`;
  return rows.map((row) => DecisionRow.parse(row));
}

/** The lawful demands not to publish that stand now. */
export async function holdsOf(ctx: Context, incident: string): Promise<DecisionRow[]> {
  const all = await decisionsOf(ctx, incident);
  return all.filter((one) => one.what === "hold" && one.ended_by === null);
}

/** When the company became aware, by the decision that stands: the clocks run from it. */
export async function awareOf(ctx: Context, incident: string): Promise<DecisionRow | undefined> {
  const all = await decisionsOf(ctx, incident);
  return all.findLast((one) => one.what === "aware" && one.ended_by === null);
}
