import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { aggregateXml } from "../../../test/support/dmarc.ts";
import { zipOf } from "../../../test/support/zip.ts";
import { TocsinError } from "../../core/errors.ts";
import { readReportFile } from "./read-reports.ts";
import { senderOf, STANDINGS } from "./sender-of.ts";

const XML = aggregateXml({
  records: [
    { source: "192.0.2.7", count: 3, dkim: "pass" },
    { source: "2001:db8::1", count: 1, spf: "pass" },
  ],
});
const FILES = [
  Buffer.from(XML),
  gzipSync(Buffer.from(XML)),
  zipOf({ a: Buffer.from(XML) }),
  zipOf({ a: gzipSync(Buffer.from(XML)) }),
];

type Change = { readonly at: number; readonly byte: number; readonly drop: number };

const change: fc.Arbitrary<Change> = fc.record({
  at: fc.nat(5_000),
  byte: fc.nat(255),
  drop: fc.nat(6),
});

function changed(file: Buffer, changes: readonly Change[]): Buffer {
  let bytes = Buffer.from(file);
  for (const { at, byte, drop } of changes) {
    const place = at % Math.max(1, bytes.length);
    bytes = Buffer.concat([
      bytes.subarray(0, place),
      Buffer.from([byte]),
      bytes.subarray(place + drop),
    ]);
  }
  return bytes;
}

test("a report that was changed anywhere is read or refused, and nothing that is read is out of bounds", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...FILES),
      fc.array(change, { maxLength: 6 }),
      async (file, changes) => {
        const reports = await readReportFile(changed(file, changes)).catch((error: unknown) => {
          assert.ok(error instanceof TocsinError && error.code === "invalid", String(error));
          return [];
        });
        for (const report of reports) {
          assert.ok(report.kind === "dmarc");
          assert.ok(report.begin <= report.end && report.domain !== "");
          for (const record of report.records) {
            assert.ok(Number.isSafeInteger(record.messages) && record.messages > 0);
            const { sender, standing } = senderOf(record, report.domain);
            assert.ok(STANDINGS.includes(standing) && sender !== "");
          }
        }
      },
    ),
    { numRuns: 1_500 },
  );
});
