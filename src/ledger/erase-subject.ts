import { z } from "zod";
import { TocsinError } from "../core/errors.ts";
import { parse } from "../core/parse.ts";
import type { Context } from "../db/context.ts";
import type { Tx } from "../db/postgres.ts";
import { appendEntry } from "./append.ts";
import { SALT_BYTES } from "./commitment.ts";
import { findMember } from "./find-entry.ts";
import { TAG_BYTES } from "./members.ts";
import { membersOf } from "./verify-record.ts";
import { write } from "./write.ts";

export const EraseInput = z.strictObject({
  /** Entries whose bodies name the person. */
  entries: z
    .array(z.string().regex(/^\d{1,18}$/))
    .max(1_000)
    .default([]),
  /** Members of mass outcomes, as `run/step/key`, in every batch of the incident that has them. */
  members: z
    .array(z.strictObject({ incident: z.string(), member: z.string() }))
    .max(1_000)
    .default([]),
  /** Without personal data: it stays. */
  because: z.string().min(1).max(500),
});

export type ErasedEntries = {
  readonly entry: string;
  readonly bodies: number;
  readonly members: number;
};

type ErasedHere = { entry: string; members?: number[] };

/**
 * Destroys bodies and salts, so that nothing can be read or guessed any more, while every hash stays and the ledger still
 * verifies. The erasure is itself an entry; it names places, never the person. Backups and dead rows keep the bodies
 * until they are rotated and vacuumed.
 * @throws TocsinError `not_found` where an entry or member is not there (or was erased before)
 */
export async function eraseSubject(
  ctx: Context,
  input: z.input<typeof EraseInput>,
): Promise<ErasedEntries> {
  const { entries, members, because } = parse(EraseInput, input);
  if (entries.length + members.length === 0)
    throw new TocsinError("invalid", "name entries or members to erase");
  return await write(ctx, "people:erase", async (tx) => {
    const batches = await lockMembers(tx, members);
    const erased: ErasedHere[] = [
      ...[...new Set(entries)].map((entry) => ({ entry })),
      ...[...batches].map(([entry, indexes]) => ({ entry, members: indexes })),
    ];
    // The entry first: what is erased points at it. `write` appends nothing more.
    const by = await appendEntry(tx, ctx, { kind: "ledger.erased", body: { erased, because } });
    const bodies = await eraseBodies(tx, [...new Set(entries)], by);
    for (const [entry, indexes] of batches) await eraseMembers(tx, { entry, indexes, by });
    const count = [...batches.values()].reduce((sum, indexes) => sum + indexes.length, 0);
    return { result: { entry: by, bodies, members: count }, entry: [] };
  });
}

async function lockMembers(
  tx: Tx,
  members: readonly { incident: string; member: string }[],
): Promise<Map<string, number[]>> {
  const batches = new Map<string, number[]>();
  for (const { incident, member } of members) {
    const found = await findMember(tx, incident, member);
    if (found.length === 0)
      throw new TocsinError(
        "not_found",
        `${incident} has no such member in the ledger, or it was erased`,
      );
    for (const { entry, index } of found)
      batches.set(entry, [...new Set([...(batches.get(entry) ?? []), index])]);
  }
  return batches;
}

async function eraseBodies(tx: Tx, entries: readonly string[], by: string): Promise<number> {
  for (const entry of entries) {
    // A batch's body is its members' root, an erasure's says what was erased: neither names anybody, both are needed.
    const [row] = await tx`
      update ledger_bodies set body = null, salt = null, erased_by = ${by}
      where entry = ${entry} and body is not null
        and entry not in (select entry from ledger_batches where entry = ${entry})
        and entry not in (select id from ledger_entries where id = ${entry} and kind = 'ledger.erased')
      returning entry`;
    if (!row) throw new TocsinError("not_found", `entry ${entry} has no body that can be erased`);
  }
  return entries.length;
}

async function eraseMembers(
  tx: Tx,
  { entry, indexes, by }: { entry: string; indexes: readonly number[]; by: string },
): Promise<void> {
  const [row] = await tx<{ salts: Buffer; tags: Buffer; members: string }[]>`
    select salts, tags, members from ledger_batches where entry = ${entry} for update`;
  const members = membersOf(row?.members ?? "");
  if (!row || !members)
    throw new TocsinError(
      "not_found",
      `the members of entry ${entry} cannot be read: run tocsin ledger verify`,
    );
  for (const index of indexes) {
    if (!members[index])
      throw new TocsinError(
        "conflict",
        `somebody else erased a member of entry ${entry}: try again`,
      );
    members[index] = null;
    row.salts.fill(0, index * SALT_BYTES, (index + 1) * SALT_BYTES);
    row.tags.fill(0, index * TAG_BYTES, (index + 1) * TAG_BYTES);
  }
  await tx`
    update ledger_batches
    set salts = ${row.salts}, tags = ${row.tags}, members = ${JSON.stringify(members)}, erased_by = erased_by || ${by}::bigint
    where entry = ${entry}`;
}
