import { dumpClick, dumpPostgres } from "../../src/db/dump-schema.ts";
import { testContext } from "./context.ts";

/** What src/db/schema.sql must hold. */
export async function schemaText(): Promise<string> {
  await using t = await testContext();
  const postgres = await dumpPostgres(t.ctx.db.read);
  const click = await dumpClick(await t.ctx.click());
  return `-- Made by tools/dump-schema.ts from the migrations: do not edit.\n\n-- Postgres\n\n${postgres}\n-- ClickHouse\n\n${click}`;
}
