// ClickHouse with Tocsin's tables and no Postgres beside it, for what only reads events and looks for things in them.
import type { Click } from "../../src/db/click.ts";
import { migrateClickAlone } from "../../src/db/migrate.ts";
import { testClick } from "./context.ts";

let made: Promise<Click> | undefined;

/** One a process, made at its first use: a test's events have a source of their own name. */
export async function eventTables(): Promise<Click> {
  return await (made ??= makeTables());
}

async function makeTables(): Promise<Click> {
  const click = await testClick();
  await migrateClickAlone(click);
  return click;
}
