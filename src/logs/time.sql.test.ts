import { test } from "node:test";
import assert from "node:assert/strict";
import { json } from "./formats/json.ts";
import { readLines } from "../../test/support/read-lines.ts";
import { anyTime, syslogTime } from "./time.sql.ts";

async function times(
  sql: string,
  texts: readonly string[],
  zone = "UTC",
): Promise<(string | undefined)[]> {
  const format = { ...json, json: false, time: sql };
  const rows = await readLines({ format, lines: texts, zone });
  return rows.map((row) => (row.time_known ? row.time : undefined));
}

const AT = "2026-11-25T04:05:06.000000Z";

test("every usual form of one instant is that instant", async () => {
  const forms = [
    "2026-11-25T04:05:06Z",
    "2026-11-25 04:05:06",
    "2026-11-25 04:05:06,000",
    "2026-11-25T05:05:06+01:00",
    "2026-11-25T05:05:06+0100",
    "2026-11-25 05:05:06 CET",
    "2026-11-25 05:05:06.000 CET",
    "2026-11-24T23:05:06.000000000-05:00",
    "2026/11/25 04:05:06",
    "25/Nov/2026:05:05:06 +0100",
    "Wed, 25 Nov 2026 04:05:06 GMT",
    "Wed Nov 25 04:05:06 2026",
    "Nov 25 2026 04:05:06",
    "20261125T040506Z",
    "11/25/2026 4:05:06 AM",
    "1795579506",
    "1795579506.000",
    "1795579506000",
    "1795579506000000",
    "1795579506000000000",
  ];
  assert.deepEqual(
    await times(anyTime("raw"), forms),
    forms.map(() => AT),
  );
});

test("fractions keep their microseconds", async () => {
  const forms = [
    "2026-11-25 04:05:06,123456",
    "1795579506.123456",
    "1795579506123456",
    "1795579506123456789",
    "2026-11-25T04:05:06.123456789Z",
  ];
  assert.deepEqual(
    await times(anyTime("raw"), forms),
    forms.map(() => "2026-11-25T04:05:06.123456Z"),
  );
});

test("what is no time of ours is unknown and nothing wraps around", async () => {
  const forms = [
    "0000-01-01T00:00:00Z",
    "0000-00-00 00:00:00",
    "9999-12-31T23:59:59Z",
    "99999-01-01",
    "2026-02-30T00:00:00Z",
    "1970-01-01T00:00:00Z",
    "0",
    "4:05:06 PM",
    "-1795579506",
    "99999999999999999999999999",
    "92233720368547758070",
    "1e400",
    "NaN",
    "yesterday",
  ];
  assert.deepEqual(
    await times(anyTime("raw"), forms),
    forms.map(() => undefined),
  );
});

test("a time without a zone is of the zone that is assumed, summer time told apart", async () => {
  assert.deepEqual(
    await times(
      anyTime("raw"),
      ["2026-07-25 04:05:06", "2026-11-25 04:05:06", "2026-11-25T04:05:06Z"],
      "Europe/Berlin",
    ),
    ["2026-07-25T02:05:06.000000Z", "2026-11-25T03:05:06.000000Z", AT],
  );
});

test("a syslog's year is the last in which its day is not to come", async () => {
  assert.deepEqual(
    await times(syslogTime("raw"), [
      "Nov 25 04:05:06",
      "Nov  3 04:05:06",
      "Nov 26 11:00:00", // tomorrow: a clock that is ahead
      "Nov 26 13:00:00",
      "Dec 31 23:59:59",
      "Feb 29 01:02:03",
      "Nov 25 04:05:06.123",
      "2026-11-25T04:05:06Z",
      "Foo 25 04:05:06",
    ]),
    [
      AT,
      "2026-11-03T04:05:06.000000Z",
      "2026-11-26T11:00:00.000000Z",
      "2025-11-26T13:00:00.000000Z",
      "2025-12-31T23:59:59.000000Z",
      "2024-02-29T01:02:03.000000Z",
      "2026-11-25T04:05:06.123000Z",
      AT,
      undefined,
    ],
  );
});
