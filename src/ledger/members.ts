import { hash, randomFillSync } from "node:crypto";
import { TocsinError } from "../core/errors.ts";
import { HASH_BYTES, packedRoot } from "../core/merkle.ts";
import { memberJson, SALT_BYTES, type Member } from "./commitment.ts";

export const TAG_BYTES = 4;
const MOST_MEMBERS = 10_000;

/** The members of one batch as they are stored: side by side, in order. */
export type PackedMembers = {
  readonly root: Buffer;
  readonly commitments: Buffer;
  readonly salts: Buffer;
  readonly tags: Buffer;
  /** JSON array. */
  readonly members: string;
};

/** @throws TocsinError `invalid` for none, more than 10,000, or an id twice */
export function packMembers(members: readonly Member[]): PackedMembers {
  checkMembers(members);
  const salts = randomFillSync(Buffer.alloc(members.length * SALT_BYTES));
  const commitments = Buffer.alloc(members.length * HASH_BYTES);
  const tags = Buffer.alloc(members.length * TAG_BYTES);
  const texts = members.map((member, n) => {
    const text = memberJson(member);
    const salted = saltedBytes(salts, n, text);
    commitments.write(hash("sha256", salted, "latin1"), n * HASH_BYTES, "latin1");
    tags.writeUInt32BE(memberTag(member.id), n * TAG_BYTES);
    return text;
  });
  return {
    root: membersRoot(commitments),
    commitments,
    salts,
    tags,
    members: `[${texts.join(",")}]`,
  };
}

/** Root over packed commitments: each is the data of one leaf. */
export function membersRoot(commitments: Uint8Array): Buffer {
  return packedRoot(memberLeaves(commitments));
}

const leaf = Buffer.alloc(1 + HASH_BYTES);

export function memberLeaves(commitments: Uint8Array): Buffer {
  const leaves = Buffer.alloc(commitments.length);
  for (let at = 0; at < commitments.length; at += HASH_BYTES) {
    leaf.set(commitments.subarray(at, at + HASH_BYTES), 1);
    leaves.write(hash("sha256", leaf, "latin1"), at, "latin1");
  }
  return leaves;
}

/** FNV-1a over the UTF-16 code units; never 0, which marks an erased member. Nominates only: the id itself decides. */
export function memberTag(id: string): number {
  let tag = 0x811c9dc5;
  for (let at = 0; at < id.length; at += 1) tag = Math.imul(tag ^ id.charCodeAt(at), 0x01000193);
  return tag >>> 0 || 1;
}

let scratch = Buffer.alloc(4096);

// Valid until the next call.
function saltedBytes(salts: Buffer, n: number, text: string): Uint8Array {
  const most = SALT_BYTES + text.length * 3;
  if (scratch.length < most) scratch = Buffer.alloc(most * 2);
  salts.copy(scratch, 0, n * SALT_BYTES, (n + 1) * SALT_BYTES);
  return scratch.subarray(0, SALT_BYTES + scratch.write(text, SALT_BYTES, "utf8"));
}

function checkMembers(members: readonly Member[]): void {
  if (members.length === 0 || members.length > MOST_MEMBERS) {
    throw new TocsinError(
      "invalid",
      `a batch has 1 to ${MOST_MEMBERS} members, not ${members.length}`,
    );
  }
  if (new Set(members.map((member) => member.id)).size < members.length) {
    throw new TocsinError("invalid", "a member's id stands twice in one batch");
  }
}
