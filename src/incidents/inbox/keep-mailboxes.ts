import { z } from "zod";
import type { ImapMailbox } from "../../config/mail-schema.ts";
import { rowsOf } from "../../core/parse.ts";
import { requireScope } from "../../core/scope.ts";
import type { Context } from "../../db/context.ts";
import { write } from "../../ledger/write.ts";
import { type KeepInput, keepMailbox, type Position } from "../../mail/incoming/imap-mailbox.ts";
import { receiveMails } from "./receive-mails.ts";

/** The mailboxes of tocsin.yaml that mail about our mail comes to. */
export function mailboxesOf({
  organisation,
}: Pick<Context, "organisation">): Map<string, ImapMailbox> {
  const { bounces, reports } = organisation.mail ?? {};
  const all = { bounces: bounces?.imap, reports: reports?.imap };
  return new Map(
    Object.entries(all).flatMap(([name, one]) => (one === undefined ? [] : [[name, one] as const])),
  );
}

/** Keeps every mailbox open and takes in what arrives, until the context's signal. */
export async function keepMailboxes(ctx: Context): Promise<void> {
  await Promise.all(
    [...mailboxesOf(ctx)].map(
      async ([name, mailbox]) => await keepMailbox(ctx, mailboxInput(ctx, name, mailbox)),
    ),
  );
}

export function mailboxInput(ctx: Context, name: string, mailbox: ImapMailbox): KeepInput {
  requireScope(ctx.actor, "mail:write");
  return {
    name,
    mailbox,
    position: async () => await positionOf(ctx, name),
    take: async (mails, position) => {
      await receiveMails(ctx, mails);
      await keepPosition(ctx, name, position);
    },
  };
}

const Row = z.object({ validity: z.string(), uid: z.coerce.number() });

async function positionOf(ctx: Context, name: string): Promise<Position | undefined> {
  const rows = await ctx.db.read`
    select uid_validity as validity, uid from mail_positions where mailbox = ${name}`;
  return rowsOf(Row, rows)[0];
}

async function keepPosition(
  ctx: Context,
  name: string,
  { validity, uid }: Position,
): Promise<void> {
  await write(ctx, "mail:write", async (tx) => {
    await tx`
      insert into mail_positions (mailbox, uid_validity, uid, read_at) values (${name}, ${validity}, ${uid}, ${ctx.clock.now()})
      on conflict (mailbox) do update set uid_validity = excluded.uid_validity, uid = excluded.uid, read_at = excluded.read_at`;
    return { result: undefined, entry: [] };
  });
}
