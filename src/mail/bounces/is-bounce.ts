// Whether a mail system, and not a person, wrote a message about another. Wide where a mail system is sure, narrow where a person could be.
import { header, type IncomingMail, type MailPart } from "../incoming/incoming-mail.ts";
import { returns } from "./returned-header.ts";

const DAEMON =
  /mailer[-_ ]?daemon|post_?master|mail delivery|mail system|delivery (sub)?system|mdaemon|\bmta\b|mail administrator|system administrator|<>|returned mail|bounce/i;
const TITLE =
  /undeliver|non-?deliver|not delivered|deliver(y|ed)? (status|fail|error|report|has failed|problem|notification|delayed)|fail(ure|ed)\b|returned (mail|to sender|message)|could not be|mail (system )?error|\bbounce|rejected|blocked|warning:|delayed|unzustellbar|unknown user|user unknown|not member|unroutable|message (you sent|status)|non remis|nicht zugestellt|failure notice/i;

/** Whether it is a delivery status notification by its own word (RFC 6522). */
export function reportsStatus(mail: IncomingMail): boolean {
  const type = header(mail, "content-type").toLowerCase();
  if (type.includes("report-type") && type.includes("delivery-status")) return true;
  return mail.parts.some((part) => isStatusPart(part));
}

export function looksLikeBounce(mail: IncomingMail): boolean {
  if (reportsStatus(mail)) return true;
  if (header(mail, "x-failed-recipients") !== "") return true;
  if (isDaemon(mail)) return true;
  // People write of failures too: they answer somebody, and return nothing.
  if (header(mail, "in-reply-to") !== "" || header(mail, "list-id") !== "") return false;
  const head = mail.text.slice(0, 4_096);
  if (returns(mail) && UNDELIVERED.test(head)) return true;
  return (
    TITLE.test(mail.subject) && (returns(mail) || UNDELIVERED.test(head) || REFUSED.test(head))
  );
}

/** Whether a mail system sent it, by its name or by an empty return path. */
export function isDaemon(mail: IncomingMail): boolean {
  return DAEMON.test(`${header(mail, "from")} ${header(mail, "return-path")}`);
}

const UNDELIVERED =
  /(could|can|was|were|has|have) ?not (be |been )?(deliver|sent|relayed)|undeliver|delivery (has )?failed|unable to deliver/i;
const REFUSED = /^\W*(<<< )?[45]\d\d[ -]|remote (host|server) said|not (a )?member/im;

export function isStatusPart({ type }: MailPart): boolean {
  return /^message\/(x?delivery-status|global-delivery-status)$/.test(type);
}

export function hasDaemonName(mail: IncomingMail): boolean {
  return DAEMON.test(header(mail, "from"));
}
