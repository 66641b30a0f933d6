import { join, relative } from "node:path";
import { z } from "zod";
import { parse } from "../core/parse.ts";
import { requireScope } from "../core/scope.ts";
import type { OrganisationContext } from "./organisation-context.ts";
import { incidentYaml, NOTICE_EN } from "./starter-files.ts";
import { Name } from "./words.ts";
import { writeNew } from "./write-new.ts";

export const NewIncidentInput = z.strictObject({
  incident: Name,
  title: z.string().min(1).max(200).optional(),
  /** By default who writes it. */
  lead: z.string().min(1).max(200).optional(),
});

export type NewIncident = { readonly incident: string; readonly files: string[] };

/**
 * Writes the folder of an incident, to be filled in: incident.yaml (valid as it stands) and a notice. Files only; the
 * incident opens with the first plan, intake or decision. @returns the files, relative to the organisation's folder
 * @throws TocsinError `conflict` where it is there already
 */
export async function newIncident(
  ctx: OrganisationContext,
  input: z.input<typeof NewIncidentInput>,
): Promise<NewIncident> {
  requireScope(ctx.actor, "incidents:write");
  const {
    incident,
    title = `${incident}: say in one line what happened`,
    lead = ctx.actor.name,
  } = parse(NewIncidentInput, input);
  const folder = join(ctx.folder.root, "incidents", incident);
  const files: [string, string][] = [
    [join(folder, "incident.yaml"), incidentYaml({ incident, title, lead })],
    // In English only: a translation that nobody read must not go out. The plan says which languages are missing.
    [join(folder, "notices", "affected.en.md"), NOTICE_EN],
  ];
  for (const [path, text] of files) await writeNew(path, text);
  return { incident, files: files.map(([path]) => relative(ctx.folder.root, path)) };
}
