import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { testContext } from "../../../test/support/context.ts";
import { makeCertificate, NO_DOVECOT, startDovecot } from "../../../test/support/dovecot.ts";
import { noticePerson, noticeSettings } from "../../../test/support/notice-people.ts";
import { testRun } from "../../../test/support/work.ts";
import { systemClock } from "../../core/clock.ts";
import type { Context } from "../../db/context.ts";
import { Organisation } from "../../config/organisation.ts";
import { readMailbox } from "../../mail/incoming/imap-mailbox.ts";
import { fatesOf } from "../../notices/fates/fates-of.ts";
import { taskToken } from "../../work/find-by-token.ts";
import { keepMailboxes, mailboxInput, mailboxesOf } from "./keep-mailboxes.ts";

type Fields = Readonly<Record<string, unknown>>;

function reading(ctx: Context, imap: Fields): Context {
  const organisation = Organisation.parse({
    organisation: {
      name: "Example Cloud",
      domain: "example.cloud",
      contact: "privacy@example.cloud",
    },
    mail: {
      from: { name: "Example Cloud", address: "security@example.cloud" },
      providers: {},
      bounces: { address: "bounces@example.cloud", imap },
    },
  });
  return { ...ctx, organisation, clock: systemClock };
}

function bounce(token: string, number: number): string {
  return [
    "From: MAILER-DAEMON@mx.example",
    `Message-ID: <${number}@mx.example>`,
    "Subject: failure notice",
    `To: bounces+${token}@example.cloud`,
    "",
    "<ada@far.example>:",
    "192.0.2.7 does not like recipient.",
    "Remote host said: 550 no such user",
    "",
  ].join("\n");
}

async function until(what: () => Promise<boolean>): Promise<void> {
  for (const since = Date.now(); !(await what()); await delay(50))
    if (Date.now() - since > 20_000) throw new Error("it does not come");
}

test("what arrives in a Dovecot mailbox is taken in at once, also after it was away, and nothing in it is touched", async (t) => {
  await using dovecot = await startDovecot();
  if (!dovecot) {
    t.skip(NO_DOVECOT);
    return;
  }
  await using made = await testContext();
  const subjects = Array.from({ length: 4 }, () => randomUUID());
  const tasks = subjects.map((key) => ({ key, payload: noticePerson({ to: "ada@far.example" }) }));
  const settings = z.json().parse(noticeSettings());
  const run = await testRun(made.ctx, { kind: "notice", settings, tasks });
  const tokens = subjects.map((key) => taskToken({ run, step: 0, key }));
  const stop = new AbortController();
  const ctx = { ...reading(made.ctx, dovecot.imap), signal: stop.signal };
  const unreachable = async (): Promise<number> => (await fatesOf(ctx, [run]))[0]?.unreachable ?? 0;
  dovecot.deliver(bounce(tokens[0] ?? "", 0));
  dovecot.deliver(bounce(tokens[1] ?? "", 1));
  const keeping = keepMailboxes(ctx);
  try {
    await until(async () => (await unreachable()) === 2);
    // Now it idles: the server tells.
    const told = Date.now();
    dovecot.deliver(bounce(tokens[2] ?? "", 2));
    await until(async () => (await unreachable()) === 3);
    assert.ok(Date.now() - told < 15_000);
    await dovecot.stop();
    dovecot.deliver(bounce(tokens[3] ?? "", 3));
    await dovecot.start();
    await until(async () => (await unreachable()) === 4);
  } finally {
    stop.abort();
    await keeping;
  }
  const inbox = dovecot.inbox();
  assert.deepEqual([inbox.length, inbox.filter((name) => !name.startsWith("new/"))], [4, []]);
});

test("a mailbox is read once, and again without effect after its position was lost; a wrong password is said", async (t) => {
  await using dovecot = await startDovecot();
  if (!dovecot) {
    t.skip(NO_DOVECOT);
    return;
  }
  await using made = await testContext();
  const ctx = reading(made.ctx, dovecot.imap);
  dovecot.deliver(bounce("0".repeat(40), 1));
  dovecot.deliver(bounce("1".repeat(40), 2));
  const mailbox = mailboxesOf(ctx).get("bounces");
  assert.ok(mailbox);
  const input = mailboxInput(ctx, "bounces", mailbox);
  assert.deepEqual([await readMailbox(ctx, input), await readMailbox(ctx, input)], [2, 0]);
  const lost = { ...input, position: async () => undefined };
  assert.equal(await readMailbox(ctx, lost), 2);
  const rows = await ctx.db.read`select source from mail_received order by 1`;
  assert.deepEqual(
    rows.map((row) => row["source"]),
    ["bounces:1", "bounces:2"],
  );
  const upgraded = { ...mailbox, tls: "starttls" as const, port: dovecot.plainPort };
  assert.equal(await readMailbox(ctx, { ...lost, mailbox: upgraded }), 2);
  const wrong = { ...mailbox, password_file: `${dovecot.folder}/cert.pem` };
  await assert.rejects(readMailbox(ctx, { ...input, mailbox: wrong }), {
    code: "unavailable",
    message: "mailbox bounces: it does not let us in",
  });
  const { ca_file: _, ...untrusted } = mailbox;
  await assert.rejects(readMailbox(ctx, { ...input, mailbox: untrusted }), { code: "unavailable" });
});

test("a server that hides STARTTLS is not told the password", async () => {
  await using made = await testContext();
  const heard: string[] = [];
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.write("* OK ready\r\n");
    socket.setEncoding("utf8").on("data", (text: string) => {
      heard.push(text);
      const tag = text.split(" ", 1)[0] ?? "";
      socket.write(`* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n${tag} OK done\r\n`);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  writeFileSync(join(made.dir, "password"), "very-secret\n");
  const imap = { host: "127.0.0.1", port: address.port, user: "bounces", tls: "starttls" };
  const ctx = reading(made.ctx, { ...imap, password_file: join(made.dir, "password") });
  const mailbox = mailboxesOf(ctx).get("bounces");
  assert.ok(mailbox);
  const input = mailboxInput(ctx, "bounces", mailbox);
  await assert.rejects(readMailbox(ctx, input), { code: "unavailable" });
  server.close();
  const all = heard.join("");
  assert.ok(heard.length > 0);
  assert.ok(
    !all.includes("very-secret") &&
      !all.includes(Buffer.from("very-secret").toString("base64").slice(0, 8)),
  );
  assert.doesNotMatch(all, /LOGIN|AUTHENTICATE/i);
});

test("where a provider wants OAuth, the token is read again for each connection", async () => {
  await using made = await testContext();
  makeCertificate(made.dir);
  const [cert, key] = ["cert.pem", "key.pem"].map((name) => readFileSync(join(made.dir, name)));
  const tokens: string[] = [];
  const server = createTlsServer({ cert, key }, (socket) => {
    socket.on("error", () => {});
    socket.write("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2] ready\r\n");
    socket.setEncoding("utf8").on("data", (text: string) => {
      for (const line of text.trim().split("\r\n")) socket.write(answerTo(line, tokens));
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  const path = join(made.dir, "token");
  const imap = { host: "localhost", port: address.port, user: "b@example.cloud" };
  const files = { access_token_file: path, ca_file: join(made.dir, "cert.pem") };
  const ctx = reading(made.ctx, { ...imap, ...files });
  const mailbox = mailboxesOf(ctx).get("bounces");
  assert.ok(mailbox);
  for (const token of ["first", "second"]) {
    writeFileSync(path, `${token}\n`);
    assert.equal(await readMailbox(ctx, mailboxInput(ctx, "bounces", mailbox)), 0);
  }
  server.close();
  assert.deepEqual(
    tokens,
    ["first", "second"].map(
      (token) => `user=b@example.cloud\u0001auth=Bearer ${token}\u0001\u0001`,
    ),
  );
});

function answerTo(line: string, tokens: string[]): string {
  const [tag = "", word = "", , initial = ""] = line.split(" ");
  if (word === "AUTHENTICATE") tokens.push(Buffer.from(initial, "base64").toString());
  const before =
    word === "EXAMINE"
      ? "* FLAGS ()\r\n* 0 EXISTS\r\n* OK [UIDVALIDITY 1] ok\r\n* OK [UIDNEXT 1] ok\r\n"
      : word === "CAPABILITY"
        ? "* CAPABILITY IMAP4rev1\r\n"
        : "";
  return `${before}${tag} OK done\r\n`;
}
