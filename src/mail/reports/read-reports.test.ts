import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { aggregateXml } from "../../../test/support/dmarc.ts";
import { sharedData } from "../../../test/support/shared-data.ts";
import { zipOf } from "../../../test/support/zip.ts";
import { TocsinError } from "../../core/errors.ts";
import { readMail } from "../incoming/incoming-mail.ts";
import type { AnyReport } from "./read-reports.ts";
import { isReportFile, readReportFile, reportsIn } from "./read-reports.ts";

const XML = aggregateXml({ records: [{ source: "192.0.2.7", count: 12, dkim: "pass" }] });

test("a report is read as it is, gzipped, and in a zip, by its content and not by its name", async () => {
  const plain = Buffer.from(XML);
  const packed = [
    plain,
    gzipSync(plain),
    zipOf({ "a.txt": plain }),
    Buffer.concat([gzipSync(plain), Buffer.from("\r\n")]),
  ];
  const [first, ...others] = await Promise.all(
    packed.map(async (bytes) => {
      assert.ok(isReportFile(bytes));
      return await readReportFile(bytes);
    }),
  );
  for (const one of others) assert.deepEqual(one, first);
  const [report] = first ?? [];
  assert.ok(report?.kind === "dmarc");
  const { reporter, domain, records, bad } = report;
  assert.deepEqual([reporter, domain, records.length, bad], ["Far Mail", "example.cloud", 1, 0]);
  assert.deepEqual(
    [records[0]?.source, records[0]?.messages, records[0]?.dkimAligned, records[0]?.spfAligned],
    ["192.0.2.7", 12, true, false],
  );
});

test("the newer drafts' namespace and prefixes are the same report", async () => {
  const prefixed = XML.replaceAll(/<(\/?)([a-z])/g, "<$1d:$2").replace(
    "<d:feedback",
    '<d:feedback xmlns:d="urn:ietf:params:xml:ns:dmarc-2.0"',
  );
  const spelled = XML.replaceAll("pass", "Pass");
  for (const text of [prefixed, spelled])
    assert.deepEqual(
      await readReportFile(Buffer.from(text)),
      await readReportFile(Buffer.from(XML)),
    );
});

test("records without an address or a count are counted and the rest is read", async () => {
  const text = aggregateXml({
    records: [
      { source: "192.0.2.7", count: 1 },
      { source: "nobody", count: 1 },
      { source: "2001:db8::1", count: 0 },
      { source: "2001:db8::1", count: 2 },
    ],
  });
  const [report] = await readReportFile(Buffer.from(text));
  assert.ok(report?.kind === "dmarc");
  assert.deepEqual([report.records.length, report.bad], [2, 2]);
});

for (const [what, bytes, why] of [
  [
    "entities",
    Buffer.from(`<!DOCTYPE f [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>${XML}`),
    /document type/,
  ],
  [
    "an outside entity",
    Buffer.from(XML.replace("?>", '?><!DOCTYPE f SYSTEM "file:///etc/passwd">')),
    /document type/,
  ],
  ["a gzip bomb", gzipSync(Buffer.alloc(200_000_000, 65)), /more than/],
  [
    "a zip bomb",
    zipOf({ a: Buffer.alloc(20_000_000, 65), b: Buffer.alloc(20_000_000, 65) }),
    /more than/,
  ],
  [
    "a zip that lies about its size",
    zipOf({ a: Buffer.alloc(40_000_000, 65) }, 10),
    /damaged|more than/,
  ],
  [
    "a zip of many",
    zipOf(Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`${at}`, Buffer.from(XML)]))),
    /60 entries/,
  ],
  ["a zip in a zip", zipOf({ "a.zip": zipOf({ a: Buffer.from(XML) }) }), /no report/],
  ["a damaged zip", Buffer.concat([Buffer.from("PK\u0003\u0004"), Buffer.alloc(400)]), /damaged/],
  ["two million levels", Buffer.from("<feedback>".repeat(1_000_000)), /deeper or longer/],
  ["half a report", Buffer.from(XML.slice(0, -40)), /ends within/],
  ["a page", Buffer.from("<html><body>hello</body></html>"), /no <feedback>/],
  ["other JSON", Buffer.from('{"report-id": 7}'), /RFC 8460/],
  [
    "a report without its domain",
    Buffer.from(XML.replace("<domain>example.cloud</domain>", "")),
    /lacks/,
  ],
] as const) {
  test(`${what}: refused, quickly`, async () => {
    const before = process.cpuUsage();
    await assert.rejects(
      readReportFile(bytes),
      (error) => error instanceof TocsinError && why.test(error.message),
    );
    const { user, system } = process.cpuUsage(before);
    assert.ok(user + system < 2_000_000, `${user + system} µs`);
  });
}

test("a message brings reports as attachments of any type; one that is called a report and brings none is said", async () => {
  const message = (type: string, name: string, body: Buffer): Buffer =>
    Buffer.from(
      `From: a@far.example\r\nSubject: Report Domain: example.cloud Submitter: far.example Report-ID: <1>\r\nMIME-Version: 1.0\r\n` +
        `Content-Type: ${type}; name="${name}"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename="${name}"\r\n\r\n` +
        `${body.toString("base64").replaceAll(/(.{76})/g, "$1\r\n")}\r\n`,
    );
  const packed = gzipSync(Buffer.from(XML));
  for (const [type, name] of [
    ["application/gzip", "x"],
    ["application/octet-stream", "a.xml.gz"],
    ["application/zip", "wrong"],
  ] as const) {
    const reports = await reportsIn(await readMail(message(type, name, packed)));
    assert.deepEqual(
      reports.map(({ kind }) => kind),
      ["dmarc"],
    );
  }
  const none = message("application/pdf", "a.pdf", Buffer.from("%PDF"));
  await assert.rejects(reportsIn(await readMail(none)), { code: "invalid" });
});

test("a failure report names what was claimed, and from where", async () => {
  const mail = await readMail(
    Buffer.from(
      "From: dmarc@far.example\r\nSubject: FW: x\r\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n--b\r\n" +
        "Content-Type: message/feedback-report\r\n\r\nFeedback-Type: auth-failure\r\nAuth-Failure: dmarc\r\nSource-IP: 2001:db8::9\r\n" +
        "Reported-Domain: example.cloud\r\nDelivery-Result: reject\r\n\r\n--b--\r\n",
    ),
  );
  assert.deepEqual(await reportsIn(mail), [
    {
      kind: "dmarc-failure",
      reporter: "far.example",
      domain: "example.cloud",
      source: "2001:db8::9",
      failure: "dmarc",
      result: "reject",
    },
  ]);
});

test("a TLS report says how many sessions failed, and why", async () => {
  const text = JSON.stringify({
    "organization-name": "Far Mail",
    "date-range": {
      "start-datetime": "2026-01-01T00:00:00Z",
      "end-datetime": "2026-01-01T23:59:59Z",
    },
    "report-id": "7",
    policies: [
      {
        policy: { "policy-type": "sts", "policy-domain": "Example.cloud" },
        summary: { "total-successful-session-count": 10, "total-failure-session-count": 2 },
        "failure-details": [
          {
            "result-type": "certificate-expired",
            "sending-mta-ip": "192.0.2.1",
            "failed-session-count": 2,
          },
        ],
      },
    ],
  });
  const [report] = await readReportFile(gzipSync(Buffer.from(text)));
  assert.ok(report?.kind === "tls");
  assert.deepEqual(
    report.results.map(({ domain, failure, succeeded, failed }) => [
      domain,
      failure,
      succeeded,
      failed,
    ]),
    [
      ["example.cloud", "", 10, 2],
      ["example.cloud", "certificate-expired", 0, 2],
    ],
  );
});

const data = sharedData("mail/dmarc");

test(
  "real reports are read, and what is none is refused",
  {
    skip: data === undefined && "no ../shared/data/mail/dmarc beside the checkout",
  },
  async () => {
    const kinds: Record<string, number> = { dmarc: 0, "dmarc-failure": 0, tls: 0 };
    const refused: string[] = [];
    for (const name of readdirSync(data ?? "")) {
      const bytes = readFileSync(`${data}/${name}`);
      const read = async (): Promise<AnyReport[]> =>
        isReportFile(bytes) ? await readReportFile(bytes) : await reportsIn(await readMail(bytes));
      const reports = await read().catch((error: unknown) => {
        assert.ok(error instanceof TocsinError, name);
        refused.push(name);
        return [];
      });
      for (const { kind } of reports) kinds[kind] = (kinds[kind] ?? 0) + 1;
    }
    assert.deepEqual([kinds, refused], [{ dmarc: 14, "dmarc-failure": 4, tls: 2 }, ["empty.xml"]]);
  },
);
