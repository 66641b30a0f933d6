// One message that came in → what became of which recipient. It says what the message claims; whether the claim is about a message of
// ours, and may change anything, is decided by who finds our token in it.
import { bareId, header, partText, type IncomingMail } from "../incoming/incoming-mail.ts";
import { isAutoReply } from "./auto-reply.ts";
import { arrived, bounceOf, isTelling, type Bounce } from "./bounce.ts";
import { statusAddress, statusGroups, statusText, type StatusFields } from "./delivery-status.ts";
import { complaintsIn } from "./feedback.ts";
import {
  hasDaemonName,
  isDaemon,
  isStatusPart,
  looksLikeBounce,
  reportsStatus,
} from "./is-bounce.ts";
import type { Reason } from "./reason.ts";
import { splitReport, textRecipients } from "./report-text.ts";
import { returnedHeader, type ReturnedHeader } from "./returned-header.ts";
import { sesNotification, type SesNotification } from "./ses-notification.ts";

export type Report = {
  readonly kind: "bounce" | "complaint" | "auto-reply";
  readonly bounces: readonly Bounce[];
  /** The returned message's header, where it came along. */
  readonly returned: ReturnedHeader;
};

/** `undefined` where the message reports nothing: somebody wrote it. */
export function readBounce(mail: IncomingMail): Report | undefined {
  const notification = sesNotification(mail);
  if (notification) return fromSes(notification);
  const split = splitReport(mail.text);
  const returned = returnedHeader(mail, split.returned);
  const complaints = complaintsIn(mail, returned);
  if (complaints) return { kind: "complaint", bounces: complaints, returned };
  if (!reportsStatus(mail) && !hasDaemonName(mail) && isAutoReply(mail))
    return autoReply(mail, returned);
  const bounces = looksLikeBounce(mail) ? bouncesIn(mail, split.report, returned) : [];
  if (bounces.length > 0) return { kind: "bounce", bounces, returned };
  return isAutoReply(mail) ? autoReply(mail, returned) : undefined;
}

function autoReply(mail: IncomingMail, returned: ReturnedHeader): Report {
  return { kind: "auto-reply", bounces: [arrived("vacation", mail.from, mail.text)], returned };
}

function fromSes({ mail, bounce, complaint, delivery }: SesNotification): Report {
  const returned = { messageId: bareId(mail?.commonHeaders.messageId ?? ""), from: "", to: "" };
  if (complaint) {
    const bounces = complaint.complainedRecipients.map(({ emailAddress }) =>
      arrived("feedback", emailAddress.toLowerCase(), ""),
    );
    return { kind: "complaint", bounces, returned };
  }
  const failed = (bounce?.bouncedRecipients ?? []).map(
    ({ emailAddress, action, status, diagnosticCode }) => {
      const { type, text } = statusText(diagnosticCode);
      return bounceOf({ recipient: emailAddress, action, type, field: status, texts: [text] });
    },
  );
  const taken = (delivery?.recipients ?? []).map((recipient) =>
    bounceOf({
      recipient,
      action: "delivered",
      type: "smtp",
      field: "",
      texts: [delivery?.smtpResponse ?? ""],
    }),
  );
  return { kind: "bounce", bounces: [...failed, ...taken], returned };
}

function bouncesIn(mail: IncomingMail, report: string, returned: ReturnedHeader): Bounce[] {
  const parts = mail.parts.filter((part) => isStatusPart(part)).map((part) => partText(part));
  const groups = (parts.length > 0 ? parts : [report])
    .flatMap((text) => statusGroups(text))
    .filter((group) => group.has("final-recipient") || group.has("original-recipient"));
  if (groups.length > 0) {
    const words = new Map(textRecipients(report).map(({ address, said }) => [address, said]));
    const common = groups.length === 1 ? report : "";
    return distinct(groups.map((group) => fromStatus(group, words, common)));
  }
  return fromText(mail, report, returned);
}

function fromStatus(
  group: StatusFields,
  words: ReadonlyMap<string, string>,
  common: string,
): Bounce {
  const { type, text } = statusText(group.get("diagnostic-code"));
  const recipient = statusAddress(group.get("final-recipient") ?? group.get("original-recipient"));
  const field = /[245]\.\d\.\d{1,3}/.exec(group.get("status") ?? "")?.[0] ?? "";
  const action = (/^[a-z]+/i.exec(group.get("action") ?? "")?.[0] ?? "").toLowerCase();
  const own = words.get(recipient.toLowerCase()) ?? "";
  const hint = CATEGORIES[(group.get("x-powermta-bouncecategory") ?? "").toLowerCase()];
  return bounceOf({
    recipient,
    action,
    type,
    field,
    texts: [text, own, common],
    ...(hint ? { hint } : {}),
  });
}

function fromText(mail: IncomingMail, report: string, returned: ReturnedHeader): Bounce[] {
  const named = textRecipients(report);
  const words = new Map(named.map(({ address, said }) => [address, said]));
  const failed = header(mail, "x-failed-recipients")
    .split(",")
    .map((one) => one.trim().toLowerCase())
    .filter((one) => one !== "");
  const recipients =
    failed.length > 0
      ? failed.map((address) => ({
          address,
          said: words.get(address) ?? report,
        }))
      : named.length > 0
        ? named
        : [{ address: returned.to, said: report }];
  const common = recipients.length === 1 ? report : "";
  const found = recipients.map(({ address, said }) =>
    bounceOf({ recipient: address, action: "", type: "", field: "", texts: [said, common] }),
  );
  // A letter that says of nobody what went wrong is no bounce, unless a mail system wrote it.
  return distinct(
    found.filter(
      ({ reason, reply }) =>
        isTelling(reason) || reply !== "" || failed.length > 0 || isDaemon(mail),
    ),
  );
}

/** What PowerMTA has made of the reply, where it is surer than the words. */
const CATEGORIES: Readonly<Record<string, Reason>> = {
  "bad-mailbox": "userunknown",
  "inactive-mailbox": "suspend",
  "quota-issues": "mailboxfull",
  "bad-domain": "hostunknown",
};

function distinct(bounces: readonly Bounce[]): Bounce[] {
  const seen = new Set<string>();
  return bounces.filter(({ recipient }) => {
    if (seen.has(recipient)) return false;
    seen.add(recipient);
    return true;
  });
}
