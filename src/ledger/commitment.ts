import { randomFillSync } from "node:crypto";
import { canonicalJson, type Json } from "../core/canonical.ts";
import { sha256 } from "../core/digest.ts";

export const SALT_BYTES = 16;

/** SHA-256(salt || canonical body). Without the salt nobody can confirm a guess at the body. */
export function commitmentTo(salt: Uint8Array, canonicalBody: string): Buffer {
  return sha256(salt, canonicalBody);
}

export function freshSalt(): Buffer {
  return randomFillSync(Buffer.alloc(SALT_BYTES));
}

/** What a leaf of the tree commits to. All of it is public: it goes out with every proof. */
export type LeafData = {
  readonly kind: string;
  /** RFC 3339, UTC, milliseconds. */
  readonly at: string;
  readonly actor: string;
  readonly incident?: string;
  /** Lower-case hexadecimal. */
  readonly commitment: string;
};

/** The bytes that are hashed into the tree: RFC 8785 JSON. */
export function leafBytes(leaf: LeafData): Buffer {
  return Buffer.from(canonicalJson(leaf));
}

export type Member = { readonly id: string; readonly body: Json };

/** What one member of a batch commits to: `salt || {"body":…,"id":…}`. */
export function memberJson(member: Member): string {
  return `{"body":${canonicalJson(member.body)},"id":${canonicalJson(member.id)}}`;
}
