import { IncidentFile } from "./incident-file.ts";
import { incidentReferences } from "./incident-references.ts";
import { checkFile, readText } from "./load-file.ts";
import type { Organisation } from "./organisation.ts";

/**
 * Reads incident.yaml and checks it against tocsin.yaml. The environment has no part in it: a plan is the same on every
 * machine. Paths stay as written: they are relative to the file's folder.
 * @throws TocsinError `not_found`; `invalid` with every problem of the file
 */
export async function loadIncident(
  path: string,
  { organisation }: { organisation: Organisation },
): Promise<IncidentFile> {
  return parseIncident(await readText(path, "tocsin new NAME writes one"), {
    name: path,
    organisation,
  });
}

/** As `loadIncident`, of a text. `name` is what problems call it. */
export function parseIncident(
  text: string,
  { name, organisation }: { name: string; organisation: Organisation },
): IncidentFile {
  return checkFile({
    name,
    text,
    schema: IncidentFile,
    published: "incident",
    references: (tree, value) => incidentReferences(tree, value, organisation),
  });
}
