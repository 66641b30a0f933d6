import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { z } from "zod";
import { testContext } from "../../../test/support/context.ts";
import { aggregateXml } from "../../../test/support/dmarc.ts";
import { noticePerson, noticeSettings } from "../../../test/support/notice-people.ts";
import { testRun } from "../../../test/support/work.ts";
import type { Context } from "../../db/context.ts";
import { fatesOf } from "../../notices/fates/fates-of.ts";
import { notReached } from "../../notices/fates/not-reached.ts";
import { taskToken } from "../../work/find-by-token.ts";
import { listMail } from "./list-mail.ts";
import { readMailFiles } from "./read-mail-files.ts";
import { receiveMails, setAsideFolder } from "./receive-mails.ts";

type Sent = { readonly run: string; readonly subjects: readonly string[] };

async function sent(ctx: Context, addresses: readonly string[]): Promise<Sent> {
  const subjects = addresses.map(() => randomUUID());
  const tasks = addresses.map((to, at) => ({
    key: subjects[at] ?? "",
    payload: noticePerson({ to }),
  }));
  const settings = z.json().parse(noticeSettings());
  const run = await testRun(ctx, { kind: "notice", settings, tasks });
  return { run, subjects };
}

function idOf({ run, subjects }: Sent, at: number): string {
  return `${taskToken({ run, step: 0, key: subjects[at] ?? "" })}@example.cloud`;
}

type Dsn = {
  readonly about: string;
  readonly to: string;
  readonly action?: string;
  readonly status?: string;
};

function dsn({ about, to, action = "failed", status = "5.1.1" }: Dsn): string {
  return [
    "From: MAILER-DAEMON@mx.example",
    "Subject: Undelivered Mail Returned to Sender",
    `Message-ID: <${to}-${action}-${status}@mx.example>`,
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
    "",
    "--b",
    "Content-Type: message/delivery-status",
    "",
    "Reporting-MTA: dns; mx.example",
    "",
    `Final-Recipient: rfc822; ${to}`,
    `Action: ${action}`,
    `Status: ${status}`,
    "",
    "--b",
    "Content-Type: text/rfc822-headers",
    "",
    `Message-ID: <${about}>`,
    "--b--",
    "",
  ].join("\r\n");
}

function mail(text: string): { source: string; raw: Buffer } {
  return { source: "test", raw: Buffer.from(text) };
}

test("a bounce with a notice's token stands beside that notice, and in the ledger", async () => {
  await using t = await testContext();
  const notices = await sent(t.ctx, ["ada@far.example", "bob@far.example"]);
  const [received] = await receiveMails(t.ctx, [
    mail(dsn({ about: idOf(notices, 0), to: "ada@far.example" })),
  ]);
  assert.deepEqual([received?.state, received?.kind, received?.notices], ["new", "bounce", 1]);
  const [counts] = await fatesOf(t.ctx, [notices.run]);
  assert.equal(counts?.unreachable, 1);
  const people = await notReached(t.ctx, "test-incident");
  assert.deepEqual(
    people.map(({ subject, fate, hard, reason, person }) => [
      subject,
      fate,
      hard,
      reason,
      person.to,
    ]),
    [[notices.subjects[0], "unreachable", true, "userunknown", "ada@far.example"]],
  );
  const [entry] = await t.ctx.db.read<{ body: string; incident: string }[]>`
    select b.body, e.incident from ledger_entries e join ledger_bodies b on b.entry = e.id where e.kind = 'notices.reported'`;
  assert.equal(entry?.incident, "test-incident");
  assert.match(entry.body, new RegExp(notices.subjects[0] ?? "none"));
  assert.doesNotMatch(entry.body, /far\.example/);
});

test("a bounce that is forged without a token changes nothing, and is counted", async () => {
  await using t = await testContext();
  const notices = await sent(t.ctx, ["ada@far.example"]);
  const [forged] = await receiveMails(t.ctx, [
    mail(dsn({ about: `${"0".repeat(40)}@example.cloud`, to: "ada@far.example" })),
  ]);
  assert.deepEqual([forged?.kind, forged?.notices], ["bounce", 0]);
  assert.deepEqual(await fatesOf(t.ctx, [notices.run]), []);
  const listed = await listMail(t.ctx, { kind: "bounce" });
  assert.deepEqual(
    listed.counts.map(({ kind, messages, matched }) => [kind, messages, matched]),
    [["bounce", 1, 0]],
  );
});

test("the token in the address that it was returned to is enough", async () => {
  await using t = await testContext();
  const notices = await sent(t.ctx, ["ada@far.example"]);
  const token = idOf(notices, 0).split("@")[0] ?? "";
  await receiveMails(t.ctx, [
    mail(
      `To: bounces+${token}@example.cloud\r\nFrom: MAILER-DAEMON@q.example\r\nSubject: failure notice\r\n\r\n` +
        "<ada@far.example>:\r\n192.0.2.7 does not like recipient.\r\nRemote host said: 550 no such user\r\n",
    ),
  ]);
  const [person] = await notReached(t.ctx, "test-incident");
  assert.deepEqual([person?.fate, person?.status], ["unreachable", "5.0.911"]);
});

test("the same message changes things once, whatever way it comes and however often", async () => {
  await using t = await testContext();
  const notices = await sent(t.ctx, ["ada@far.example"]);
  const bounce = dsn({ about: idOf(notices, 0), to: "ada@far.example" });
  const states = await receiveMails(t.ctx, [
    mail(bounce),
    mail(`Received: from x by y\r\n${bounce}`),
  ]);
  const [again] = await receiveMails(t.ctx, [mail(bounce.replaceAll("\r\n", "\n"))]);
  assert.deepEqual([...states.map(({ state }) => state), again?.state], ["new", "known", "known"]);
  const [row] = await t.ctx.db.read`select reports from notice_fates`;
  assert.equal(row?.["reports"], 1);
  const entries = await t.ctx.db.read`select from ledger_entries where kind = 'mail.received'`;
  assert.equal(entries.length, 1);
});

test("what is worse for the person stands, in whatever order it comes", async () => {
  for (const order of [
    ["delayed", "failed", "delivered"],
    ["delivered", "delayed", "failed"],
    ["failed", "delivered", "delayed"],
  ]) {
    await using t = await testContext();
    const notices = await sent(t.ctx, ["ada@far.example"]);
    for (const action of order) {
      const status = { delayed: "4.4.1", failed: "5.1.1", delivered: "2.1.5" }[action] ?? "";
      await receiveMails(t.ctx, [
        mail(dsn({ about: idOf(notices, 0), to: "ada@far.example", action, status })),
      ]);
    }
    const [row] = await t.ctx.db.read`select fate, status, hard, reports from notice_fates`;
    assert.deepEqual({ ...row }, { fate: "unreachable", status: "5.1.1", hard: true, reports: 3 });
  }
});

test("reports of one notice in one batch are one row with the worse fate", async () => {
  await using t = await testContext();
  const notices = await sent(t.ctx, ["ada@far.example"]);
  const about = idOf(notices, 0);
  const to = "ada@far.example";
  await receiveMails(t.ctx, [
    mail(dsn({ about, to, action: "failed", status: "5.2.2" })),
    mail(dsn({ about, to, action: "delayed", status: "4.4.1" })),
    mail(`From: ${to}\r\nAuto-Submitted: auto-replied\r\nIn-Reply-To: <${about}>\r\n\r\naway`),
  ]);
  const [row, ...others] = await t.ctx.db.read`
    select fate, status, answered, complained, reports from notice_fates`;
  assert.equal(others.length, 0);
  assert.deepEqual(
    { ...row },
    { fate: "unreachable", status: "5.2.2", answered: true, complained: false, reports: 3 },
  );
});

test("who is reached by a later notice is no longer among those who were not", async () => {
  await using t = await testContext();
  const notices = await sent(t.ctx, ["ada@far.example"]);
  await receiveMails(t.ctx, [mail(dsn({ about: idOf(notices, 0), to: "ada@far.example" }))]);
  assert.equal((await notReached(t.ctx, "test-incident")).length, 1);
  const tasks = notices.subjects.map((key) => ({
    key,
    payload: noticePerson({ to: "ada@other.example" }),
  }));
  await testRun(t.ctx, { kind: "notice", settings: z.json().parse(noticeSettings()), tasks });
  assert.deepEqual(await notReached(t.ctx, "test-incident"), []);
});

test("an absent person's machine and a complaint say that the notice came", async () => {
  await using t = await testContext();
  const notices = await sent(t.ctx, ["ada@far.example", "bob@far.example"]);
  await receiveMails(t.ctx, [
    mail(
      `From: ada@far.example\r\nAuto-Submitted: auto-replied\r\nIn-Reply-To: <${idOf(notices, 0)}>\r\nSubject: Away\r\n\r\nback soon`,
    ),
    mail(
      "From: fbl@far.example\r\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n--b\r\n" +
        `Content-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <${idOf(notices, 1)}>\r\n\r\nhi\r\n--b--\r\n`,
    ),
  ]);
  const [counts] = await fatesOf(t.ctx, [notices.run]);
  assert.deepEqual(
    [counts?.delivered, counts?.complained, counts?.answered, counts?.unreachable],
    [2, 1, 1, 0],
  );
});

test("an mbox, a Maildir and single messages are read, and what is no message is set aside as it came", async () => {
  await using t = await testContext();
  const notices = await sent(t.ctx, ["a@far.example", "b@far.example", "c@far.example"]);
  const bounces = notices.subjects.map((_, at) =>
    dsn({ about: idOf(notices, at), to: `${"abc"[at]}@far.example` }),
  );
  for (const folder of ["cur", "new", "tmp"])
    mkdirSync(join(t.dir, "maildir", folder), { recursive: true });
  const mbox = join(t.dir, "mbox");
  const quoted = "From: x@y.example\n\nhello\n\n>From here on\n";
  writeFileSync(
    mbox,
    `From a Thu Jan 1 00:00:00 2026\n${bounces[0]}\n\nFrom b Thu Jan 1 00:00:00 2026\n${quoted}\n`,
  );
  writeFileSync(join(t.dir, "maildir", "new", "1"), bounces[1] ?? "");
  writeFileSync(join(t.dir, "maildir", "tmp", "2"), "not delivered yet");
  writeFileSync(join(t.dir, "one.eml"), bounces[2] ?? "");
  writeFileSync(join(t.dir, "broken.eml"), "\n\nno header");
  const paths = ["mbox", "maildir", "one.eml", "broken.eml"].map((name) => join(t.dir, name));
  const report = await readMailFiles(t.ctx, { paths });
  assert.deepEqual(
    [report.messages, report.matched, report.kinds.bounce, report.kinds.letter],
    [5, 3, 3, 1],
  );
  assert.deepEqual(
    report.unread.map(({ source }) => source),
    [join(t.dir, "broken.eml")],
  );
  assert.deepEqual(readdirSync(setAsideFolder(t.ctx)), [`${report.unread[0]?.identity}.eml`]);
  const again = await readMailFiles(t.ctx, { paths });
  assert.deepEqual([again.messages, again.known], [5, 5]);
  await assert.rejects(readMailFiles(t.ctx, { paths: [join(t.dir, "none")] }), {
    code: "not_found",
  });
});

test("what no store can hold does not stop what comes behind it", async () => {
  await using t = await testContext();
  const nul = "\0";
  const xml = aggregateXml({
    reporter: `Far${nul}Mail`,
    reportId: `1${nul}2`,
    records: [{ source: "192.0.2.1", count: 1, dkim: "pass", selector: `s${nul}1` }],
  });
  const received = await receiveMails(t.ctx, [
    mail(`Message-ID: <a${nul}b@x.example>\r\nFrom: a@x.example\r\nSubject: ${nul}\r\n\r\nhi`),
    mail("Message-ID: <\uD83D@x.example>\r\nFrom: a@x.example\r\n\r\nhi"),
    mail(xml),
    mail(
      `From: ${nul}\r\nSubject: DMARC failure\r\n\r\nSender Domain: example.cloud\r\nDelivery-Result: ${nul}\r\n`,
    ),
  ]);
  assert.deepEqual(
    received.map(({ state, kind }) => [state, kind]),
    [
      ["new", "letter"],
      ["new", "letter"],
      ["new", "dmarc"],
      ["new", "dmarc-failure"],
    ],
  );
});

test("without the scope nothing is received", async () => {
  await using t = await testContext();
  const ctx = {
    ...t.ctx,
    actor: { name: "x", via: "http" as const, scopes: new Set(["mail:read"] as const) },
  };
  await assert.rejects(receiveMails(ctx, []), { code: "forbidden" });
  await assert.rejects(readMailFiles(ctx, { paths: ["x"] }), { code: "forbidden" });
});
