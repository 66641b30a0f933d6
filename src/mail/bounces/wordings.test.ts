// How mail systems that send no status say it, a line each, in our own words where they leave a choice.
import assert from "node:assert/strict";
import { test } from "node:test";
import { readMail } from "../incoming/incoming-mail.ts";
import { readBounce } from "./read-bounce.ts";

const RETURNED =
  "\n\nReceived: from a by b\nFrom: s@o.example\nTo: other@o.example\nMessage-ID: <1@o.example>\nSubject: hi\n\nbody";
const POSTFIX = "<k@d.example>: host mx.d.example[192.0.2.1] said: ";

const WORDINGS: readonly (readonly [system: string, said: string, expected: string])[] = [
  [
    "MailMarshal",
    "Could not be delivered because of\n\n550 5.1.1 User unknown\n\nThe following recipients were affected:\n    k@d.example",
    "unreachable hard userunknown 5.1.1",
  ],
  [
    "IMail",
    "Unknown user: k@d.example\n\nOriginal message follows.",
    "unreachable hard userunknown 5.0.911",
  ],
  [
    "IMail, full",
    "User mailbox exceeds allowed size: k@d.example",
    "unreachable soft mailboxfull 5.0.922",
  ],
  ["IMail, no host", "Unknown host: k@d.example", "unreachable hard hostunknown 5.0.912"],
  ["IMail, late", "Delivery failed 20 attempts: k@d.example", "unreachable soft expired 5.0.947"],
  [
    "a Japanese provider",
    "   ----- The following addresses had delivery problems -----\nk@d.example\n\nThe number of messages in recipient's mailbox exceeded the local limit.",
    "unreachable soft mailboxfull 5.0.922",
  ],
  [
    "a Japanese carrier",
    "    Recipient: <k@d.example>\n    >>> RCPT TO:<k@d.example>\n    <<< 550 <k@d.example>: User unknown",
    "unreachable hard userunknown 5.0.911",
  ],
  [
    "Exim, no route",
    "  k@d.example\n    Unrouteable address",
    "unreachable hard hostunknown 5.0.912",
  ],
  ["Exim, late", "  k@d.example\n    retry timeout exceeded", "unreachable soft expired 5.0.947"],
  [
    "qmail, no host",
    "<k@d.example>:\nSorry, I couldn't find any host named d.example. (#5.1.2)",
    "unreachable hard hostunknown 5.1.2",
  ],
  [
    "qmail",
    "<k@d.example>:\nSorry, no mailbox here by that name. (#5.1.1)",
    "unreachable hard userunknown 5.1.1",
  ],
  ["Courier", "<k@d.example>:\n     No such domain.", "unreachable hard hostunknown 5.0.912"],
  [
    "Exchange",
    "k@d.example\n#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##",
    "unreachable hard userunknown 5.1.1",
  ],
  [
    "Exchange 2003",
    "      k@d.example on 1/1/2010 1:00 PM\n            The e-mail account does not exist at the organization this message was sent to.\n            <mx.d.example #5.1.1>",
    "unreachable hard userunknown 5.1.1",
  ],
  [
    "Postfix, no answer",
    "<k@d.example>: connect to mx.d.example[192.0.2.1]:25: Connection timed out",
    "unreachable soft expired 5.0.947",
  ],
  [
    "Postfix, a loop",
    "<k@d.example>: mail for d.example loops back to myself",
    "unreachable soft systemerror 5.0.930",
  ],
  [
    "Postfix, null MX",
    "<k@d.example>: Domain d.example does not accept mail (nullMX)",
    "unreachable hard notaccept 5.0.932",
  ],
  [
    "a greylist",
    `${POSTFIX}450 4.2.0 <k@d.example>: Recipient address rejected: Greylisted, see http://g.example (in reply to RCPT TO command)`,
    "unreachable soft onhold 4.2.0",
  ],
  [
    "Outlook",
    `${POSTFIX}550 5.7.606 Access denied, banned sending IP [192.0.2.9] (in reply to RCPT TO command)`,
    "refused soft blocked 5.7.606",
  ],
  [
    "a block list",
    "<k@d.example>: host mx.d.example[192.0.2.1] refused to talk to me: 554 Blocked - see https://b.example/?ip=192.0.2.9",
    "refused soft blocked 5.0.971",
  ],
  [
    "Yahoo",
    `${POSTFIX}554 delivery error: dd This user doesn't have a d.example account (in reply to end of DATA command)`,
    "unreachable soft filtered 5.0.910",
  ],
  [
    "NetEase",
    `${POSTFIX}550 User suspended: k@d.example (in reply to RCPT TO command)`,
    "unreachable soft suspend 5.0.921",
  ],
  [
    "Orange",
    `${POSTFIX}552 5.1.1 Boite du destinataire pleine. Recipient overquota. OFR_417 [417] (in reply to RCPT TO command)`,
    "unreachable soft mailboxfull 5.1.1",
  ],
  [
    "a spam filter",
    `${POSTFIX}554 5.7.0 Reject, id=123-01 (in reply to end of DATA command)`,
    "refused soft spamdetected 5.7.0",
  ],
  [
    "a DMARC policy",
    `${POSTFIX}550 5.7.26 Unauthenticated email from o.example is not accepted due to domain's DMARC policy (in reply to end of DATA command)`,
    "refused soft authfailure 5.7.26",
  ],
];

test("what mail systems write is understood, and about whom", async () => {
  for (const [system, said, expected] of WORDINGS) {
    const raw = `From: MAILER-DAEMON@mx.example\nSubject: Undeliverable\n\n${said}${RETURNED}`;
    const bounces = readBounce(await readMail(Buffer.from(raw)))?.bounces ?? [];
    assert.deepEqual(
      bounces.map(
        ({ recipient, fate, hard, reason, status }) =>
          `${recipient}: ${fate} ${hard ? "hard" : "soft"} ${reason} ${status}`,
      ),
      [`k@d.example: ${expected}`],
      system,
    );
  }
});
