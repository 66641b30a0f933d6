// The whole ledger out of one snapshot of the database, page by page.
import { z } from "zod";
import { subtreesOf } from "../core/merkle-proof.ts";
import { rowsOf } from "../core/parse.ts";
import type { Context } from "../db/context.ts";
import type { Reader, Tx } from "../db/postgres.ts";
import { nodeName } from "./nodes.ts";
import { LedgerRecord, StoredCheckpoint } from "./record.ts";

export type LedgerPage = {
  readonly records: readonly LedgerRecord[];
  /** The stored subtrees that end among these places, by `level/place`; undefined for an export, which has none. */
  readonly nodes?: ReadonlyMap<string, Buffer>;
};

export type LedgerSource = {
  readonly checkpoints: readonly StoredCheckpoint[];
  /** Committed and without a place: those that wait, and the ids of those that nobody will ever place. */
  readonly waiting: number;
  readonly unplaced: readonly string[];
  /** How many subtrees are stored; undefined for an export. */
  readonly nodeCount?: number;
  readonly pages: AsyncIterable<LedgerPage>;
};

// A batch of 1,000 members is about 200 kB: a page stays below 20 MB.
const PAGE = 100;

/** Runs `use` inside one read-only snapshot. */
export async function withLedger<Result>(
  ctx: Context,
  use: (source: LedgerSource) => Promise<Result>,
): Promise<Result> {
  let done: { readonly result: Result } | undefined;
  await ctx.db.read.begin("isolation level repeatable read read only", async (tx) => {
    done = { result: await use(await sourceOf(tx)) };
  });
  if (!done) throw new Error("the transaction ended without a result");
  return done.result;
}

async function sourceOf(tx: Tx): Promise<LedgerSource> {
  const checkpoints = rowsOf(
    StoredCheckpoint,
    await tx`select size::float8 as size, encode(root, 'hex') as root, note from ledger_checkpoints order by size, made_at`,
  );
  const [counts] = await tx<{ waiting: number; nodes: number }[]>`
    select (select count(*) from ledger_pending)::float8 as waiting, (select count(*) from ledger_nodes)::float8 as nodes`;
  const unplaced = await tx<{ id: string }[]>`
    select e.id::text from ledger_entries e
    where not exists (select from ledger_places p where p.entry = e.id)
      and not exists (select from ledger_pending q where q.entry = e.id)
    order by e.id limit 1000`;
  return {
    checkpoints,
    waiting: counts?.waiting ?? 0,
    unplaced: unplaced.map(({ id }) => id),
    nodeCount: counts?.nodes ?? 0,
    pages: pagesOf(tx),
  };
}

async function* pagesOf(tx: Tx): AsyncIterable<LedgerPage> {
  let from = -1;
  for (;;) {
    const records = await recordsAfter(tx, { after: from, limit: PAGE });
    const last = records.at(-1);
    if (!last) return;
    yield { records, nodes: await nodesEnding(tx, from + 1, last.place + 1) };
    from = last.place;
  }
}

/** Records in the order of their places. */
export async function recordsAfter(
  sql: Reader | Tx,
  { after, limit }: { after: number; limit: number },
): Promise<LedgerRecord[]> {
  return rowsOf(
    LedgerRecord,
    await sql`
      select p.place::float8 as place, p.entry::text as entry,
        case when e.id is null then null else jsonb_build_object('kind', e.kind, 'actor', e.actor, 'incident', e.incident,
          'at', to_char(e.at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'commitment', encode(e.commitment, 'hex')) end as leaf,
        encode(n.hash, 'hex') as "leafHash", encode(b.salt, 'hex') as salt, b.body, b.erased_by::text as "erasedBy",
        case when m.entry is null then null else json_build_object('incident', m.incident, 'size', m.size,
          'commitments', encode(m.commitments, 'hex'), 'salts', encode(m.salts, 'hex'), 'tags', encode(m.tags, 'hex'),
          'members', m.members, 'erasedBy', m.erased_by::text[]) end as batch
      from ledger_places p
      left join ledger_entries e on e.id = p.entry
      left join ledger_bodies b on b.entry = p.entry
      left join ledger_batches m on m.entry = p.entry
      left join ledger_nodes n on n.level = 0 and n.place = p.place
      where p.place > ${after}
      order by p.place limit ${limit}`,
  );
}

const NodeRow = z.object({
  level: z.number(),
  place: z.coerce.number(),
  hash: z.instanceof(Buffer),
});

// A subtree is complete with its last leaf: (place + 1) * 2^level leaves in all.
async function nodesEnding(tx: Tx, from: number, to: number): Promise<Map<string, Buffer>> {
  const highest = Math.max(0, ...subtreesOf({ from: 0, to }).map(({ level }) => level));
  const ranges = Array.from({ length: highest + 1 }, (_, level) => {
    const width = 2 ** level;
    return { level, first: Math.ceil((from + 1) / width) - 1, last: Math.floor(to / width) - 1 };
  });
  const rows = await tx`
    select n.level, n.place, n.hash
    from jsonb_to_recordset(${tx.json(ranges)}::jsonb) as r (level smallint, first bigint, last bigint)
    join ledger_nodes n on n.level = r.level and n.place between r.first and r.last`;
  return new Map(rowsOf(NodeRow, rows).map((row) => [nodeName(row), row.hash]));
}
