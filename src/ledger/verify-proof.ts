// Needs no database, no folder and no Tocsin besides this: whoever is given a proof can check it.
import { z } from "zod";
import { canonicalJson } from "../core/canonical.ts";
import { leafHash, merkleRoot } from "../core/merkle.ts";
import { verifyConsistency, verifyInclusion } from "../core/merkle-proof.ts";
import { openCheckpoint } from "./checkpoint-note.ts";
import { commitmentTo, leafBytes, memberJson, type LeafData } from "./commitment.ts";
import { ConsistencyProof, LedgerProof } from "./proof.ts";
import { parseVerifier } from "./signed-note.ts";

export type Proven =
  | { readonly ok: true; readonly size: number }
  | { readonly ok: false; readonly because: string };

/**
 * @param publicKey the ledger's verifier line, which must not come with the proof
 * @throws TocsinError `invalid` for a key that is none
 */
export function verifyProof(proof: unknown, publicKey: string): Proven {
  const verifier = parseVerifier(publicKey);
  const read = LedgerProof.safeParse(proof);
  if (!read.success) return no("this is not a proof of a ledger");
  const { leaf, index, size, path, checkpoint, opening, member } = read.data;
  const tree = openCheckpoint(checkpoint, verifier);
  if (!tree) return no("its checkpoint was not signed by this key");
  if (tree.size !== size) return no("it is about another tree than its checkpoint");
  const isIn = verifyInclusion({
    leafHash: leafHash(leafBytes(leafOf(leaf))),
    index,
    size,
    path: bytes(path),
    root: tree.root,
  });
  if (!isIn) return no("the entry is not in the signed tree");
  if (
    opening &&
    commitmentTo(Buffer.from(opening.salt, "base64"), canonicalJson(opening.body)).toString(
      "hex",
    ) !== leaf.commitment
  ) {
    return no("the body is not the one that the entry commits to");
  }
  return member ? verifyMember(member, opening?.body, size) : { ok: true, size };
}

function verifyMember(
  member: NonNullable<LedgerProof["member"]>,
  body: unknown,
  size: number,
): Proven {
  const batch = z.object({ members: z.int(), root: z.string() }).safeParse(body);
  if (!batch.success || batch.data.members !== member.size)
    return no("the entry is not of the batch that the member is said to be in");
  const commitment = commitmentTo(Buffer.from(member.salt, "base64"), memberJson(member));
  const isIn = verifyInclusion({
    leafHash: leafHash(commitment),
    index: member.index,
    size: member.size,
    path: bytes(member.path),
    root: Buffer.from(batch.data.root, "hex"),
  });
  return isIn ? { ok: true, size } : no("the member is not in the batch, or its body was changed");
}

/** @throws TocsinError `invalid` for a key that is none */
export function verifyConsistencyProof(proof: unknown, publicKey: string): Proven {
  const verifier = parseVerifier(publicKey);
  const read = ConsistencyProof.safeParse(proof);
  if (!read.success) return no("this is not a proof of a ledger's consistency");
  const older = openCheckpoint(read.data.older, verifier);
  const newer = openCheckpoint(read.data.newer, verifier);
  if (!older || !newer) return no("one of its checkpoints was not signed by this key");
  if (older.size === 0 && !older.root.equals(merkleRoot([])))
    return no("the older checkpoint is of no tree");
  const isSame = verifyConsistency({ older, newer, path: bytes(read.data.path) });
  return isSame
    ? { ok: true, size: newer.size }
    : no("the newer ledger does not continue the older one");
}

function leafOf({ incident, ...rest }: LedgerProof["leaf"]): LeafData {
  return { ...rest, ...(incident === undefined ? {} : { incident }) };
}

function bytes(path: readonly string[]): Buffer[] {
  return path.map((hash) => Buffer.from(hash, "base64"));
}

function no(because: string): Proven {
  return { ok: false, because };
}
