// The requests that usual senders make, with the recipes of docs/ingest.md. Their programs are not at hand here: these are the requests as their
// documentation and sources describe them.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { parse } from "yaml";
import { doorsScene } from "../../test/support/log-doors.ts";
import { otlpProtobuf } from "../../test/support/otlp.ts";
import { Organisation } from "../config/organisation.ts";

const ROWS = [
  { timestamp: "2026-11-25T10:00:00.000Z", message: "sign-in failed", user: "ann" },
  { timestamp: "2026-11-25T10:00:01.000Z", message: "signed in", user: "ann" },
];
const NDJSON = ROWS.map((row) => `${JSON.stringify(row)}\n`).join("");

const SENT: readonly {
  readonly from: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}[] = [
  {
    from: "Vector's http sink, newline delimited, gzip",
    path: "/api/logs/app",
    headers: {
      "content-type": "application/x-ndjson",
      "content-encoding": "gzip",
      "user-agent": "Vector/0.50.0 (x86_64-unknown-linux-gnu)",
    },
    body: gzipSync(NDJSON),
  },
  {
    from: "Vector's http sink as it comes: an array",
    path: "/api/logs/app",
    headers: { "content-type": "application/json", "user-agent": "Vector/0.50.0" },
    body: Buffer.from(JSON.stringify(ROWS)),
  },
  {
    from: "Fluent Bit's http output, Format json_lines, Compress gzip",
    path: "/api/logs/app",
    headers: {
      "content-type": "application/x-ndjson",
      "content-encoding": "gzip",
      "user-agent": "Fluent-Bit",
    },
    body: gzipSync(NDJSON.trimEnd()),
  },
  {
    from: "Fluent Bit's opentelemetry output",
    path: "/v1/logs",
    headers: { "content-type": "application/x-protobuf", "user-agent": "Fluent-Bit" },
    body: otlpProtobuf(
      {},
      ROWS.map(({ message }) => ({ body: { log: message } })),
    ),
  },
  {
    from: "the OpenTelemetry Collector's otlphttp exporter",
    path: "/v1/logs",
    headers: {
      "content-type": "application/x-protobuf",
      "content-encoding": "gzip",
      "user-agent": "OpenTelemetry Collector Contrib/0.140.0 (linux/amd64)",
    },
    body: gzipSync(
      otlpProtobuf(
        { "service.name": "app" },
        ROWS.map(({ message }) => ({ body: message })),
      ),
    ),
  },
];

for (const { from, path, headers, body } of SENT) {
  test(`${from}: each record is an event`, async () => {
    await using scene = await doorsScene();
    const answer = await scene.post(path, Uint8Array.from(body), { ...headers });
    assert.equal(answer.status, 200);
    const events = await scene.events();
    assert.equal(events.length, 2);
    for (const [index, { raw, broken }] of events.entries()) {
      assert.equal(broken, "");
      assert.ok(raw.includes(ROWS[index]?.message ?? "-"), raw);
    }
  });
}

test("what the page shows of tocsin.yaml is what the program takes", () => {
  const page = readFileSync(join(import.meta.dirname, "..", "..", "docs", "ingest.md"), "utf8");
  const [shown = ""] = /```yaml\n(logs:[\s\S]*?)```/.exec(page)?.slice(1) ?? [];
  const organisation = {
    organisation: { name: "X", domain: "x.example", contact: "x@x.example" },
    ...parse(shown),
  };
  const { logs, detect } = Organisation.parse(organisation);
  assert.deepEqual(Object.keys(logs), ["shop", "web"]);
  assert.equal(detect?.allowance, 300_000);
});
