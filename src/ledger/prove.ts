import { z } from "zod";
import { consistencyRanges, inclusionRanges, merkleProof } from "../core/merkle-proof.ts";
import { TocsinError } from "../core/errors.ts";
import { HASH_BYTES } from "../core/merkle.ts";
import { parse } from "../core/parse.ts";
import { requireScope } from "../core/scope.ts";
import type { Context } from "../db/context.ts";
import { checkpointLedger } from "./checkpoint-ledger.ts";
import { openCheckpoint } from "./checkpoint-note.ts";
import { SALT_BYTES } from "./commitment.ts";
import { findMember, placeOfEntry } from "./find-entry.ts";
import { ledgerSigner } from "./ledger-key.ts";
import { memberLeaves } from "./members.ts";
import { rangeRoots } from "./nodes.ts";
import type { ConsistencyProof, LedgerProof } from "./proof.ts";
import { recordsAfter } from "./read-ledger.ts";
import type { LedgerBatch, LedgerRecord } from "./record.ts";
import { membersOf } from "./verify-record.ts";
import { write } from "./write.ts";

const EntryId = z.string().regex(/^\d{1,18}$/, "an entry's id is a number");

export const ProveInput = z.union([
  z.strictObject({ entry: EntryId }),
  z.strictObject({
    incident: z.string().min(1),
    member: z.string().min(1),
    /** Of several batches that have it; by default the latest. */ entry: EntryId.optional(),
  }),
]);

/**
 * A proof that stands alone, against a checkpoint made now if the last one is older. It shows the entry's body, and the
 * member's: personal data, so that the asking is itself an entry.
 * @throws TocsinError `not_found`; `refused` for a member that was erased
 */
export async function prove(ctx: Context, input: z.input<typeof ProveInput>): Promise<LedgerProof> {
  requireScope(ctx.actor, "people:read");
  const asked = parse(ProveInput, input);
  await recordAsking(ctx, asked);
  const { size, note } = await checkpointLedger(ctx);
  const found = "member" in asked ? await memberAsked(ctx, asked) : { entry: asked.entry };
  const place = await placeOfEntry(ctx.db.read, found.entry);
  const [record] = await recordsAfter(ctx.db.read, { after: place - 1, limit: 1 });
  if (!record?.leaf || place >= size)
    throw new TocsinError("not_found", `the ledger has no entry ${found.entry} that is signed`);
  const { incident, ...leaf } = record.leaf;
  return {
    format: "tocsin-ledger-proof/1",
    entry: found.entry,
    leaf: { ...leaf, ...(incident === null ? {} : { incident }) },
    ...openingOf(record),
    index: place,
    size,
    path: (await rangeRoots(ctx.db.read, inclusionRanges(place, size))).map(base64),
    checkpoint: note,
    ...("index" in found && record.batch && { member: memberProof(record.batch, found.index) }),
  };
}

/**
 * That the ledger at an older checkpoint (a signed note that was given away) is the beginning of the present one.
 * @throws TocsinError `invalid` for a note that the ledger's key did not sign
 */
export async function proveConsistency(
  ctx: Context,
  input: { older: string },
): Promise<ConsistencyProof> {
  requireScope(ctx.actor, "ledger:read");
  const older = openCheckpoint(input.older, await ledgerSigner(ctx));
  if (!older)
    throw new TocsinError("invalid", "the older checkpoint was not signed by this ledger's key");
  const { size, note } = await checkpointLedger(ctx);
  if (older.size > size)
    throw new TocsinError(
      "refused",
      "the ledger is shorter than that checkpoint: run tocsin ledger verify",
    );
  const path = await rangeRoots(ctx.db.read, consistencyRanges(older.size, size));
  return {
    format: "tocsin-ledger-consistency/1",
    older: input.older,
    newer: note,
    path: path.map(base64),
  };
}

async function recordAsking(ctx: Context, asked: z.output<typeof ProveInput>): Promise<void> {
  const { entry = null } = asked;
  const of = "member" in asked ? { incident: asked.incident, member: asked.member } : undefined;
  const asking = {
    kind: "ledger.proven",
    ...(of && { incident: of.incident }),
    body: { entry, member: of?.member ?? null },
  };
  await write(ctx, "ledger:read", () => Promise.resolve({ result: null, entry: asking }));
}

type MemberAsked = {
  readonly incident: string;
  readonly member: string;
  readonly entry?: string | undefined;
};

async function memberAsked(
  ctx: Context,
  { incident, member, entry }: MemberAsked,
): Promise<{ entry: string; index: number }> {
  const all = await findMember(ctx.db.read, incident, member);
  const found = entry === undefined ? all.at(-1) : all.find((one) => one.entry === entry);
  if (!found)
    throw new TocsinError(
      "not_found",
      `${incident} has no outcome of that id in the ledger, or it was erased`,
    );
  return found;
}

function openingOf({ salt, body }: LedgerRecord): Pick<LedgerProof, "opening"> {
  if (salt === null || body === null) return {};
  return {
    opening: { salt: base64(Buffer.from(salt, "hex")), body: z.json().parse(JSON.parse(body)) },
  };
}

function memberProof(batch: LedgerBatch, index: number): NonNullable<LedgerProof["member"]> {
  const member = membersOf(batch.members)?.[index];
  if (!member)
    throw new TocsinError("refused", "that member was erased: nothing can be shown of it");
  const commitments = Buffer.from(batch.commitments, "hex");
  const salt = Buffer.from(batch.salts, "hex").subarray(
    index * SALT_BYTES,
    (index + 1) * SALT_BYTES,
  );
  return {
    ...member,
    salt: base64(salt),
    index,
    size: commitments.length / HASH_BYTES,
    path: merkleProof(memberLeaves(commitments), index).map(base64),
  };
}

function base64(bytes: Buffer): string {
  return bytes.toString("base64");
}
