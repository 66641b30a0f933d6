import { DatabaseSync } from "node:sqlite";

/** The file of a database that these statements made. */
export function sqliteOf(sql: string): Buffer {
  using database = new DatabaseSync(":memory:");
  database.exec(sql);
  return Buffer.from(database.serialize());
}
