import { TocsinError } from "../../core/errors.ts";
import { sha256Hex } from "../../core/digest.ts";
import { reportsStatus } from "../../mail/bounces/is-bounce.ts";
import { readBounce, type Report } from "../../mail/bounces/read-bounce.ts";
import { type IncomingMail, readMail } from "../../mail/incoming/incoming-mail.ts";
import type { MailFile } from "../../mail/incoming/mail-files.ts";
import { mailTokens } from "../../mail/incoming/mail-tokens.ts";

export const MAIL_KINDS = [
  "bounce",
  "complaint",
  "auto-reply",
  "dmarc",
  "dmarc-failure",
  "tls",
  "letter",
  "unread",
] as const;
export type MailKind = (typeof MAIL_KINDS)[number];

/** A message and what it is. `unread` is set aside with its trouble; a `letter` is for people to read. */
export type SortedMail = {
  readonly identity: string;
  readonly messageId: string;
  readonly source: string;
  readonly bytes: number;
  readonly raw: Buffer;
  readonly kind: MailKind;
  readonly trouble?: string;
  readonly report?: Report;
  readonly tokens: readonly string[];
};

export async function sortMail({ source, raw }: MailFile): Promise<SortedMail> {
  const own = { source, bytes: raw.length, raw };
  try {
    return { ...own, ...sorted(await readMail(raw)) };
  } catch (error) {
    if (!(error instanceof TocsinError)) throw error;
    const identity = sha256Hex(raw);
    return { ...own, identity, messageId: "", kind: "unread", trouble: error.message, tokens: [] };
  }
}

function sorted(mail: IncomingMail): Omit<SortedMail, "source" | "bytes" | "raw"> {
  const { identity, messageId } = mail;
  const report = readBounce(mail);
  if (report) return { identity, messageId, kind: report.kind, report, tokens: mailTokens(mail) };
  if (reportsStatus(mail)) {
    const trouble = "a delivery report that names nobody";
    return { identity, messageId, kind: "unread", trouble, tokens: [] };
  }
  return { identity, messageId, kind: "letter", tokens: [] };
}
