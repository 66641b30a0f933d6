import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { sha256Hex } from "../core/digest.ts";

export type Migration = {
  readonly number: number;
  /** `000001_ledger` */
  readonly name: string;
  readonly sql: string;
  readonly digest: string;
};

export const MIGRATION_NAME = /^(\d{6})_[a-z0-9_]+\.sql$/;

/** The migrations of one store that this program knows, in order. */
export function knownMigrations(store: "postgres" | "clickhouse"): Migration[] {
  const folder = join(import.meta.dirname, "migrations", store);
  return readdirSync(folder)
    .toSorted()
    .flatMap((file) => {
      const number = MIGRATION_NAME.exec(file)?.[1];
      if (number === undefined) return [];
      const sql = readFileSync(join(folder, file), "utf8");
      return [
        {
          number: Number(number),
          name: file.slice(0, -".sql".length),
          sql,
          digest: sha256Hex(sql),
        },
      ];
    });
}

/** Names the schema that these migrations make. */
export function migrationsDigest(migrations: readonly Migration[]): string {
  return sha256Hex(...migrations.map(({ name, digest }) => `${name} ${digest}\n`));
}
