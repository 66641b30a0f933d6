import { z } from "zod";
import { TocsinError } from "../core/errors.ts";
import { requireScope } from "../core/scope.ts";
import type { Context } from "../db/context.ts";

export const Evidence = z.object({
  incident: z.string(),
  key: z.string(),
  sha256: z.string(),
  bytes: z.coerce.number(),
  kind: z.string(),
  name: z.string(),
  addedAt: z.date(),
  addedBy: z.string(),
});
export type Evidence = z.output<typeof Evidence>;

/** What was taken into an incident, by key. */
export async function listEvidence(ctx: Context, incident: string): Promise<Evidence[]> {
  requireScope(ctx.actor, "evidence:read");
  const rows = await ctx.db.read`
    select incident, key, sha256, bytes, kind, name, added_at as "addedAt", added_by as "addedBy"
    from evidence where incident = ${incident} order by key`;
  return rows.map((row) => Evidence.parse(row));
}

export async function findEvidence(
  ctx: Context,
  { incident, key }: { incident: string; key: string },
): Promise<Evidence | undefined> {
  const [row] = await ctx.db.read`
    select incident, key, sha256, bytes, kind, name, added_at as "addedAt", added_by as "addedBy"
    from evidence where incident = ${incident} and key = ${key}`;
  return row && Evidence.parse(row);
}

/** @throws TocsinError `not_found` */
export async function theEvidence(
  ctx: Context,
  of: { incident: string; key: string },
): Promise<Evidence> {
  const found = await findEvidence(ctx, of);
  if (found) return found;
  throw new TocsinError(
    "not_found",
    `${of.incident} has no evidence ${of.key}: take it with \`tocsin evidence take ${of.incident} ${of.key}\``,
  );
}
