// Bounces read, against the MIME parser alone on the same bytes in the same process.
// node bench/bounces.ts [--messages=N] [--rounds=N]
import PostalMime from "postal-mime";
import { readBounce } from "../src/mail/bounces/read-bounce.ts";
import { readMail } from "../src/mail/incoming/incoming-mail.ts";
import { type BenchResult, median, option } from "./bench.ts";

const count = option("messages", 5_000);
const rounds = option("rounds", 5);

export async function run(): Promise<BenchResult> {
  const messages = Array.from({ length: count }, (_, at) => bounce(at));
  const ours: number[] = [];
  const alone: number[] = [];
  await reading(messages.slice(0, 500)); // warms up
  for (let round = 0; round < rounds; round += 1) {
    ours.push(count / (await cpuSecondsOf(async () => await reading(messages))));
    alone.push(count / (await cpuSecondsOf(async () => await parsing(messages))));
  }
  const rate = median(ours);
  return {
    name: "bounces",
    unit: "messages/s of CPU",
    ours,
    peer: { name: "postal-mime alone", values: alone },
    ratio: rate / median(alone),
    target: "at least 2,000/s",
    ok: rate >= 2_000,
    limitedBy: "postal-mime, whose parts are Blobs",
  };
}

async function reading(messages: readonly Buffer[]): Promise<void> {
  for (const message of messages) {
    if (readBounce(await readMail(message))?.bounces.length !== 1)
      throw new Error("a bounce was not read");
  }
}

async function parsing(messages: readonly Buffer[]): Promise<void> {
  for (const message of messages) await PostalMime.parse(message, { forceRfc822Attachments: true });
}

async function cpuSecondsOf(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** As Postfix sends it: three parts, the last with the whole header of the message. */
function bounce(at: number): Buffer {
  const id = at.toString(16).padStart(40, "0");
  const received = Array.from(
    { length: 4 },
    (_, hop) =>
      `Received: from mx${hop}.example.cloud by mx${hop + 1}.example.cloud (Postfix) with ESMTPS id ${id.slice(30)}; Thu, 1 Jan 2026 00:00:0${hop} +0000`,
  );
  const lines = [
    ...received,
    "From: MAILER-DAEMON@mx.example.cloud (Mail Delivery System)",
    "To: security@example.cloud",
    "Subject: Undelivered Mail Returned to Sender",
    `Message-ID: <bounce-${at}@mx.example.cloud>`,
    "Auto-Submitted: auto-replied",
    "MIME-Version: 1.0",
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
    "",
    "--b",
    "Content-Type: text/plain; charset=us-ascii",
    "",
    "This is the mail system at host mx.example.cloud.",
    "",
    `<u${at}@far.example>: host mx.far.example[192.0.2.7] said: 550 5.1.1`,
    `    <u${at}@far.example>: Recipient address rejected: User unknown (in reply to`,
    "    RCPT TO command)",
    "--b",
    "Content-Type: message/delivery-status",
    "",
    "Reporting-MTA: dns; mx.example.cloud",
    "",
    `Final-Recipient: rfc822; u${at}@far.example`,
    "Action: failed",
    "Status: 5.1.1",
    "Remote-MTA: dns; mx.far.example",
    `Diagnostic-Code: smtp; 550 5.1.1 <u${at}@far.example>: Recipient address`,
    "    rejected: User unknown",
    "",
    "--b",
    "Content-Type: message/rfc822",
    "",
    ...received,
    "From: Example Cloud <security@example.cloud>",
    `To: <u${at}@far.example>`,
    "Subject: About your account",
    `Message-ID: <${id}@example.cloud>`,
    "",
    "What happened, and what you can do. ".repeat(40),
    "--b--",
    "",
  ];
  return Buffer.from(lines.join("\r\n"));
}
