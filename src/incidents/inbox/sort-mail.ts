import { TocsinError } from "../../core/errors.ts";
import { sha256Hex } from "../../core/digest.ts";
import { reportsStatus } from "../../mail/bounces/is-bounce.ts";
import { readBounce, type Report } from "../../mail/bounces/read-bounce.ts";
import { type IncomingMail, readMail } from "../../mail/incoming/incoming-mail.ts";
import type { MailFile } from "../../mail/incoming/mail-files.ts";
import { mailTokens } from "../../mail/incoming/mail-tokens.ts";
import {
  type AnyReport,
  isReportFile,
  readReportFile,
  reportsIn,
} from "../../mail/reports/read-reports.ts";

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
  /** What was thrown that should not have been. */
  readonly bug?: unknown;
  readonly report?: Report;
  readonly tokens: readonly string[];
  readonly reports: readonly AnyReport[];
};

export async function sortMail({ source, raw }: MailFile): Promise<SortedMail> {
  const own = { source, bytes: raw.length, raw };
  const file = sha256Hex(raw);
  try {
    if (isReportFile(raw)) {
      const reports = await readReportFile(raw);
      return { ...own, ...NOTHING, identity: file, kind: kindOf(reports), reports };
    }
    return { ...own, ...(await sorted(await readMail(raw))) };
  } catch (error) {
    return { ...own, ...NOTHING, identity: file, kind: "unread", ...troubleOf(error) };
  }
}

// A stranger's message that finds a bug of ours must not end the process that reads mail: it is shown as a bug and set aside.
function troubleOf(error: unknown): { trouble: string; bug?: unknown } {
  if (error instanceof TocsinError) return { trouble: error.message };
  const name = error instanceof Error ? error.name : typeof error;
  return { trouble: `a bug of ours: ${name}`, bug: error };
}

const NOTHING = { messageId: "", tokens: [], reports: [] } as const;

async function sorted(mail: IncomingMail): Promise<Omit<SortedMail, "source" | "bytes" | "raw">> {
  const own = { ...NOTHING, identity: mail.identity, messageId: mail.messageId };
  const isBounce = reportsStatus(mail);
  const reports = isBounce ? [] : await reportsIn(mail);
  if (reports.length > 0) return { ...own, kind: kindOf(reports), reports };
  const report = readBounce(mail);
  if (report) return { ...own, kind: report.kind, report, tokens: mailTokens(mail) };
  if (isBounce) return { ...own, kind: "unread", trouble: "a delivery report that names nobody" };
  return { ...own, kind: "letter" };
}

function kindOf([first]: readonly AnyReport[]): MailKind {
  return first?.kind ?? "letter";
}
