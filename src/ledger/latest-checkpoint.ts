import { z } from "zod";
import { requireScope } from "../core/scope.ts";
import type { Context } from "../db/context.ts";
import { ledgerVerifier } from "./ledger-key.ts";
import { verifierLine } from "./signed-note.ts";

const Row = z.object({
  size: z.coerce.number(),
  entries: z.coerce.number(),
  root: z.instanceof(Uint8Array),
  note: z.string(),
});

export type LatestCheckpoint = {
  /** Entries under the signature. */
  readonly size: number;
  /** Entries that there are: those after the signature are not proved by it. */
  readonly entries: number;
  readonly root: string;
  readonly note: string;
  readonly key: string;
};

/** What was signed last, with the line of the key that anybody can check it with; null before the first. */
export async function latestCheckpoint(ctx: Context): Promise<LatestCheckpoint | null> {
  requireScope(ctx.actor, "ledger:read");
  const [row] = await ctx.db
    .read`select size, root, note, (select count(*) from ledger_entries) as entries
    from ledger_checkpoints order by size desc limit 1`;
  const verifier = await ledgerVerifier(ctx);
  if (!row || !verifier) return null;
  const { size, entries, root, note } = Row.parse(row);
  return {
    size,
    entries,
    root: Buffer.from(root).toString("base64"),
    note,
    key: verifierLine(verifier),
  };
}
