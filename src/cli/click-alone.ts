// A ClickHouse for one command: no tocsin.yaml, no Postgres, a folder of its own that goes with it.
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Click } from "../db/click.ts";
import { migrateClickAlone } from "../db/migrate.ts";
import { openClick } from "../db/open-click.ts";

export type ClickAlone = { readonly click: Click; /** Private. */ readonly folder: string };

/** Ours, beside bin/. */
export const OWN_RULES = join(import.meta.dirname, "..", "..", "rules");
const CLICK_MEMORY_BYTES = 600_000_000;

/** `who` is told to another process that wants the folder. */
export async function withClickAlone<Result>(
  who: string,
  use: (alone: ClickAlone) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), "tocsin-alone-"));
  chmodSync(folder, 0o700);
  try {
    const click = await openClick({
      path: join(folder, "clickhouse"),
      database: "detect",
      memoryBytes: CLICK_MEMORY_BYTES,
      who,
    });
    try {
      await migrateClickAlone(click);
      await click.command("system stop merges"); // of what is read once and thrown away: they took 400 MB beside the first pass
      return await use({ click, folder });
    } finally {
      await click.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
