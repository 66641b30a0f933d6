import { TocsinError } from "../core/errors.ts";
import type { Context } from "../db/context.ts";
import type { Handed } from "./handed.ts";
import { mailboxHeader, mailDate, textHeader } from "./header.ts";
import { openProvider } from "./provider.ts";
import { base64Lines } from "./text-part.ts";

export type Letter = {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** Without its angle brackets; the same each time that the same letter is handed over. */
  readonly messageId: string;
};

/**
 * One plain message of the organisation's own, to a vendor or a colleague, through the first provider that carries the
 * transactional stream, else through any: an alarm must not fail for a label. For a fan-out there is the work engine.
 * @throws TocsinError `invalid` where tocsin.yaml has no provider
 */
export async function sendLetter(ctx: Context, letter: Letter): Promise<Handed> {
  const { mail } = ctx.organisation;
  const providers = Object.entries(mail?.providers ?? {});
  const transactional = providers.find(([, one]) => one.streams.includes("transactional"));
  const [name] = transactional ?? providers[0] ?? [];
  if (!mail || name === undefined) {
    throw new TocsinError(
      "invalid",
      "tocsin.yaml has no mail provider: letters to vendors and alarms need one",
    );
  }
  await using provider = await openProvider(ctx, name);
  const head = [
    mailboxHeader("From", mail.from.name, mail.from.address),
    mailboxHeader("To", "", letter.to),
    textHeader("Subject", letter.subject),
    `Date: ${mailDate(ctx.clock.now())}`,
    `Message-ID: <${letter.messageId}>`,
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: base64",
  ];
  const data = Buffer.from(`${head.join("\r\n")}\r\n\r\n${base64Lines(letter.text)}\r\n`);
  return await provider.hand({
    id: letter.messageId,
    from: mail.from.address,
    to: letter.to,
    data,
  });
}
