import { test } from "node:test";
import assert from "node:assert/strict";
import { json } from "./formats/json.ts";
import { readLines } from "../../test/support/read-lines.ts";

test("an address is kept in its one canonical form, and what is none is not kept as one", async () => {
  const format = {
    ...json,
    json: false,
    time: "null",
    steps: {},
    columns: { src_endpoint_ip: "raw" },
  };
  const forms: [string, string][] = [
    ["192.0.2.1", "192.0.2.1"],
    ["192.0.2.1:443", "192.0.2.1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["::FFFF:c000:0201", "192.0.2.1"],
    ["[::ffff:192.0.2.1]:80", "192.0.2.1"],
    ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
    ["[2001:db8::1]:22", "2001:db8::1"],
    ["[2001:db8::1]", "2001:db8::1"],
    ["fe80::1%eth0", "fe80::1"],
    ["[fe80::1%25eth0]:22", "fe80::1"],
    ["cloudformation.amazonaws.com", ""],
    ["999.1.2.3", ""],
    ["251.234.045.249", "251.234.45.249"],
    ["06.1.00.16:443", "6.1.0.16"],
    ["-", ""],
  ];
  const rows = await readLines({ format, lines: forms.map(([text]) => text) });
  assert.deepEqual(
    rows.map((row) => row.src_endpoint_ip),
    forms.map(([, canonical]) => canonical),
  );
});

test("a record with an integer above 2^64 is as good as others, its number kept as text", async () => {
  const [row] = await readLines({
    format: json,
    lines: [
      '{"id": 123456789012345678901234567890, "time": 1795579506, "list": [99999999999999999999, 88888888888888888888,77777777777777777777, 2]}',
    ],
  });
  assert.equal(row?.broken, "");
  assert.equal(row.time, "2026-11-25T04:05:06.000000Z");
  assert.deepEqual(JSON.parse(row.raw), {
    id: "123456789012345678901234567890",
    time: 1795579506,
    list: ["99999999999999999999", "88888888888888888888", "77777777777777777777", 2],
  });
});

test("what is no JSON is broken, kept as it is, and says why", async () => {
  const deep = `${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`;
  const lines = [
    '{"a": 1',
    deep,
    "[1, 2]",
    "hello",
    '{"msg": "a: 12345678901234567890123, b", "x": nope}',
    '{"a": 1}',
  ];
  const rows = await readLines({ format: json, lines });
  assert.deepEqual(
    rows.map((row) => row.broken),
    [
      "no valid JSON",
      "JSON nested deeper than 1,024",
      "no JSON object",
      "no valid JSON",
      "no valid JSON",
      "",
    ],
  );
  assert.deepEqual(
    rows.map((row) => row.raw),
    lines,
  );
});

test("what a column cannot hold is left out, and never ends up as something else", async () => {
  const columns = {
    http_response_code: "raw",
    src_endpoint_port: "toInt64OrNull(raw)",
    process_pid: "toFloat64OrNull(raw)",
    user_name: "nullIf(raw, '-')",
    is_mfa: "raw = '22'",
  };
  const rows = await readLines({
    format: { ...json, json: false, steps: {}, time: "null", columns },
    lines: ["22", "-", "70000", "-5", "9999999999999"],
  });
  assert.deepEqual(
    rows.map((row) => [
      row.http_response_code,
      row.src_endpoint_port,
      row.process_pid,
      row.user_name,
      row.is_mfa,
    ]),
    [
      [22, 22, 22, "22", true],
      [0, 0, 0, "", false],
      [0, 0, 70000, "70000", false],
      [0, 0, 0, "-5", false],
      [0, 0, 0, "9999999999999", false],
    ],
  );
});
