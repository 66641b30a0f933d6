// What comes back of notices, as a mail system gives it: through the real CLI, through a real Postfix, and with kills in between.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { littleHost, type LittleHost, ROOT } from "../support/little-host.ts";
import { rawSmtp } from "../support/raw-smtp.ts";
import { NO_POSTFIX, type Postfix, startPostfix } from "../support/postfix.ts";

const Plan = z.object({ digest: z.string() });
const Report = z.object({
  messages: z.int(),
  known: z.int(),
  matched: z.int(),
  kinds: z.record(z.string(), z.int()),
  unread: z.array(z.object({ trouble: z.string() })),
});
const Run = z.object({
  fates: z.array(
    z.object({ unreachable: z.int(), refused: z.int(), delivered: z.int(), deferred: z.int() }),
  ),
});

async function notify(host: LittleHost): Promise<void> {
  await host.run(["registry", "refresh"]);
  await host.run(["new", "leak"]);
  const { digest } = await host.json(Plan, ["plan", "leak"]);
  assert.equal((await host.approve(digest)).status, 0);
  const applied = await host.run(["apply", digest]);
  assert.equal(applied.status, 0, applied.err);
}

/** The notice to that person, as it came out of the sink. */
async function noticeTo(host: LittleHost, to: string): Promise<string> {
  const found = host.mails.find((mail) => mail.to === to);
  assert.ok(found, `a notice to ${to}`);
  return await readFile(found.file, "utf8");
}

function bounceOf(notice: string, to: string, number = 0): string {
  const head = notice.split("\r\n\r\n", 1)[0] ?? "";
  return [
    "From: MAILER-DAEMON@mx.customer.example (Mail Delivery System)",
    "To: security@little.example",
    `Message-ID: <bounce-${to}-${number}@mx.customer.example>`,
    "Subject: Undelivered Mail Returned to Sender",
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
    "",
    "--b",
    "Content-Type: message/delivery-status",
    "",
    "Reporting-MTA: dns; mx.customer.example",
    "",
    `Final-Recipient: rfc822; ${to}`,
    "Action: failed",
    "Status: 5.1.1",
    "Diagnostic-Code: smtp; 550 5.1.1 User unknown (in reply to RCPT TO command)",
    "",
    "--b",
    "Content-Type: text/rfc822-headers",
    "",
    head,
    "--b--",
    "",
  ].join("\r\n");
}

test("a bounce makes its notice's person one to write a letter to", async () => {
  await using host = await littleHost();
  await notify(host);
  const [ada, bela] = ["ada@customer.example", "bela@customer.example"];
  await host.write("bounce.eml", bounceOf(await noticeTo(host, bela), bela));
  const read = await host.json(Report, ["mail", "read", "bounce.eml"]);
  assert.deepEqual([read.messages, read.matched, read.kinds["bounce"]], [1, 1, 1]);
  const input = await readFile(join(host.folder, "bounce.eml"), "utf8");
  const piped = await host.run(["mail", "read", "-", "--json"], { input });
  assert.deepEqual([piped.status, Report.parse(JSON.parse(piped.out)).known], [0, 1], piped.err);
  const run = await host.run(["run", "show", "leak/1"]);
  assert.match(run.out, /reported afterwards: 1 unreachable/);
  const csv = await host.run(["letters", "leak", "--csv", "letters.csv"]);
  assert.equal(csv.status, 0, csv.err);
  const path = join(host.folder, "letters.csv");
  const [head, row, ...rest] = (await readFile(path, "utf8")).trim().split("\r\n");
  assert.match(
    head ?? "",
    /^"subject","name","language","country",.*"email","accounts","fate","reason"$/,
  );
  assert.match(row ?? "", /"DE".*"bela@customer.example","bela","unreachable","userunknown"/);
  assert.deepEqual([rest, (await stat(path)).mode & 0o777], [[], 0o600]);
  const open = await host.run(["report", "leak"]);
  assert.equal(open.status, 0, open.err);
  const html = await readFile(join(host.folder, "incidents/leak/report.html"), "utf8");
  assert.match(html, /<b>1<\/b> unreachable/);
  assert.match(html, /1 notice came back: tocsin letters leak/);
  assert.ok(host.mails.some(({ to }) => to === ada));
  const ledger = await host.run(["ledger", "verify"]);
  assert.match(ledger.out, /whole/);
});

test("whatever goes wrong on standard input is to be handed over again, and what cannot be read is kept and listed", async () => {
  await using host = await littleHost();
  const broken = await host.run(["mail", "read", "-"], { input: "\n\nno header\n" });
  assert.equal(broken.status, 0, broken.err);
  const listed = await host.run(["mail"]);
  assert.match(listed.out, /unread.*\n[\s\S]*no message/);
  await host.write("tocsin.yaml", "organisation: {");
  const later = await host.run(["mail", "read", "-"], { input: "From: a@b.example\n\nhi\n" });
  assert.equal(later.status, 75, later.err);
});

test("reading that is killed again and again counts each message once", async () => {
  await using host = await littleHost();
  await notify(host);
  const bela = "bela@customer.example";
  const notice = await noticeTo(host, bela);
  const count = 3_000;
  const mbox = Array.from({ length: count }, (_, at) =>
    at % 2 === 0
      ? `From a Thu Jan  1 00:00:00 2026\n${bounceOf(notice, bela, at)}\n\n`
      : `From a Thu Jan  1 00:00:00 2026\nFrom: p${at}@x.example\nSubject: ${at}\n\nhello ${at}\n\n`,
  );
  await writeFile(join(host.folder, "mbox"), mbox.join(""));
  let kills = 0;
  for (const afterMs of [900, 1_300, 1_700, 2_100]) {
    const child = reading(host.folder);
    const ended = once(child, "exit");
    await Promise.race([sleep(afterMs), ended]);
    kills += Number(child.kill("SIGKILL"));
    await ended;
  }
  const last = await host.json(Report, ["mail", "read", "mbox"]);
  assert.equal(last.messages, count);
  assert.ok(kills > 0, `${kills} kills`);
  const Listed = z.object({
    counts: z.array(z.object({ kind: z.string(), messages: z.int(), matched: z.int() })),
  });
  const { counts } = await host.json(Listed, ["mail"]);
  assert.deepEqual(
    counts.map(({ kind, messages, matched }) => [kind, messages, matched]),
    [
      ["bounce", count / 2, count / 2],
      ["letter", count / 2, 0],
    ],
  );
  const { fates } = await host.json(Run, ["run", "show", "leak/1"]);
  assert.deepEqual(
    fates.map(({ unreachable }) => unreachable),
    [1],
  );
  assert.match((await host.run(["ledger", "verify"])).out, /whole/);
});

function reading(folder: string): ChildProcess {
  return spawn(process.execPath, [join(ROOT, "bin", "tocsin.ts"), "mail", "read", "mbox"], {
    cwd: folder,
    env: { PATH: process.env["PATH"], HOME: folder, TOCSIN_ACTOR: "sam", NO_COLOR: "1" },
    stdio: "ignore",
  });
}

test("a real Postfix carries notices, and gives back through its pipe what it cannot deliver", async (t) => {
  await using far = await rawSmtp({});
  await using gone = await rawSmtp({ replies: { rcpt: "550 5.1.1 there is nobody of that name" } });
  await using postfix = await startPostfix({
    transports: {
      "ada@customer.example": `smtp:[127.0.0.1]:${far.port}`,
      "bela@customer.example": `smtp:[127.0.0.1]:${gone.port}`,
    },
    pipeTo: "bounces@little.example",
  });
  if (!postfix) {
    t.skip(NO_POSTFIX);
    return;
  }
  await using host = await littleHost();
  const yaml = await readFile(join(host.folder, "tocsin.yaml"), "utf8");
  await host.write(
    "tocsin.yaml",
    yaml
      .replace(/smtp:\/\/127\.0\.0\.1:\d+/, `smtp://127.0.0.1:${postfix.port}`)
      .replace("mail:\n", "mail:\n  bounces: { address: bounces@little.example }\n"),
  );
  await notify(host);
  const [bounce = ""] = await givenBack(postfix);
  // RET=HDRS: what was exposed of somebody does not come back with it.
  assert.match(bounce, /Message-ID: <[0-9a-f]{40}@little\.example>/i);
  assert.doesNotMatch(bounce, /quoted-printable[\s\S]*Data of/);
  assert.equal(far.taken.length, 1);
  const taken = await host.run(["mail", "read", "-", "--json"], { input: bounce });
  const report = Report.parse(JSON.parse(taken.out));
  assert.deepEqual([report.matched, report.kinds["bounce"]], [1, 1]);
  const { fates } = await host.json(Run, ["run", "show", "leak/1"]);
  assert.deepEqual(
    fates.map(({ unreachable, refused }) => [unreachable, refused]),
    [[1, 0]],
  );
  assert.match((await host.run(["letters", "leak"])).out, /unreachable.*5\.1\.1.*bela/);
});

async function givenBack(postfix: Postfix): Promise<string[]> {
  for (let tries = 0; tries < 200; tries += 1) {
    const messages = postfix.piped();
    if (messages.length > 0) return messages;
    await sleep(100);
  }
  throw new Error("postfix gives nothing back");
}
