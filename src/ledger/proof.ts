import { z } from "zod";

const Hash = z.base64();

/** One member of a batch: SHA-256(salt || {"body":…,"id":…}) is the data of leaf `index` in a tree of `size`. */
const MemberProof = z.strictObject({
  id: z.string(),
  body: z.json(),
  salt: z.base64(),
  index: z.int(),
  size: z.int(),
  path: z.array(Hash),
});

/**
 * Proves that an entry, or a member of a mass outcome, stands in a signed ledger. Stands alone: needs the ledger's public
 * key and nothing else. Hashes are in base64, paths from the bottom up (RFC 6962, 2.1.1).
 */
export const LedgerProof = z.strictObject({
  format: z.literal("tocsin-ledger-proof/1"),
  entry: z.string(),
  leaf: z.strictObject({
    kind: z.string(),
    at: z.string(),
    actor: z.string(),
    incident: z.string().optional(),
    commitment: z.string().regex(/^[0-9a-f]{64}$/),
  }),
  /** SHA-256(salt || canonical body) is the leaf's commitment. Absent where the body was erased, or was not asked for. */
  opening: z.strictObject({ salt: z.base64(), body: z.json() }).optional(),
  index: z.int(),
  size: z.int(),
  path: z.array(Hash),
  /** A signed note (C2SP tlog-checkpoint). */
  checkpoint: z.string(),
  member: MemberProof.optional(),
});
export type LedgerProof = z.output<typeof LedgerProof>;

/** Proves that the ledger at one checkpoint is the beginning of that at another. */
export const ConsistencyProof = z.strictObject({
  format: z.literal("tocsin-ledger-consistency/1"),
  older: z.string(),
  newer: z.string(),
  path: z.array(Hash),
});
export type ConsistencyProof = z.output<typeof ConsistencyProof>;
