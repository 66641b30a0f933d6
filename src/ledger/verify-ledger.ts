import { requireScope } from "../core/scope.ts";
import type { Context } from "../db/context.ts";
import { readCheckpoints } from "./checkpoint-file.ts";
import { ledgerVerifier } from "./ledger-key.ts";
import { withLedger } from "./read-ledger.ts";
import { verifySource, type Verification } from "./verify-source.ts";

/**
 * Recomputes the whole ledger out of one snapshot and holds it against the stored tree, the checkpoints of the database and
 * those of the file outside it. Reads only: works on a copy or a replica. It cannot see what was removed before it got a
 * place (within about a second), nor, without checkpoints that were given away, a rewriting by who holds the key as well.
 */
export async function verifyLedger(ctx: Context): Promise<Verification> {
  requireScope(ctx.actor, "ledger:read");
  const verifier = await ledgerVerifier(ctx);
  const { notes, torn } = await readCheckpoints(ctx);
  const found = await withLedger(ctx, async (source) =>
    verifySource(source, { verifier, notes: notes.map(({ note }) => note) }),
  );
  if (torn === 0) return found;
  const message = `${torn} lines of the checkpoint file cannot be read`;
  return {
    ...found,
    ok: false,
    problems: [...found.problems, { what: "checkpoint", message }],
    problemCount: found.problemCount + 1,
  };
}
