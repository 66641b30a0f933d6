import assert from "node:assert/strict";
import { test } from "node:test";
import { readLines } from "../../../test/support/read-lines.ts";
import { text } from "../formats/text.ts";

/** Line → status (2 failed, 1 succeeded, 0 tells of none), account, address. */
const TOLD: readonly (readonly [line: string, status: number, who: string, from: string])[] = [
  [
    "2026-11-25T10:00:01Z app WARN Failed login for user ada from 203.0.113.9",
    2,
    "ada",
    "203.0.113.9",
  ],
  [
    "2026-11-25T10:00:09Z app INFO Login successful for user emil from 203.0.113.9",
    1,
    "emil",
    "203.0.113.9",
  ],
  [
    "[2026-11-25 10:00:01] auth: invalid password for user 'bela' (ip=198.51.100.7)",
    2,
    "bela",
    "198.51.100.7",
  ],
  ["Failed password for root from 203.0.113.77 port 51022 ssh2", 2, "root", "203.0.113.77"],
  ["Accepted publickey for deploy from 2001:db8::7 port 40000 ssh2", 1, "deploy", "2001:db8::7"],
  [
    '2026/11/25 10:00:01 [error] 1#1: *1 user "foo": password mismatch, client: 203.0.113.5, server: _',
    2,
    "foo",
    "203.0.113.5",
  ],
  ["Access denied for user 'shop'@'203.0.113.6' (using password: YES)", 2, "shop", "203.0.113.6"],
  ["Incorrect username or password for user dora. IP=203.0.113.8", 2, "dora", "203.0.113.8"],
  ["worker 12 finished in 203 ms", 0, "", ""],
];

test("lines in words say whose sign-in it was, from where, and how it ended", async () => {
  const rows = await readLines({ format: text, lines: TOLD.map(([line]) => line) });
  assert.deepEqual(
    rows.map((row) => [row.status_id, row.user_name, row.src_endpoint_ip]),
    TOLD.map(([, ...told]) => told),
  );
  assert.deepEqual(
    rows.map((row) => row.class_uid),
    TOLD.map(([, status]) => (status === 0 ? 0 : 3002)),
  );
});
