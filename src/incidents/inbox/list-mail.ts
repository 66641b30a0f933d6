import { z } from "zod";
import { parse, rowsOf } from "../../core/parse.ts";
import { requireScope } from "../../core/scope.ts";
import type { Context } from "../../db/context.ts";
import { MAIL_KINDS } from "./sort-mail.ts";

export const ListMailInput = z.strictObject({
  kind: z.enum(MAIL_KINDS).optional(),
  limit: z
    .string()
    .regex(/^[1-9]\d{0,3}$/, "write a number up to 9999")
    .default("100"),
});

const Count = z.object({
  kind: z.enum(MAIL_KINDS),
  messages: z.int(),
  matched: z.int(),
  last: z.date(),
});
const Message = z.object({
  identity: z.string(),
  kind: z.enum(MAIL_KINDS),
  source: z.string(),
  notices: z.int(),
  trouble: z.string().nullable(),
  received_at: z.date(),
});

export type MailListed = {
  readonly counts: readonly z.output<typeof Count>[];
  /** The newest first. */
  readonly messages: readonly z.output<typeof Message>[];
};

/** What came in by mail: how many of each kind, and the messages of one kind, or those that were set aside. */
export async function listMail(
  ctx: Context,
  input: z.input<typeof ListMailInput>,
): Promise<MailListed> {
  requireScope(ctx.actor, "mail:read");
  const { kind = "unread", limit } = parse(ListMailInput, input);
  const sql = ctx.db.read;
  const counts = await sql`
    select kind, count(*)::int as messages, count(*) filter (where notices > 0)::int as matched, max(received_at) as last
    from mail_received group by kind order by kind`;
  const messages = await sql`
    select identity, kind, source, notices, trouble, received_at from mail_received
    where kind = ${kind} order by received_at desc, identity limit ${Number(limit)}`;
  return { counts: rowsOf(Count, counts), messages: rowsOf(Message, messages) };
}
