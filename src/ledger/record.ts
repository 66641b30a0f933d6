import { z } from "zod";
import { leafHash } from "../core/merkle.ts";
import { leafBytes } from "./commitment.ts";

const Hex = z.string().regex(/^([0-9a-f]{2})*$/);

/** The members of a batch, packed: hexadecimal, `members` a JSON array. */
const Batch = z.object({
  incident: z.string().nullable(),
  size: z.number(),
  commitments: Hex,
  salts: Hex,
  tags: Hex,
  members: z.string(),
  erasedBy: z.array(z.string()),
});

/** All that is kept of one place of the ledger. What should be there and is not is null. */
export const LedgerRecord = z.object({
  place: z.number(),
  entry: z.string(),
  /** Null where the entry's own row is gone. */
  leaf: z
    .object({
      kind: z.string(),
      at: z.string(),
      actor: z.string(),
      incident: z.string().nullable(),
      commitment: Hex,
    })
    .nullable(),
  /** The leaf hash as it was stored when the entry got its place. */
  leafHash: Hex.nullable(),
  salt: Hex.nullable(),
  body: z.string().nullable(),
  erasedBy: z.string().nullable(),
  batch: Batch.nullable(),
});
export type LedgerRecord = z.output<typeof LedgerRecord>;
export type LedgerBatch = z.output<typeof Batch>;

export const StoredCheckpoint = z.object({ size: z.number(), root: Hex, note: z.string() });
export type StoredCheckpoint = z.output<typeof StoredCheckpoint>;

/** The leaf hash of what stands in the record now. */
export function hashOfLeaf(leaf: NonNullable<LedgerRecord["leaf"]>): Buffer {
  const { incident, ...rest } = leaf;
  return leafHash(leafBytes({ ...rest, ...(incident === null ? {} : { incident }) }));
}
