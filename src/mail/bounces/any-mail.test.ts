// Whatever comes in: bounded, typed, and never another error than "this cannot be read".
import assert from "node:assert/strict";
import { writeFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { TocsinError } from "../../core/errors.ts";
import { readMail } from "../incoming/incoming-mail.ts";
import { mailFiles } from "../incoming/mail-files.ts";
import { mailTokens } from "../incoming/mail-tokens.ts";
import { FATES } from "./bounce.ts";
import { readBounce } from "./read-bounce.ts";
import { REASONS } from "./reason.ts";

const LINES = [
  "From: MAILER-DAEMON@mx.example (Mail Delivery System)",
  "Subject: Undelivered Mail Returned to Sender",
  "Auto-Submitted: auto-replied",
  'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
  "Content-Type: message/feedback-report",
  "Content-Transfer-Encoding: base64",
  "X-Failed-Recipients: ada@far.example, bob@far.example",
  "",
  "--b",
  "--b--",
  "Content-Type: message/delivery-status",
  "Content-Type: text/rfc822-headers",
  "Reporting-MTA: dns; mx.example",
  "Final-Recipient: rfc822; ada@far.example",
  "Original-Recipient: rfc822;",
  "Action: failed",
  "Status: 5.1.1",
  "Status: 9.99.9999",
  "Diagnostic-Code: smtp; 550 5.1.1 user unknown",
  "Diagnostic-Code: x-unix",
  "Feedback-Type: abuse",
  "<ada@far.example>: host mx[192.0.2.1] said: 452 4.2.2 over quota (in reply to RCPT TO command)",
  "  ada@far.example",
  ">>> DATA",
  "<<< 554 5.7.1 blocked",
  "Message-ID: <0123456789abcdef0123456789abcdef01234567@example.cloud>",
  "Received: from a by b",
  '{"notificationType":"Bounce","bounce":{"bouncedRecipients":[{"emailAddress":"a@b.example"}]}}',
];

const anyLine = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...LINES) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 80 }) },
);
const anyMail = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.array(anyLine, { maxLength: 60 }).map((lines) => Buffer.from(lines.join("\r\n"))),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)) },
);

test("any message is a letter, a report with what a report must have, or cannot be read", async () => {
  await fc.assert(
    fc.asyncProperty(anyMail, async (raw) => {
      const mail = await readMail(raw).catch((error: unknown) => {
        assert.ok(error instanceof TocsinError && error.code === "invalid");
      });
      if (!mail) return;
      assert.match(mail.identity, /^[0-9a-f]{64}$/);
      for (const token of mailTokens(mail)) assert.match(token, /^[0-9a-f]{40}$/);
      for (const bounce of readBounce(mail)?.bounces ?? []) {
        assert.ok(FATES.includes(bounce.fate) && REASONS.includes(bounce.reason));
        assert.match(bounce.status, /^([245]\.\d\.\d{1,3})?$/);
        assert.match(bounce.reply, /^(\d{3})?$/);
        assert.ok(bounce.said.length <= 1_000);
        assert.ok(!bounce.hard || bounce.fate === "unreachable" || bounce.fate === "deferred");
      }
    }),
    { numRuns: 1_500 },
  );
});

test("messages that are written to an mbox come out of it as they were", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tocsin-mbox-"));
  const path = join(folder, "mbox");
  const line = fc.oneof(
    fc.constantFrom("", "From here", ">From there", ">>From", "hello"),
    fc.string({ maxLength: 30 }),
  );
  const body = fc.array(
    line.map((text) => text.replaceAll(/[\r\n]/g, " ")),
    { maxLength: 12 },
  );
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(body, { minLength: 1, maxLength: 8 }), async (bodies) => {
        const messages = bodies.map((lines, at) => `Subject: ${at}\n\n${lines.join("\n")}\n`);
        const escaped = messages.map((text) => text.replaceAll(/^(>*From )/gm, ">$1"));
        writeFileSync(
          path,
          escaped.map((text) => `From x Thu Jan  1 00:00:00 2026\n${text}\n`).join(""),
        );
        const read: string[] = [];
        for await (const { raw } of mailFiles(path))
          read.push(raw.toString().replace(/^From .*\n/, ""));
        assert.deepEqual(
          read.map((text) => text.trimEnd()),
          messages.map((text) => text.trimEnd()),
        );
      }),
      { numRuns: 200 },
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
