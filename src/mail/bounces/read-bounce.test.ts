import assert from "node:assert/strict";
import { test } from "node:test";
import { readMail } from "../incoming/incoming-mail.ts";
import type { Bounce } from "./bounce.ts";
import { readBounce, type Report } from "./read-bounce.ts";

async function read(...lines: readonly string[]): Promise<Report | undefined> {
  return readBounce(await readMail(Buffer.from(lines.join("\r\n"))));
}

async function only(...lines: readonly string[]): Promise<Bounce> {
  const report = await read(...lines);
  assert.equal(report?.bounces.length, 1);
  const [bounce] = report.bounces;
  assert.ok(bounce);
  return bounce;
}

const DAEMON = [
  "From: Mail Delivery System <MAILER-DAEMON@mx.far.example>",
  "Subject: Undelivered",
];

function dsn(fields: readonly string[], said = "It failed.", returned: readonly string[] = []) {
  return [
    ...DAEMON,
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
    "",
    "--b",
    "Content-Type: text/plain",
    "",
    said,
    "--b",
    "Content-Type: message/delivery-status",
    "",
    "Reporting-MTA: dns; mx.far.example",
    "",
    ...fields,
    "",
    "--b",
    "Content-Type: text/rfc822-headers",
    "",
    ...returned,
    "--b--",
    "",
  ];
}

test("a status notification says of each recipient what became of it", async () => {
  const report = await read(
    ...dsn(
      [
        "Final-Recipient: rfc822; Ada@Far.example",
        "Action: failed",
        "Status: 5.0.0",
        "Diagnostic-Code: smtp; 550 5.1.1 <ada@far.example>: Recipient address",
        "    rejected: User unknown (in reply to RCPT TO command)",
        "",
        "Final-Recipient: rfc822; bob@far.example",
        "Action: delayed",
        "Status: 4.2.2",
        "Diagnostic-Code: smtp; 452 4.2.2 mailbox full",
        "",
        "Final-Recipient: rfc822; eve@far.example",
        "Action: delivered",
        "Status: 2.1.5",
        "",
        "Final-Recipient: rfc822; zoe@far.example",
        "Action: failed",
        "Status: 5.7.1",
        "Diagnostic-Code: smtp; 554 5.7.1 spam detected (in reply to end of DATA command)",
      ],
      "",
      ["Message-ID: <0123@example.cloud>", "To: ada@far.example"],
    ),
  );
  assert.equal(report?.kind, "bounce");
  assert.deepEqual(
    report.bounces.map(({ recipient, fate, hard, reason, status, reply }) => [
      recipient,
      fate,
      hard,
      reason,
      status,
      reply,
    ]),
    [
      ["ada@far.example", "unreachable", true, "userunknown", "5.1.1", "550"],
      ["bob@far.example", "deferred", false, "mailboxfull", "4.2.2", "452"],
      ["eve@far.example", "delivered", false, "delivered", "2.1.5", ""],
      ["zoe@far.example", "refused", false, "spamdetected", "5.7.1", "554"],
    ],
  );
  assert.deepEqual(report.returned, {
    messageId: "0123@example.cloud",
    from: "",
    to: "ada@far.example",
  });
});

test("qmail, Exim, Gmail and Exchange say it in words", async () => {
  const qmail = await only(
    "From: MAILER-DAEMON@q.example",
    "Subject: failure notice",
    "",
    "Hi. This is the qmail-send program at q.example.",
    "",
    "<ada@far.example>:",
    "192.0.2.7 does not like recipient.",
    "Remote host said: 550 no such user here",
    "Giving up on 192.0.2.7.",
    "",
    "--- Below this line is a copy of the message.",
    "",
    "Return-Path: <security@example.cloud>",
    "Message-ID: <aa@example.cloud>",
    "From: security@example.cloud",
    "",
  );
  assert.deepEqual(
    [qmail.recipient, qmail.reason, qmail.hard, qmail.status],
    ["ada@far.example", "userunknown", true, "5.0.911"],
  );
  const exim = await only(
    "From: Mail Delivery System <Mailer-Daemon@e.example>",
    "X-Failed-Recipients: ada@far.example",
    "Subject: Mail delivery failed: returning message to sender",
    "",
    "A message that you sent could not be delivered. The following address(es) failed:",
    "",
    "  ada@far.example",
    "    SMTP error from remote mail server after end of data:",
    "    host mx.far.example [192.0.2.7]: 552 5.3.4 message too big for system",
    "",
  );
  assert.deepEqual(
    [exim.reason, exim.fate, exim.status, exim.reply],
    ["mesgtoobig", "refused", "5.3.4", "552"],
  );
  const gmail = await only(
    "From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>",
    "Subject: Delivery Status Notification (Delay)",
    "",
    "Delivery to the following recipient has been delayed:",
    "",
    "     ada@far.example",
    "",
    "Message will be retried for 2 more day(s)",
    "",
  );
  assert.deepEqual([gmail.fate, gmail.reason, gmail.status], ["deferred", "expired", "4.0.947"]);
  const exchange = await only(
    "From: System Administrator <postmaster@x.example>",
    "Subject: Undeliverable: News",
    "",
    "did not reach the following recipient(s):",
    "",
    "ada@far.example on Thu, 1 Jan 2026 00:00:00 +0000",
    "    The recipient name is not recognized",
    "",
  );
  assert.deepEqual([exchange.reason, exchange.hard], ["userunknown", true]);
});

test("an address is given up only where it is the recipient that was refused", async () => {
  const reasons = [];
  for (const command of ["RCPT TO", "end of DATA"]) {
    const bounce = await only(
      ...dsn([
        "Final-Recipient: rfc822; ada@far.example",
        "Action: failed",
        "Status: 5.5.0",
        `Diagnostic-Code: smtp; 550 User unknown (in reply to ${command} command)`,
      ]),
    );
    reasons.push([bounce.reason, bounce.hard, bounce.fate]);
  }
  assert.deepEqual(reasons, [
    ["userunknown", true, "unreachable"],
    ["filtered", false, "unreachable"],
  ]);
});

test("of two statuses the one counts that says more, and a reply of its class", async () => {
  const bounce = await only(
    ...dsn([
      "Final-Recipient: rfc822; ada@far.example",
      "Action: failed",
      "Status: 4.4.7",
      "Diagnostic-Code: smtp; 450 4.2.2 mailbox over quota",
    ]),
  );
  assert.deepEqual([bounce.status, bounce.reply, bounce.fate], ["4.2.2", "450", "unreachable"]);
});

test("a complaint names whom it comes from, and a report of a failed signature is none", async () => {
  const arf = (type: string): string[] => [
    "From: <abuse@far.example>",
    "Subject: FW: notice",
    "Content-Type: multipart/report; report-type=feedback-report; boundary=b",
    "",
    "--b",
    "Content-Type: message/feedback-report",
    "",
    `Feedback-Type: ${type}`,
    "Original-Rcpt-To: <Ada@far.example>",
    "",
    "--b",
    "Content-Type: message/rfc822",
    "",
    "Message-ID: <0123@example.cloud>",
    "",
    "hi",
    "--b--",
  ];
  const report = await read(...arf("abuse"));
  assert.equal(report?.kind, "complaint");
  assert.deepEqual(
    report.bounces.map(({ recipient, reason, fate }) => [recipient, reason, fate]),
    [["ada@far.example", "feedback", "delivered"]],
  );
  assert.equal(report.returned.messageId, "0123@example.cloud");
  assert.equal(await read(...arf("auth-failure")), undefined);
});

test("an absent person's answer is no bounce, though it comes with an empty return path", async () => {
  const report = await read(
    "Return-Path: <>",
    "From: Ada <ada@far.example>",
    "Auto-Submitted: auto-replied (vacation)",
    "Subject: Away",
    "In-Reply-To: <0123@example.cloud>",
    "",
    "I am away until Monday. The host was not found last time.",
  );
  assert.equal(report?.kind, "auto-reply");
  assert.equal(report.bounces[0]?.reason, "vacation");
});

test("a person who writes about a failure reports none", async () => {
  assert.equal(
    await read(
      "From: Ada <ada@far.example>",
      "Subject: Re: delivery failure?",
      "In-Reply-To: <a@example.cloud>",
      "",
      "I get 550 5.1.1 user unknown for <bob@far.example>. Can you help?",
    ),
    undefined,
  );
});

test("a boundary that is not where the header says does not hide the report", async () => {
  const [head, ...rest] = dsn([
    "Final-Recipient: rfc822; ada@far.example",
    "Action: failed",
    "Status: 5.1.1",
  ]);
  const text = [head, ...rest].join("\n").replace('boundary="b"', 'boundary="other"');
  const bounce = await only(text);
  assert.deepEqual([bounce.recipient, bounce.status], ["ada@far.example", "5.1.1"]);
});

test("every pattern ends in time that is linear in the text", async () => {
  const pieces = [
    "user ",
    "host unknown ",
    "<a@b.example> ",
    "550 ",
    "5.1.1 ",
    "(",
    "a@",
    "mailbox  ",
    "exceed ",
    "\n ",
  ];
  for (const piece of pieces) {
    const raw = Buffer.from(`${DAEMON.join("\n")}\n\n${piece.repeat(60_000)}`);
    const mail = await readMail(raw);
    const before = process.cpuUsage();
    readBounce(mail);
    const spent = process.cpuUsage(before);
    assert.ok(spent.user + spent.system < 1_500_000, `${JSON.stringify(piece)}: ${spent.user} µs`);
  }
});
