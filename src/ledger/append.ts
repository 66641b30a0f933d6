import { canonicalJson } from "../core/canonical.ts";
import type { Context } from "../db/context.ts";
import type { Tx } from "../db/postgres.ts";
import { commitmentTo, freshSalt, type Member } from "./commitment.ts";
import { packMembers } from "./members.ts";
import type { Entry } from "./write.ts";

/** An entry's id: a bigint as text. It says nothing of the entry's place in the tree. */
export type EntryId = string;

/**
 * Appends to the ledger, in the transaction of what it records. It has no place in the tree before `sequenceLedger`
 * ran after the commit. `write` does this for every verb.
 */
export async function appendEntry(tx: Tx, ctx: Context, entry: Entry): Promise<EntryId> {
  const body = canonicalJson(entry.body);
  const salt = freshSalt();
  const commitment = commitmentTo(salt, body);
  const rows = await tx<{ id: string }[]>`
    with entry as (
      insert into ledger_entries (kind, at, actor, incident, commitment)
      values (${entry.kind}, ${ctx.clock.now()}, ${ctx.actor.name}, ${entry.incident ?? null}, ${commitment})
      returning id
    ), pending as (
      insert into ledger_pending (entry) select id from entry
    )
    insert into ledger_bodies (entry, salt, body) select id, ${salt}, ${body} from entry
    returning entry::text as id`;
  return onlyId(rows);
}

export type BatchEntry = {
  readonly kind: string;
  readonly incident?: string;
  /** 1 to 10,000, each id once. Personal data may stand in a body: it is committed to under a salt of its own. */
  readonly members: readonly Member[];
};

/**
 * Appends one leaf for many outcomes. Its body is `{ members, root }`, the root being the Merkle root over the
 * members' salted commitments, so that each member can be proven, and erased, alone.
 */
export async function appendBatch(
  tx: Tx,
  ctx: Context,
  batch: BatchEntry,
): Promise<{ entry: EntryId }> {
  const packed = packMembers(batch.members);
  const entry = await appendEntry(tx, ctx, {
    kind: batch.kind,
    ...(batch.incident === undefined ? {} : { incident: batch.incident }),
    body: { members: batch.members.length, root: packed.root.toString("hex") },
  });
  await tx`
    insert into ledger_batches (entry, incident, size, commitments, salts, tags, members)
    values (${entry}, ${batch.incident ?? null}, ${batch.members.length}, ${packed.commitments}, ${packed.salts},
      ${packed.tags}, ${packed.members})`;
  return { entry };
}

function onlyId(rows: readonly { id: string }[]): EntryId {
  const id = rows[0]?.id;
  if (id === undefined) throw new Error("the insert returned no id");
  return id;
}
