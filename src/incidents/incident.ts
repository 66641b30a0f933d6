// An incident is a folder with incident.yaml, and a row that holds what the file must not: its state and its decisions.
import { join } from "node:path";
import { z } from "zod";
import { loadIncident } from "../config/load-incident.ts";
import type { IncidentFile } from "../config/incident-file.ts";
import { TocsinError } from "../core/errors.ts";
import type { Context } from "../db/context.ts";
import { incidentFolder } from "../db/folder.ts";

export const INCIDENT_STATES = ["suspected", "declared", "contained", "closed", "refuted"] as const;
export type IncidentState = (typeof INCIDENT_STATES)[number];

export const IncidentRow = z.object({
  name: z.string(),
  title: z.string(),
  state: z.enum(INCIDENT_STATES),
  lead: z.string(),
  opened_at: z.date(),
  closed_at: z.date().nullable(),
});
export type IncidentRow = z.output<typeof IncidentRow>;

export type Incident = {
  readonly row: IncidentRow;
  readonly file: IncidentFile;
  readonly folder: string;
};

/** @throws TocsinError `not_found` when it was never opened */
export async function incidentRow(ctx: Context, name: string): Promise<IncidentRow> {
  const [row] = await ctx.db.read`
    select name, title, state, lead, opened_at, closed_at from incidents where name = ${name}`;
  if (!row) throw new TocsinError("not_found", `there is no incident ${name}: tocsin new ${name}`);
  return IncidentRow.parse(row);
}

/** The row and the file, as it is now. @throws TocsinError `not_found`; `invalid` with every problem of the file */
export async function readIncident(ctx: Context, name: string): Promise<Incident> {
  const row = await incidentRow(ctx, name);
  const folder = incidentFolder(ctx.folder, name);
  const file = await loadIncident(join(folder, "incident.yaml"), {
    organisation: ctx.organisation,
  });
  if (file.incident !== name) {
    throw new TocsinError(
      "invalid",
      `${join(folder, "incident.yaml")} says incident: ${file.incident}, its folder says ${name}`,
    );
  }
  return { row, file, folder };
}
