// What pg_dump, mysqldump, mariadb-dump and sqlite3 write. Comments and what is no row are not data of anybody.
import { writeSqlDump } from "../../evidence/dump/write-sql-dump.ts";
import type { Bytes } from "../bytes.ts";
import type { Walk } from "../walk.ts";
import { decoded, described } from "./decoded.ts";

export async function readSql(bytes: Bytes, at: string, { parts }: Walk): Promise<string> {
  const text = await decoded(bytes);
  const folder = await parts.folder();
  parts.dump(at, await writeSqlDump(text.chunks, { folder, head: text.head.toString("utf8") }));
  return described("SQL dump", text);
}
