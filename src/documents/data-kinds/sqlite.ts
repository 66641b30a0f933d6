// SQLite databases, opened in memory: every table, as text. Their triggers, views and virtual tables are not run.
import { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { type Bytes, wholeBytes } from "../bytes.ts";
import { placeIn, Unreadable } from "../document.ts";
import type { Walk } from "../walk.ts";

const AT_ONCE = 512 << 20;
const Name = z.object({ name: z.string() });

export async function readSqlite(bytes: Bytes, at: string, walk: Walk): Promise<string> {
  const whole = await wholeBytes(bytes, AT_ONCE);
  using database = new DatabaseSync(":memory:", { allowExtension: false, defensive: true });
  // Bytes 18 and 19 are 2 for a write-ahead log, which cannot be had in memory: the pages are the same.
  const pages = Buffer.from(whole);
  pages[18] = 1;
  pages[19] = 1;
  try {
    database.deserialize(pages);
    database.exec("pragma trusted_schema = off; pragma cell_size_check = on");
  } catch (error) {
    throw new Unreadable("damaged", `the database cannot be opened: ${messageOf(error)}`);
  }
  for (const table of tablesOf(database)) await readTable(database, table, { at, walk });
  return "SQLite database";
}

function tablesOf(database: DatabaseSync): string[] {
  const sql = `select name from sqlite_schema where type = 'table' and sql not like 'create virtual%' order by name`;
  try {
    return z
      .array(Name)
      .parse(database.prepare(sql).all())
      .map(({ name }) => name);
  } catch (error) {
    throw new Unreadable("damaged", `the database does not say what is in it: ${messageOf(error)}`);
  }
}

async function readTable(
  database: DatabaseSync,
  name: string,
  { at, walk }: { readonly at: string; readonly walk: Walk },
): Promise<void> {
  const place = placeIn(at, `table ${name}`);
  try {
    const statement = database.prepare(`select * from "${name.replaceAll('"', '""')}"`);
    statement.setReadBigInts(true);
    const columns = statement
      .columns()
      .map((column, index) => column.name || `column_${index + 1}`);
    const table = walk.parts.table(place, { name, columns });
    let number = 0;
    for (const row of statement.iterate()) {
      number += 1;
      await table.add(
        number,
        columns.map((column) => textOf(row[column])),
      );
    }
    await table.end();
  } catch (error) {
    if (!isSqlite(error)) throw error;
    walk.parts.unread({
      at: place,
      reason: "damaged",
      detail: `the rest of the table: ${messageOf(error)}`,
    });
  }
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString("utf8");
  return typeof value === "bigint" || typeof value === "number" ? value.toString() : "";
}

function isSqlite(error: unknown): error is Error {
  return error instanceof Error && "code" in error && String(error.code).startsWith("ERR_SQLITE");
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.slice(0, 200) : "unknown";
}
