import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import assert from "node:assert/strict";
import { eventLine } from "../../test/support/event-line.ts";
import { claimsOf, readLines } from "../../test/support/read-lines.ts";
import { FORMATS } from "./formats.ts";
import { TEXT_FORMATS } from "./text-formats.ts";

const FIXTURES = join(import.meta.dirname, "text-formats", "fixtures");

// Each line of a fixture as read stands in the file beside it, and was checked by hand against what the program's documentation says.
for (const format of TEXT_FORMATS)
  test(`${format.name}: its lines say when, who, from where, what and how it ended`, async () => {
    const lines = fixture(`${format.name}.log`);
    const rows = await readLines({ format, lines });
    assert.deepEqual(
      rows.map((row) => eventLine(row).trimEnd()),
      fixture(`${format.name}.expected`),
    );
    assert.deepEqual(
      rows.map(({ raw }) => raw),
      lines,
    );
  });

test("most lines of every fixture are claimed by their own format first", async () => {
  for (const { name } of TEXT_FORMATS) {
    const lines = fixture(`${name}.log`);
    const firsts = (await claimsOf(FORMATS, lines)).map(([first]) => first);
    const own = firsts.filter((first) => first === name).length;
    assert.ok(own * 2 > lines.length, `${name}: ${firsts.join(", ")}`);
  }
});

function fixture(file: string): string[] {
  return readFileSync(join(FIXTURES, file), "utf8").trimEnd().split("\n");
}

/** What a client sends imitates the format's own words with 192.0.2.66 and `root`. */
const FORGED: readonly (readonly [format: string, line: string])[] = [
  [
    "access-log",
    String.raw`203.0.113.7 - lee [20/Nov/2026:15:00:01 +0000] "GET /\" 200 1 \"-\" \"-\"192.0.2.66 - root [20/Nov/2026:15:00:01 +0000] HTTP/1.1" 404 9 "192.0.2.66 - root [" "192.0.2.66 - root [1] x"`,
  ],
  [
    "syslog",
    "Nov 20 15:00:01 web1 sshd[812]: Failed password for invalid user lee from 192.0.2.66 port 22 ssh2 from 203.0.113.7 port 51234 ssh2",
  ],
  [
    "apache-error",
    "[Fri Nov 20 16:00:01.123456 2026] [auth_basic:error] [pid 812:tid 140] [client 203.0.113.7:51234] AH01618: user lee [client 192.0.2.66:1] not found: /private",
  ],
  [
    "mysql",
    "2026-11-20T15:00:01.123456Z 8 [Note] [MY-010926] [Server] Access denied for user 'lee'@'192.0.2.66' (using x'@'203.0.113.7' (using password: YES)",
  ],
  [
    "haproxy",
    'Nov 20 15:00:01 lb haproxy[1]: 203.0.113.7:33317 [20/Nov/2026:15:00:01.655] in static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 "GET /haproxy[1]: 192.0.2.66:1 [20/Nov/2026:15:00:01.655] HTTP/1.1"',
  ],
];

test("what a client sends gives no line another address or account", async () => {
  for (const [name, line] of FORGED) {
    const format = TEXT_FORMATS.find((one) => one.name === name);
    assert.ok(format);
    const [row] = await readLines({ format, lines: [line] });
    assert.deepEqual([name, row?.broken, row?.src_endpoint_ip], [name, "", "203.0.113.7"]);
    assert.notEqual(row?.user_name, "root");
    assert.notEqual(row?.actor_user_name, "root");
  }
});
