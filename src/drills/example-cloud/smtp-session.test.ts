import assert from "node:assert/strict";
import { test } from "node:test";
import { type Envelope, SmtpSession } from "./smtp-session.ts";

type Kept = { envelope: Envelope; raw: string };

function open(options: { cut?: boolean } = {}) {
  const kept: Kept[] = [];
  const session = new SmtpSession({
    name: "sink",
    user: "u",
    password: "p",
    recipient: (address) => (address.startsWith("dead") ? "550 5.1.1 no such mailbox" : undefined),
    take: async (envelope, raw) => {
      kept.push({ envelope: { from: envelope.from, to: [...envelope.to] }, raw: raw.toString() });
      return options.cut === true ? undefined : "id";
    },
  });
  const say = async (text: string) => await session.receive(Buffer.from(text));
  return { say, kept };
}

const SIGN_IN = `EHLO me\r\nAUTH PLAIN ${Buffer.from("\0u\0p").toString("base64")}\r\n`;
const HEAD =
  "From: <a@b.example>\r\nDate: Mon, 1 Jan 2024 00:00:00 +0000\r\nMessage-ID: <1@b.example>\r\n\r\n";
const ENVELOPE = "MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n";

async function codes(lines: string, options?: { cut?: boolean }): Promise<string> {
  const { text } = await open(options).say(SIGN_IN + lines);
  return text
    .split("\r\n")
    .filter((line) => /^\d{3} /.test(line))
    .map((line) => line.slice(0, 3))
    .slice(2)
    .join(" ");
}

test("a pipelined conversation is answered in order and the message is kept whole, dots undone", async () => {
  const { say, kept } = open();
  const { text } = await say(`${SIGN_IN}${ENVELOPE}${HEAD}..dot\r\nend\r\n.\r\nQUIT\r\n`);
  assert.match(text, /250 2\.0\.0 kept as id\r\n221 /);
  assert.deepEqual(kept[0]?.envelope, { from: "a@b.example", to: ["c@d.example"] });
  assert.ok(kept[0]?.raw.endsWith("\r\n\r\n.dot\r\nend\r\n"));
});

test("a message that comes a byte at a time is the same message", async () => {
  const { say, kept } = open();
  for (const byte of `${SIGN_IN}${ENVELOPE}${HEAD}hello\r\n.\r\n`) await say(byte);
  assert.equal(kept[0]?.raw, `${HEAD}hello\r\n`);
});

const REFUSED: Readonly<Record<string, readonly [lines: string, codes: string]>> = {
  "no sender before the recipient": ["RCPT TO:<c@d.example>\r\n", "503"],
  "nobody to write to": [
    "MAIL FROM:<a@b.example>\r\nRCPT TO:<dead@d.example>\r\nDATA\r\n",
    "250 550 554",
  ],
  "two senders": ["MAIL FROM:<a@b.example>\r\nMAIL FROM:<a@b.example>\r\n", "250 503"],
  "an unknown parameter": ["MAIL FROM:<a@b.example> FOO=1\r\n", "555"],
  "a message that is too large": ["MAIL FROM:<a@b.example> SIZE=99999999\r\n", "552"],
  "an address beyond ASCII without SMTPUTF8": [
    "MAIL FROM:<a@b.example>\r\nRCPT TO:<ü@d.example>\r\n",
    "250 553",
  ],
  "no Date": [`${ENVELOPE}${HEAD.replace(/Date.*\r\n/, "")}x\r\n.\r\n`, "250 250 354 550"],
  "two From headers": [`${ENVELOPE}From: <x@y.example>\r\n${HEAD}x\r\n.\r\n`, "250 250 354 550"],
  "eight bits unasked": [`${ENVELOPE}${HEAD}é\r\n.\r\n`, "250 250 354 554"],
  "a bare line feed": [`${ENVELOPE}${HEAD}a\nb\r\n.\r\n`, "250 250 354 550"],
  "a line of 1,000": [`${ENVELOPE}${HEAD}${"x".repeat(1_000)}\r\n.\r\n`, "250 250 354 550"],
};

test("what a strict server refuses is refused", async (t) => {
  for (const [what, [lines, expected]] of Object.entries(REFUSED)) {
    await t.test(what, async () => assert.equal(await codes(lines), expected));
  }
});

test("eight bits that were asked for are taken, and so is an address with SMTPUTF8", async () => {
  const envelope =
    "MAIL FROM:<a@b.example> BODY=8BITMIME SMTPUTF8\r\nRCPT TO:<ü@d.example>\r\nDATA\r\n";
  assert.equal(await codes(`${envelope}${HEAD}é\r\n.\r\n`), "250 250 354 250");
});

test("without signing in, or with a wrong password, nothing is taken", async () => {
  assert.match((await open().say("EHLO me\r\nMAIL FROM:<a@b.example>\r\n")).text, /\r\n530 /);
  assert.match((await open().say("EHLO me\r\nAUTH PLAIN AHUAeA==\r\n")).text, /\r\n535 /);
});

test("a line that is cut after the message was kept brings no reply", async () => {
  const { say, kept } = open({ cut: true });
  const { text, ending } = await say(`${SIGN_IN}${ENVELOPE}${HEAD}x\r\n.\r\n`);
  assert.equal(ending, "cut");
  assert.ok(text.endsWith("354 end with .\r\n"));
  assert.equal(kept.length, 1);
});
