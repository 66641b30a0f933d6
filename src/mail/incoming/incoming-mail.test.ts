import assert from "node:assert/strict";
import { test } from "node:test";
import { TocsinError } from "../../core/errors.ts";
import { header, MOST_BYTES, partText, readMail } from "./incoming-mail.ts";

test("headers, text and parts are read; a returned message is one part", async () => {
  const mail = await readMail(
    Buffer.from(
      [
        "From MAILER-DAEMON Thu Jan  1 00:00:00 2026",
        "From: =?utf-8?q?Ad=C3=A4?= <Ada@Far.example>",
        "Subject: =?utf-8?b?R3LDvMOfZQ==?=",
        "Message-ID: <1@far.example>",
        "X-Two: a",
        "X-Two: b",
        "Content-Type: multipart/mixed; boundary=b",
        "",
        "--b",
        "Content-Type: text/plain; charset=iso-8859-1",
        "Content-Transfer-Encoding: quoted-printable",
        "",
        "gr=FC=DF",
        "--b",
        "Content-Type: message/rfc822",
        "",
        "Subject: inner",
        "",
        "hello",
        "--b--",
      ].join("\r\n"),
    ),
  );
  assert.deepEqual(
    [mail.from, mail.subject, mail.messageId, mail.text.trim(), mail.cut],
    ["ada@far.example", "Grüße", "1@far.example", "grüß", false],
  );
  assert.deepEqual(mail.headers.get("x-two"), ["a", "b"]);
  assert.equal(header(mail, "x-none"), "");
  const [part] = mail.parts;
  assert.equal(part?.type, "message/rfc822");
  assert.match(part ? partText(part) : "", /^Subject: inner/);
});

test("the same message is the same whatever way it came", async () => {
  const body = "From: a@b.example\r\nMessage-ID: <1@b.example>\r\n\r\nhello\r\n";
  const one = await readMail(Buffer.from(`Received: from x by y\r\n${body}`));
  const two = await readMail(Buffer.from(`Delivered-To: z\r\n${body.replaceAll("\r\n", "\n")}`));
  const other = await readMail(Buffer.from(body.replace("hello", "hullo")));
  assert.equal(one.identity, two.identity);
  assert.notEqual(one.identity, other.identity);
});

const HEAD = "From: a@b.example\nSubject: x\n";

test("fifty megabytes are read in the time and memory of eight", async () => {
  const raw = Buffer.from(`${HEAD}\n${"a line of text of some length\n".repeat(1_700_000)}`);
  const before = process.memoryUsage.rss();
  const mail = await readMail(raw);
  assert.ok(raw.length > 50_000_000 && mail.cut);
  assert.ok(mail.text.length <= MOST_BYTES);
  assert.ok(process.memoryUsage.rss() - before < 800_000_000);
});

for (const [what, raw] of [
  [
    "five thousand levels",
    `${HEAD}${Array.from({ length: 5_000 }, (_, at) => `Content-Type: multipart/mixed; boundary=b${at}\n\n--b${at}\n`).join("")}`,
  ],
  ["a header without end", `${HEAD}X-A: ${"b".repeat(6_000_000)}\n\nhi`],
  [
    "fifty thousand parts",
    `${HEAD}Content-Type: multipart/mixed; boundary=b\n\n${"--b\nContent-Type: text/plain\n\nhi\n".repeat(200_000)}`,
  ],
  ["nothing", ""],
] as const) {
  test(`${what}: refused as what cannot be read, in bounded time`, async () => {
    await assert.rejects(
      readMail(Buffer.from(raw)),
      (error) => error instanceof TocsinError && error.code === "invalid",
    );
  });
}
