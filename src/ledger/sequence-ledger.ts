import { z } from "zod";
import { Frontier, leafHash } from "../core/merkle.ts";
import { rowsOf } from "../core/parse.ts";
import type { Context } from "../db/context.ts";
import { asStoreFailure } from "../db/postgres-failure.ts";
import type { Tx } from "../db/postgres.ts";
import { leafBytes } from "./commitment.ts";
import { storedEdge } from "./nodes.ts";

/** Held by whoever gives places or signs: one at a time on one database. */
const SEQUENCER_LOCK = 8_630_617;
const MOST_AT_ONCE = 2_000;

const PendingRow = z.object({
  id: z.string(),
  kind: z.string(),
  at: z.date(),
  actor: z.string(),
  incident: z.string().nullable(),
  commitment: z.instanceof(Buffer),
});

/**
 * Gives committed entries their place in the tree, in the order of their ids among those that are committed now, and
 * stores the subtrees that become complete. Entries commit without a place because identity order is not commit order: a
 * leaf that appeared before one already signed would break the tree. Several may call it; they wait for each other.
 * If we crash between two batches, the next call goes on.
 */
export async function sequenceLedger(ctx: Context): Promise<{ placed: number; size: number }> {
  let placed = 0;
  for (;;) {
    const { count, size } = await asSequencer(ctx, placeSome);
    placed += count;
    if (count < MOST_AT_ONCE) return { placed, size };
    ctx.progress({ what: "place ledger entries", done: placed, unit: "entries" });
  }
}

/** In one transaction that alone may give places and sign. Not a `write`: the ledger's own upkeep adds no entry to itself. */
export async function asSequencer<Result>(
  ctx: Context,
  work: (tx: Tx) => Promise<Result>,
): Promise<Result> {
  let done: { readonly result: Result } | undefined;
  try {
    await ctx.db.write.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(${SEQUENCER_LOCK})`;
      done = { result: await work(tx) };
    });
  } catch (error) {
    throw asStoreFailure(error);
  }
  if (!done) throw new Error("the transaction ended without a result");
  return done.result;
}

export async function ledgerSize(tx: Tx): Promise<number> {
  const [row] = await tx<
    { size: number }[]
  >`select coalesce(max(place) + 1, 0)::float8 as size from ledger_places`;
  return row?.size ?? 0;
}

async function placeSome(tx: Tx): Promise<{ count: number; size: number }> {
  const size = await ledgerSize(tx);
  const pending = rowsOf(
    PendingRow,
    await tx`
      select e.id::text, e.kind, e.at, e.actor, e.incident, e.commitment
      from ledger_pending p join ledger_entries e on e.id = p.entry
      order by e.id limit ${MOST_AT_ONCE}`,
  );
  if (pending.length === 0) return { count: 0, size };
  const nodes: { level: number; place: number; hash: string }[] = [];
  const frontier = new Frontier(
    (level, place, hash) => nodes.push({ level, place, hash: hash.toString("hex") }),
    { size, edge: await storedEdge(tx, size) },
  );
  for (const row of pending) frontier.add(leafOf(row));
  const places = pending.map(({ id }, n) => ({ place: size + n, entry: id }));
  await tx`
    with placed as (
      insert into ledger_places (place, entry)
      select place, entry from jsonb_to_recordset(${tx.json(places)}::jsonb) as p (place bigint, entry bigint)
      returning entry
    ), nodes as (
      insert into ledger_nodes (level, place, hash)
      select level, place, decode(hash, 'hex')
      from jsonb_to_recordset(${tx.json(nodes)}::jsonb) as n (level smallint, place bigint, hash text)
    )
    delete from ledger_pending where entry in (select entry from placed)`;
  return { count: pending.length, size: frontier.size };
}

function leafOf({ kind, at, actor, incident, commitment }: z.output<typeof PendingRow>): Buffer {
  return leafHash(
    leafBytes({
      kind,
      at: at.toISOString(),
      actor,
      ...(incident === null ? {} : { incident }),
      commitment: commitment.toString("hex"),
    }),
  );
}
