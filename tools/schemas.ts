// Writes schemas/*.schema.json from the code; with --check it tells whether they are current.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { schemaText, SCHEMA_NAMES } from "../src/config/init-organisation.ts";

const isCheck = process.argv.includes("--check");
for (const name of SCHEMA_NAMES) {
  const path = join(import.meta.dirname, "..", "schemas", `${name}.schema.json`);
  const text = schemaText(name);
  if (!isCheck) {
    await writeFile(path, text);
  } else if ((await readFile(path, "utf8").catch(() => "")) !== text) {
    process.stderr.write(`schemas/${name}.schema.json is not current: node tools/schemas.ts\n`);
    process.exitCode = 1;
  }
}
