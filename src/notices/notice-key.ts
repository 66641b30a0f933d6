import { randomBytes } from "node:crypto";
import { z } from "zod";
import { TocsinError } from "../core/errors.ts";
import { rowsOf } from "../core/parse.ts";
import type { Scope } from "../core/scope.ts";
import type { Context } from "../db/context.ts";
import { write } from "../ledger/write.ts";

const Row = z.object({ key: z.instanceof(Uint8Array) });

/** The key of an incident's reference codes, where it has one. */
export async function findNoticeKey(
  ctx: Context,
  incident: string,
): Promise<Uint8Array | undefined> {
  const rows = await ctx.db.read`select key from notice_keys where incident = ${incident}`;
  return rowsOf(Row, rows)[0]?.key;
}

/** The same, made where there is none. Two workers that begin together get the same: the primary key decides. */
export async function noticeKey(
  ctx: Context,
  incident: string,
  scope: Scope = "work:run",
): Promise<Uint8Array> {
  const known = await findNoticeKey(ctx, incident);
  if (known) return known;
  await write(ctx, scope, async (tx) => {
    const made = await tx`
      insert into notice_keys (incident, key) values (${incident}, ${randomBytes(32)})
      on conflict (incident) do nothing returning incident`;
    const entry = { kind: "notice-key.made", incident, body: { first: made.length === 1 } };
    return { result: undefined, entry: made.length === 1 ? entry : [] };
  });
  const made = await findNoticeKey(ctx, incident);
  if (!made)
    throw new TocsinError("unavailable", `the notice key of ${incident} could not be read back`);
  return made;
}
