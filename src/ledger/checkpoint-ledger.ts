import { requireScope } from "../core/scope.ts";
import { TocsinError } from "../core/errors.ts";
import type { Context } from "../db/context.ts";
import type { Tx } from "../db/postgres.ts";
import { appendCheckpoint, readCheckpoints } from "./checkpoint-file.ts";
import { openCheckpoint, signCheckpoint, type Tree } from "./checkpoint-note.ts";
import { ledgerSigner } from "./ledger-key.ts";
import { treeRoot } from "./nodes.ts";
import { asSequencer, ledgerSize, sequenceLedger } from "./sequence-ledger.ts";
import type { NoteSigner } from "./signed-note.ts";

const WEEK_MS = 7 * 86_400_000;

export type Checkpoint = {
  readonly size: number;
  /** Base64, as it stands in the note. */
  readonly root: string;
  /** The signed note, to be given to whoever should be able to hold us to it. */
  readonly note: string;
  readonly at: string;
};

/**
 * Gives waiting entries their place and signs the tree. A tree that was signed already is given again. The note is in the
 * file before it is in the database: if we crash between, the file knows more, which does no harm.
 * @throws TocsinError `refused` where the ledger no longer continues what was signed last: it was rewritten
 */
export async function checkpointLedger(ctx: Context): Promise<Checkpoint> {
  requireScope(ctx.actor, "ledger:write");
  await sequenceLedger(ctx);
  const signer = await ledgerSigner(ctx);
  return await asSequencer(ctx, async (tx) => {
    const size = await ledgerSize(tx);
    const last = await lastCheckpoint(ctx, signer);
    if (last) await refuseRewritten(tx, size, last);
    const root = await treeRoot(tx, size);
    const at = ctx.clock.now().toISOString();
    const isSame = last?.size === size;
    const checkpoint = isSame
      ? last
      : { size, root, at, note: signCheckpoint({ size, root }, signer) };
    if (!isSame) await appendCheckpoint(ctx, { at, note: checkpoint.note });
    await tx`
      insert into ledger_checkpoints (size, made_at, root, note)
      values (${size}, ${checkpoint.at}, ${checkpoint.root}, ${checkpoint.note})
      on conflict do nothing`;
    // Nobody repeats a request after a week; its answer may hold personal data.
    await tx`delete from ledger_answers where at < ${new Date(ctx.clock.now().getTime() - WEEK_MS)}`;
    return { ...checkpoint, root: checkpoint.root.toString("base64") };
  });
}

async function lastCheckpoint(
  ctx: Context,
  signer: NoteSigner,
): Promise<(Tree & { note: string; at: string }) | undefined> {
  const { notes } = await readCheckpoints(ctx);
  const opened = notes.flatMap(({ at, note }) => {
    const tree = openCheckpoint(note, signer);
    return tree ? [{ ...tree, note, at }] : [];
  });
  return opened.at(-1);
}

async function refuseRewritten(tx: Tx, size: number, last: Tree): Promise<void> {
  if (last.size <= size && (await treeRoot(tx, last.size)).equals(last.root)) return;
  throw new TocsinError(
    "refused",
    `the ledger does not continue the checkpoint of ${last.size} entries: it was changed. Run tocsin ledger verify`,
  );
}
