import type { Environment } from "./interpolate.ts";
import { checkFile, readText } from "./load-file.ts";
import { organisationReferences } from "./organisation-references.ts";
import { Organisation } from "./organisation.ts";

/**
 * Reads tocsin.yaml. `${NAME}` comes from `environment`. Paths stay as written: they are relative to the file's folder.
 * @throws TocsinError `not_found`; `invalid` with every problem of the file
 */
export async function loadOrganisation(
  path: string,
  environment: Environment,
): Promise<Organisation> {
  return parseOrganisation(await readText(path, "tocsin init FOLDER writes one"), {
    name: path,
    environment,
  });
}

/** As `loadOrganisation`, of a text. `name` is what problems call it. */
export function parseOrganisation(
  text: string,
  { name, environment }: { name: string; environment: Environment },
): Organisation {
  return checkFile({
    name,
    text,
    schema: Organisation,
    published: "tocsin",
    environment,
    references: organisationReferences,
  });
}
