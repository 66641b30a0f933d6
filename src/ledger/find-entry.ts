import { z } from "zod";
import { TocsinError } from "../core/errors.ts";
import { rowsOf } from "../core/parse.ts";
import type { Reader, Tx } from "../db/postgres.ts";
import { memberTag, TAG_BYTES } from "./members.ts";
import { membersOf } from "./verify-record.ts";

const PlaceRow = z.object({ place: z.number() });

/** @throws TocsinError `not_found` where there is no such entry, or it has no place yet */
export async function placeOfEntry(sql: Reader | Tx, entry: string): Promise<number> {
  const [row] = rowsOf(
    PlaceRow,
    await sql`select place::float8 as place from ledger_places where entry = ${entry}`,
  );
  if (!row) throw new TocsinError("not_found", `the ledger has no entry ${entry}`);
  return row.place;
}

const BatchRow = z.object({ entry: z.string(), tags: z.instanceof(Buffer), members: z.string() });

export type FoundMember = { readonly entry: string; readonly index: number };

/**
 * Where a member stands, in every batch that has it, oldest first. Its tag nominates, its id decides: a scan over the
 * incident's tags, 4 bytes a member. The erased are not found, which is the point.
 */
export async function findMember(
  sql: Reader | Tx,
  incident: string,
  member: string,
): Promise<FoundMember[]> {
  const tag = Buffer.alloc(TAG_BYTES);
  tag.writeUInt32BE(memberTag(member));
  const rows = await sql`
    select entry::text as entry, tags, members from ledger_batches
    where incident = ${incident} and position(${tag}::bytea in tags) > 0
    order by entry limit 1000`;
  return rowsOf(BatchRow, rows).flatMap(({ entry, members }) => {
    const index = (membersOf(members) ?? []).findIndex((one) => one?.id === member);
    return index < 0 ? [] : [{ entry, index }];
  });
}
