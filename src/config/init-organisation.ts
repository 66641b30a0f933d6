import { join } from "node:path";
import { TocsinError } from "../core/errors.ts";
import { publishedSchema, type SchemaName, SCHEMAS } from "./published-schema.ts";
import { ALLOWED_SIGNERS, GITIGNORE, TOCSIN_YAML } from "./starter-files.ts";
import { writeNew } from "./write-new.ts";

/**
 * Writes what an organisation starts with: tocsin.yaml (valid as it stands), who may approve, and the schemas that editors
 * check by. Needs no stores. @returns the files it wrote, relative to the folder
 * @throws TocsinError `conflict` where tocsin.yaml is there already, before anything is written
 */
export async function initOrganisation(
  folder: string,
): Promise<{ readonly folder: string; readonly files: string[] }> {
  await writeNew(join(folder, "tocsin.yaml"), TOCSIN_YAML);
  const others: [string, string][] = [
    ["allowed_signers", ALLOWED_SIGNERS],
    [".gitignore", GITIGNORE],
    ["incidents/.gitkeep", ""],
    ["schemas/tocsin.schema.json", schemaText("tocsin")],
    ["schemas/incident.schema.json", schemaText("incident")],
  ];
  const files = ["tocsin.yaml"];
  for (const [name, text] of others)
    if (await isWritten(join(folder, name), text)) files.push(name);
  return { folder, files };
}

// What is there already, such as the .gitignore of a repository, stays as it is.
async function isWritten(path: string, text: string): Promise<boolean> {
  try {
    await writeNew(path, text);
    return true;
  } catch (error) {
    if (error instanceof TocsinError && error.code === "conflict") return false;
    throw error;
  }
}

/** The file in `schemas/`, byte for byte. */
export function schemaText(name: SchemaName): string {
  return `${JSON.stringify(publishedSchema(name), null, 2)}\n`;
}

export const SCHEMA_NAMES: readonly SchemaName[] = Object.keys(SCHEMAS).filter(
  (name) => name === "tocsin" || name === "incident",
);
