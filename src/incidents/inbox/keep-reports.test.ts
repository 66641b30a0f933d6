import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { z } from "zod";
import { testContext } from "../../../test/support/context.ts";
import { aggregateXml, type AggregateFields } from "../../../test/support/dmarc.ts";
import type { Context } from "../../db/context.ts";
import { listFindings } from "../../detect/findings/list-findings.ts";
import { loadReports } from "./keep-reports.ts";
import { mailSource } from "./mail-source.ts";
import { mailSources } from "./mail-sources.ts";
import { readMailFiles } from "./read-mail-files.ts";
import { receiveMails, type Received } from "./receive-mails.ts";
import { sortMail } from "./sort-mail.ts";

const DAY = 86_400;
const START = 1_767_225_600;

async function report(ctx: Context, fields: AggregateFields): Promise<Received[]> {
  return await receiveMails(ctx, [
    { source: "test", raw: gzipSync(Buffer.from(aggregateXml(fields))) },
  ]);
}

const OURS = { source: "192.0.2.7", count: 10, dkim: "pass", selector: "s1" } as const;

async function summary(ctx: Context): Promise<unknown[]> {
  const { sources } = await mailSources(ctx, {});
  return sources.map(({ sender, standing, messages, learnt }) => [
    sender,
    standing,
    messages,
    learnt,
  ]);
}

test("a key that signs as us and did not before is a finding; what was there when watching began is not", async () => {
  await using t = await testContext();
  await report(t.ctx, { reportId: "1", begin: START, records: [OURS] });
  await report(t.ctx, {
    reportId: "2",
    begin: START + 10 * DAY,
    records: [OURS, { ...OURS, source: "198.51.100.9", selector: "crm" }],
  });
  assert.deepEqual(await listFindings(t.ctx, {}), []);
  await report(t.ctx, {
    reportId: "3",
    begin: START + 30 * DAY,
    records: [OURS, { ...OURS, source: "203.0.113.5", count: 37, selector: "evil" }],
  });
  const findings = await listFindings(t.ctx, {});
  assert.deepEqual(
    findings.map(({ rule, level, count, entities }) => [rule, level, count, entities]),
    [
      [
        "tocsin-mail-new-source",
        "high",
        37,
        [
          { name: "domain", value: "example.cloud" },
          { name: "sender", value: "dkim example.cloud evil" },
        ],
      ],
    ],
  );
  assert.deepEqual(await summary(t.ctx), [
    ["dkim example.cloud evil", "aligned", 37, false],
    ["dkim example.cloud s1", "aligned", 30, true],
    ["dkim example.cloud crm", "aligned", 10, true],
  ]);
});

test("a report that claims to be from long ago does not end the learning", async () => {
  await using t = await testContext();
  await report(t.ctx, {
    reportId: "0",
    begin: 300_000_000,
    records: [{ ...OURS, selector: "old" }],
  });
  await report(t.ctx, { reportId: "1", begin: START, records: [OURS] });
  await report(t.ctx, {
    reportId: "2",
    begin: START + DAY,
    records: [{ ...OURS, selector: "s2" }],
  });
  assert.deepEqual(await listFindings(t.ctx, {}), []);
});

test("another's signature is of medium weight, and a thousand forgers are one finding", async () => {
  await using t = await testContext();
  await report(t.ctx, { reportId: "1", begin: START, records: [OURS] });
  await report(t.ctx, {
    reportId: "2",
    begin: START + 30 * DAY,
    records: [
      { source: "198.51.100.1", count: 3, dkim: "pass", signer: "mailer.example" },
      { source: "203.0.113.1", count: 1 },
      { source: "203.1.113.1", count: 2 },
      { source: "203.2.113.1", count: 4 },
    ],
  });
  const findings = await listFindings(t.ctx, {});
  assert.deepEqual(
    findings
      .map(({ rule, level, count }) => [rule, level, count])
      .toSorted((a, b) => Number(a[2]) - Number(b[2])),
    [
      ["tocsin-mail-new-source", "medium", 3],
      ["tocsin-mail-unauthenticated", "informational", 7],
    ],
  );
});

const Sum = z.object({ records: z.coerce.number(), messages: z.coerce.number() });

async function kept(ctx: Context): Promise<z.output<typeof Sum>[]> {
  const click = await ctx.click();
  return await click.query(
    Sum,
    "select count() as records, sum(messages) as messages from dmarc_records final",
  );
}

test("a report counts once, as a file and as a message, and after a crash between the stores", async () => {
  await using t = await testContext();
  const xml = Buffer.from(aggregateXml({ records: [OURS, { source: "203.0.113.1", count: 5 }] }));
  // As if a process had died before its transaction.
  const sorted = await sortMail({ source: "x", raw: xml });
  await loadReports(
    t.ctx,
    sorted.reports.map((one) => ({ mail: sorted.identity, report: one })),
  );
  assert.deepEqual(await kept(t.ctx), [{ records: 2, messages: 15 }]);
  const path = join(t.dir, "report.xml");
  writeFileSync(path, xml);
  const taken = await readMailFiles(t.ctx, { paths: [path] });
  assert.equal(taken.kinds.dmarc, 1);
  const message =
    `From: dmarc@far.example\r\nMessage-ID: <1@far.example>\r\nSubject: Report Domain: example.cloud Submitter: far.example\r\n` +
    `Content-Type: application/gzip; name=a.xml.gz\r\nContent-Transfer-Encoding: base64\r\n\r\n${gzipSync(xml).toString("base64")}\r\n`;
  const [mail] = await receiveMails(t.ctx, [{ source: "mail", raw: Buffer.from(message) }]);
  assert.deepEqual([mail?.state, mail?.kind], ["new", "dmarc"]);
  assert.deepEqual(await kept(t.ctx), [{ records: 2, messages: 15 }]);
  const { sources, reports } = await mailSources(t.ctx, {});
  assert.deepEqual(
    sources.map(({ messages }) => messages),
    [10, 5],
  );
  assert.deepEqual(
    reports.map(({ kind, domain, reports: many, messages, failed }) => [
      kind,
      domain,
      many,
      messages,
      failed,
    ]),
    [["dmarc", "example.cloud", 1, 15, 5]],
  );
  // ClickHouse is lost: what is read again is there again, and counted as before.
  const click = await t.ctx.click();
  await click.command("truncate table dmarc_records");
  assert.equal((await readMailFiles(t.ctx, { paths: [path] })).known, 1);
  assert.deepEqual(await kept(t.ctx), [{ records: 2, messages: 15 }]);
  assert.deepEqual((await mailSources(t.ctx, {})).sources, sources);
});

test("what was reported of one source is shown record by record", async () => {
  await using t = await testContext();
  await report(t.ctx, {
    reportId: "1",
    begin: START,
    records: [OURS, { ...OURS, selector: "crm" }],
  });
  await report(t.ctx, { reportId: "2", begin: START + DAY, records: [{ ...OURS, count: 4 }] });
  const records = await mailSource(t.ctx, { sender: "dkim example.cloud s1" });
  assert.deepEqual(
    records.map(({ begin, reporter, source, messages, dkim }) => [
      begin,
      reporter,
      source,
      messages,
      dkim,
    ]),
    [
      ["2026-01-02 00:00:00", "Far Mail", "192.0.2.7", 4, ["example.cloud/s1=pass"]],
      ["2026-01-01 00:00:00", "Far Mail", "192.0.2.7", 10, ["example.cloud/s1=pass"]],
    ],
  );
  await assert.rejects(mailSource(t.ctx, { sender: "dkim nobody" }), { code: "not_found" });
});

test("a report about a domain that is not ours counts for nothing, and one that cannot be read is set aside", async () => {
  await using t = await testContext();
  await report(t.ctx, { domain: "other.example", records: [OURS] });
  await report(t.ctx, { domain: "notexample.cloud", records: [OURS] });
  assert.deepEqual(await mailSources(t.ctx, {}), { sources: [], reports: [] });
  const [bomb] = await receiveMails(t.ctx, [
    { source: "bomb", raw: gzipSync(Buffer.alloc(100_000_000, 65)) },
  ]);
  assert.equal(bomb?.kind, "unread");
  assert.match(bomb.trouble ?? "", /more than/);
  await report(t.ctx, { domain: "mail.example.cloud", records: [OURS] });
  assert.equal((await mailSources(t.ctx, { standing: "aligned" })).sources.length, 1);
});

test("failure and TLS reports are counted by domain", async () => {
  await using t = await testContext();
  await receiveMails(t.ctx, [
    {
      source: "a",
      raw: Buffer.from(
        "From: d@far.example\r\nSubject: x\r\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n--b\r\n" +
          "Content-Type: message/feedback-report\r\n\r\nFeedback-Type: auth-failure\r\nSource-IP: 203.0.113.9\r\nReported-Domain: example.cloud\r\n\r\n--b--\r\n",
      ),
    },
    {
      source: "b",
      raw: Buffer.from(
        JSON.stringify({
          "organization-name": "Far Mail",
          "date-range": {
            "start-datetime": "2026-01-01T00:00:00Z",
            "end-datetime": "2026-01-01T23:59:59Z",
          },
          "report-id": "7",
          policies: [
            {
              policy: { "policy-type": "sts", "policy-domain": "example.cloud" },
              summary: { "total-successful-session-count": 10, "total-failure-session-count": 2 },
            },
          ],
        }),
      ),
    },
  ]);
  const { reports } = await mailSources(t.ctx, {});
  assert.deepEqual(
    reports.map(({ kind, messages, failed }) => [kind, messages, failed]),
    [
      ["dmarc-failure", 1, 1],
      ["tls", 12, 2],
    ],
  );
});
