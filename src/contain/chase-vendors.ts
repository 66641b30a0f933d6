// Writes to vendors: the first letter of what is due, and another one where the last went unanswered for too long. The text is
// in Postgres before it is handed over; a crash in between hands it over again, with the same Message-ID.
import { z } from "zod";
import { requireScope } from "../core/scope.ts";
import type { Context } from "../db/context.ts";
import type { Tx } from "../db/postgres.ts";
import { type Entry, write } from "../ledger/write.ts";
import { type SendToVendor, vendorConnector, type VendorMail, vendorMail } from "./vendor-mail.ts";

const Due = z.object({
  request: z.string(),
  incident: z.string(),
  connector: z.string(),
  action: z.string(),
  asks: z.string(),
  count: z.int(),
  reference: z.string(),
  ticket: z.string().nullable(),
  asked_at: z.date().nullable(),
  letters: z.coerce.number(),
});

/** How long one process has to hand a letter over before another may try. */
const TRYING_MS = 5 * 60_000;

/** Sends what is due. Run it whenever something may be: it is quick where nothing is. Answers how many letters were handed over. */
export async function chaseVendors(
  ctx: Context,
  { send }: { send: SendToVendor },
): Promise<{ sent: number }> {
  requireScope(ctx.actor, "work:run");
  if (!(await anythingDue(ctx))) return { sent: 0 };
  await write(ctx, "work:run", async (tx) => ({
    result: undefined,
    entry: await writeLetters(tx, ctx),
  }));
  let sent = 0;
  for (let letter = await takeLetter(ctx); letter; letter = await takeLetter(ctx)) {
    if (await handOver(ctx, letter, send)) sent += 1;
  }
  return { sent };
}

async function anythingDue(ctx: Context): Promise<boolean> {
  const now = ctx.clock.now();
  const [row] = await ctx.db.read`
    select exists (select from vendor_requests where state = 'due' or (state in ('asked', 'answered') and chase_at <= ${now}))
      or exists (select from vendor_mails where handed is null) as due`;
  return row?.["due"] === true;
}

async function writeLetters(tx: Tx, ctx: Context): Promise<Entry[]> {
  const now = ctx.clock.now();
  const rows = await tx`
    select id as request, incident, connector, action, asks, count, reference, ticket, asked_at,
      (select count(*) from vendor_mails where request = id) as letters
    from vendor_requests
    where state = 'due' or (state in ('asked', 'answered') and chase_at <= ${now})
    order by made_at for update skip locked`;
  const entries: Entry[] = [];
  for (const row of rows) entries.push(await writeLetter(tx, ctx, Due.parse(row)));
  return entries;
}

async function writeLetter(tx: Tx, ctx: Context, due: z.output<typeof Due>): Promise<Entry> {
  const now = ctx.clock.now();
  const number = due.letters + 1;
  const kind = number === 1 ? "ask" : "chase";
  const { request, ticket, asked_at: firstAskedAt, letters: _, ...ask } = due;
  const mail = vendorMail(ctx, {
    ...ask,
    number,
    ...(ticket !== null && { ticket }),
    ...(firstAskedAt && { firstAskedAt }),
  });
  const chaseAt = new Date(now.getTime() + vendorConnector(ctx, due.connector).vendor.chase_after);
  await tx`
    insert into vendor_mails (request, number, kind, recipient, subject, body, message_id, made_at)
    values (${request}, ${number}, ${kind}, ${mail.to}, ${mail.subject}, ${mail.text}, ${mail.messageId}, ${now})`;
  await tx`
    update vendor_requests
    set state = case state when 'due' then 'asked' else state end, asked_at = coalesce(asked_at, ${now}), chase_at = ${chaseAt}
    where id = ${request}`;
  const body = {
    request: due.request,
    reference: due.reference,
    number,
    to: mail.to,
    subject: mail.subject,
    text: mail.text,
  };
  return { kind: kind === "ask" ? "vendor.asked" : "vendor.chased", incident: due.incident, body };
}

const Letter = z.object({
  request: z.string(),
  number: z.int(),
  incident: z.string(),
  recipient: z.string(),
  subject: z.string(),
  body: z.string(),
  message_id: z.string(),
});
type Letter = z.output<typeof Letter>;

async function takeLetter(ctx: Context): Promise<Letter | undefined> {
  const now = ctx.clock.now();
  const until = new Date(now.getTime() + TRYING_MS);
  const taken = await write(ctx, "work:run", async (tx) => {
    const [row] = await tx`
      update vendor_mails m set trying_until = ${until}
      from vendor_requests r
      where r.id = m.request and (m.request, m.number) = (
        select request, number from vendor_mails where handed is null and trying_until <= ${now}
        order by made_at limit 1 for update skip locked)
      returning m.request, m.number, r.incident, m.recipient, m.subject, m.body, m.message_id`;
    return { result: row ? { ...row } : null, entry: [] }; // a claim, not yet an act: the ledger hears how it went
  });
  return taken === null ? undefined : Letter.parse(taken);
}

async function handOver(ctx: Context, letter: Letter, send: SendToVendor): Promise<boolean> {
  const mail: VendorMail = {
    to: letter.recipient,
    subject: letter.subject,
    text: letter.body,
    messageId: letter.message_id,
  };
  const handed = await send(mail);
  const settled =
    handed.state === "accepted" || handed.state === "refused" || handed.state === "unknown"
      ? handed.state
      : null;
  await write(ctx, "work:run", async (tx) => {
    const { request, number, incident } = letter;
    await tx`
      update vendor_mails
      set handed = ${settled}, handed_at = ${settled === null ? null : ctx.clock.now()}, trouble = ${handed.reason ?? null}
      where request = ${request} and number = ${number}`;
    const body = { request, number, state: handed.state, reason: handed.reason ?? null };
    return { result: undefined, entry: { kind: "vendor.letter-handed-over", incident, body } };
  });
  return handed.state === "accepted";
}
