import { header, partText, type IncomingMail } from "../incoming/incoming-mail.ts";
import { arrived, type Bounce } from "./bounce.ts";
import type { ReturnedHeader } from "./returned-header.ts";

/** Complaints of people who received our mail (RFC 5965), also where a provider sends them without the report's structure. */
export function complaintsIn(mail: IncomingMail, returned: ReturnedHeader): Bounce[] | undefined {
  const part = mail.parts.find(({ type }) => type === "message/feedback-report");
  const type = header(mail, "content-type").toLowerCase();
  if (!part && !(type.includes("feedback-report") && type.includes("report-type"))) {
    return isBareComplaint(mail) ? [arrived("feedback", returned.to, mail.text)] : undefined;
  }
  const text = part ? partText(part) : mail.text;
  // RFC 6591: a report that a message failed authentication is about a sender, not from a person.
  if (/^feedback-type:\s*auth-failure/im.test(text)) return undefined;
  const recipients = [
    ...text.matchAll(/^(?:original-rcpt-to|removal-recipient):[ \t]*(.+)$/gim),
  ].map(([, one = ""]) => /[^\s<>"(),:;]+@[^\s<>"(),:;]+/.exec(one)?.[0].toLowerCase() ?? "");
  const named = recipients.filter((one) => one !== "");
  return (named.length > 0 ? named : [returned.to]).map((one) => arrived("feedback", one, text));
}

// Outlook's junk mail reports return the message and say so in a header of their own (Junk Mail Reporting Program).
function isBareComplaint(mail: IncomingMail): boolean {
  return (
    /^staff@hotmail\.com$/.test(mail.from) ||
    (/complaint|abuse report/i.test(mail.subject) &&
      mail.parts.some(({ type }) => type === "message/rfc822"))
  );
}
