import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { schemaText } from "../../test/support/schema-text.ts";

test("schema.sql is what the migrations make: else run node tools/dump-schema.ts", async () => {
  assert.equal(readFileSync(join(import.meta.dirname, "schema.sql"), "utf8"), await schemaText());
});
