import { z } from "zod";
import { joinSubtrees, subtreesOf, type LeafRange, type Subtree } from "../core/merkle-proof.ts";
import { merkleRoot } from "../core/merkle.ts";
import { rowsOf } from "../core/parse.ts";
import type { Reader, Tx } from "../db/postgres.ts";

const NodeRow = z.object({
  level: z.number(),
  place: z.coerce.number(),
  hash: z.instanceof(Buffer),
});

/** The root of each range, from the stored subtrees: O(log n) rows. */
export async function rangeRoots(
  sql: Reader | Tx,
  ranges: readonly LeafRange[],
): Promise<Buffer[]> {
  const stored = await storedNodes(sql, ranges.flatMap(subtreesOf));
  return ranges.map((range) => {
    if (range.from === range.to) return merkleRoot([]);
    return joinSubtrees(subtreesOf(range).map((subtree) => nodeOf(stored, subtree)));
  });
}

export async function treeRoot(sql: Reader | Tx, size: number): Promise<Buffer> {
  return (await rangeRoots(sql, [{ from: 0, to: size }]))[0] ?? merkleRoot([]);
}

/** The complete subtrees of a tree of `size`, largest first: where the next leaf is added. */
export async function storedEdge(sql: Reader | Tx, size: number): Promise<Buffer[]> {
  const edge = subtreesOf({ from: 0, to: size });
  const stored = await storedNodes(sql, edge);
  return edge.map((subtree) => nodeOf(stored, subtree));
}

export function nodeName({ level, place }: Subtree): string {
  return `${level}/${place}`;
}

async function storedNodes(
  sql: Reader | Tx,
  subtrees: readonly Subtree[],
): Promise<Map<string, Buffer>> {
  const wanted = sql.json(subtrees.map(({ level, place }) => ({ level, place })));
  const rows = await sql`
    select n.level, n.place, n.hash
    from jsonb_to_recordset(${wanted}::jsonb) as wanted (level smallint, place bigint)
    join ledger_nodes n on n.level = wanted.level and n.place = wanted.place`;
  return new Map(rowsOf(NodeRow, rows).map((row) => [nodeName(row), row.hash]));
}

function nodeOf(stored: ReadonlyMap<string, Buffer>, subtree: Subtree): Buffer {
  const hash = stored.get(nodeName(subtree));
  if (!hash)
    throw new Error(`the ledger lacks its node ${nodeName(subtree)}: run tocsin ledger verify`);
  return hash;
}
