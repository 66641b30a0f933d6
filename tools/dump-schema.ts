// Writes src/db/schema.sql from freshly migrated stores. Run it after a change of a migration.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { schemaText } from "../test/support/schema-text.ts";

writeFileSync(join(import.meta.dirname, "..", "src", "db", "schema.sql"), await schemaText());
