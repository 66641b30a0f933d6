import { z } from "zod";
import { requireScope } from "../core/scope.ts";
import type { Context } from "../db/context.ts";
import { IncidentRow } from "./incident.ts";

export const ListIncidentsInput = z.strictObject({});

export async function listIncidents(ctx: Context): Promise<IncidentRow[]> {
  requireScope(ctx.actor, "incidents:read");
  const rows = await ctx.db.read`
    select name, title, state, lead, opened_at, closed_at from incidents order by opened_at desc, name`;
  return rows.map((row) => IncidentRow.parse(row));
}
