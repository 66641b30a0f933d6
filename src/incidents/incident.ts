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

export type FileRead =
  | { readonly ok: true; readonly file: IncidentFile }
  | { readonly ok: false; readonly why: string };

/** The file as it is now, or why it cannot be read: an incident that a report opened has none at first. */
export async function readFileOf(ctx: Context, name: string): Promise<FileRead> {
  const path = join(incidentFolder(ctx.folder, name), "incident.yaml");
  try {
    return { ok: true, file: await loadIncident(path, { organisation: ctx.organisation }) };
  } catch (error) {
    if (!(error instanceof TocsinError)) throw error;
    return {
      ok: false,
      why: error.problems[0]
        ? `${error.problems[0].at}: ${error.problems[0].message}`
        : error.message,
    };
  }
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
