import assert from "node:assert/strict";
import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { serve } from "@hono/node-server";
import fc from "fast-check";
import { z } from "zod";
import { doorsScene, TOKENS } from "../../test/support/log-doors.ts";
import { otlpJson, otlpProtobuf, type OtlpValue } from "../../test/support/otlp.ts";
import { readOtlpJson } from "../logs/ingest/otlp-json.ts";
import { readOtlpProtobuf } from "../logs/ingest/otlp-protobuf.ts";
import { BrokenMessage } from "../logs/ingest/protobuf.ts";

const LINES = '{"n":1}\n{"n":2}\nnot json\n';
const PROTOBUF = { "content-type": "application/x-protobuf" };
const JSON_TYPE = { "content-type": "application/json" };

test("lines are in both stores when the sender is answered, and a broken one is kept as such", async () => {
  await using scene = await doorsScene();
  const response = await scene.post("/api/logs/app", LINES);
  assert.equal(response.status, 200);
  assert.deepEqual(await response.json(), { stream: "app", batch: 1, records: 3, rejected: 0 });
  const events = await scene.events();
  assert.deepEqual(
    events.map(({ source, place, batch, raw, broken }) => [source, place, batch, raw, broken]),
    [
      ["app", 1, 1, '{"n":1}', ""],
      ["app", 2, 1, '{"n":2}', ""],
      ["app", 3, 1, "not json", "no valid JSON"],
    ],
  );
  const [batch] = await scene.ctx.db.read`select state, records from ingest_batches`;
  assert.deepEqual({ ...batch }, { state: "taken", records: 3 });
  const [entry] = await scene.ctx.db.read`
    select e.kind, b.body from ledger_entries e join ledger_bodies b on b.entry = e.id where e.kind = 'logs.taken'`;
  assert.match(
    String(entry?.["body"]),
    /"batch":1,.*"records":3,"sha256":"[0-9a-f]{64}","stream":"app"/,
  );
});

test("an array of JSON and packed bodies are read like lines", async () => {
  await using scene = await doorsScene();
  const bodies: readonly [Uint8Array<ArrayBuffer>, string][] = [
    [Uint8Array.from(Buffer.from('[{"n":1},\n{"n":18446744073709551617}]')), "identity"],
    [Uint8Array.from(gzipSync('{"n":3}\n')), "gzip"],
    [Uint8Array.from(zstdCompressSync('{"n":4}\n')), "zstd"],
  ];
  for (const [body, encoding] of bodies)
    assert.equal(
      (await scene.post("/api/logs/app", body, { "content-encoding": encoding })).status,
      200,
    );
  const raw = (await scene.events()).map((event) => event.raw);
  assert.deepEqual(raw, ['{"n":1}', '{"n":"18446744073709551617"}', '{"n":3}', '{"n":4}']);
});

test("a token opens its own stream and nothing else, and no other token opens it", async () => {
  await using scene = await doorsScene();
  const status = async (path: string, token: string | undefined): Promise<number> => {
    const headers = { authorization: token === undefined ? "" : `Bearer ${token}` };
    return (await scene.post(path, LINES, { ...PROTOBUF, ...headers })).status;
  };
  assert.equal(await status("/api/logs/other", TOKENS.app), 401);
  assert.equal(await status("/api/logs/nowhere", TOKENS.app), 401);
  assert.equal(await status("/api/logs/app", undefined), 401);
  assert.equal(await status("/api/logs/app", `${TOKENS.app}x`), 401);
  assert.equal(await status("/api/logs/app", scene.access.token), 401);
  assert.equal(await status("/v1/logs", scene.access.token), 401);
  assert.equal(await status("/api/logs/other", TOKENS.other), 200);
  const elsewhere = await scene.app.request("http://127.0.0.1:7443/api", {
    headers: { authorization: `Bearer ${TOKENS.app}`, host: "127.0.0.1:7443" },
  });
  assert.equal(elsewhere.status, 401);
});

test("the same request twice is taken once and answered the same; another body under its key is a conflict", async () => {
  await using scene = await doorsScene();
  const key = { "idempotency-key": "k1" };
  const first = await (await scene.post("/api/logs/app", LINES, key)).json();
  const both = await Promise.all([
    scene.post("/api/logs/app", LINES, key),
    scene.post("/api/logs/app", LINES, key),
  ]);
  for (const response of both) assert.deepEqual(await response.json(), first);
  assert.equal((await scene.events()).length, 3);
  assert.equal((await scene.post("/api/logs/app", "other\n", key)).status, 409);
  const theirs = await scene.post("/api/logs/other", LINES, {
    ...key,
    authorization: `Bearer ${TOKENS.other}`,
  });
  assert.equal(theirs.status, 200, "a key is its stream's");
  assert.equal((await scene.events()).length, 6);
});

test("two of one request at once, the first of all, are one", async () => {
  await using scene = await doorsScene();
  const key = { "idempotency-key": "k1" };
  const answers = await Promise.all(
    [1, 2, 3].map(async () => await (await scene.post("/api/logs/app", LINES, key)).json()),
  );
  assert.deepEqual(answers[1], answers[0]);
  assert.deepEqual(answers[2], answers[0]);
  assert.equal((await scene.events()).length, 3);
});

const RESOURCE = { "service.name": "shop", "host.name": "web-1" };
const LOG = {
  body: "login failed for ann",
  nanos: 1_764_064_800_123_456_789n,
  attributes: {
    "client.address": "203.0.113.9",
    "user.name": "ann",
    tries: 3n,
    big: 9_007_199_254_740_993n,
    tags: ["a", { b: true }],
  },
};

test("OTLP in both encodings makes the same events, and the same body again makes none", async () => {
  await using scene = await doorsScene();
  const packed = Uint8Array.from(gzipSync(otlpProtobuf(RESOURCE, [LOG])));
  const send = async () =>
    await scene.post("/v1/logs", packed, { ...PROTOBUF, "content-encoding": "gzip" });
  const first = await send();
  assert.equal(first.status, 200);
  assert.equal(first.headers.get("content-type"), "application/x-protobuf");
  assert.equal((await first.arrayBuffer()).byteLength, 0, "a full success sets no field");
  assert.equal((await send()).status, 200);
  const second = await scene.post("/v1/logs", otlpJson(RESOURCE, [LOG]), JSON_TYPE);
  assert.deepEqual(await second.json(), {});
  const events = await scene.events();
  assert.equal(events.length, 2);
  assert.equal(events[0]?.raw, events[1]?.raw);
  assert.equal(events[0]?.time, "2025-11-25T10:00:00.123456Z");
  assert.deepEqual(JSON.parse(events[0]?.raw ?? "").attributes, {
    "client.address": "203.0.113.9",
    "user.name": "ann",
    tries: 3,
    big: "9007199254740993",
    tags: ["a", { b: true }],
  });
  const click = await scene.ctx.click();
  const [columns] = await click.query(
    z.object({
      ip: z.string(),
      user: z.string(),
      host: z.string(),
      service: z.string(),
      broken: z.string(),
    }),
    "select src_endpoint_ip as ip, actor_user_name as user, device_hostname as host, service, broken from events limit 1",
  );
  assert.deepEqual(columns, {
    ip: "203.0.113.9",
    user: "ann",
    host: "web-1",
    service: "shop",
    broken: "",
  });
});

test("a record that is nested too deep is rejected, its neighbours are taken, and the sender is told how many", async () => {
  await using scene = await doorsScene();
  let deep: OtlpValue = "x";
  for (let level = 0; level < 100; level += 1) deep = [deep];
  const logs = [{ body: "one" }, { body: deep }, { body: "three" }];
  const response = await scene.post("/v1/logs", otlpJson(RESOURCE, logs), JSON_TYPE);
  assert.equal(response.status, 200);
  assert.deepEqual(await response.json(), {
    partialSuccess: {
      rejectedLogRecords: "1",
      errorMessage: "values nested deeper than 64 levels",
    },
  });
  const binary = await scene.post(
    "/v1/logs",
    Uint8Array.from(otlpProtobuf(RESOURCE, logs)),
    PROTOBUF,
  );
  const body = Buffer.from(await binary.arrayBuffer());
  assert.deepEqual([...body.subarray(0, 4)], [0x0a, body.length - 2, 0x08, 1]);
  assert.equal((await scene.events()).length, 4);
});

test("what is no OTLP is refused in the encoding that was spoken", async () => {
  await using scene = await doorsScene();
  const cut = otlpProtobuf(RESOURCE, [LOG]).subarray(0, 40);
  const broken = await scene.post("/v1/logs", Uint8Array.from(cut), PROTOBUF);
  assert.equal(broken.status, 400);
  assert.equal(broken.headers.get("content-type"), "application/x-protobuf");
  assert.deepEqual(
    [...Buffer.from(await broken.arrayBuffer()).subarray(0, 2)],
    [8, 3],
    "INVALID_ARGUMENT",
  );
  for (const body of ["{", "[]", "null", '{"resourceLogs":1}'])
    assert.equal((await scene.post("/v1/logs", body, JSON_TYPE)).status, 400, body);
  assert.deepEqual(await (await scene.post("/v1/logs", "{", JSON_TYPE)).json(), {
    code: 3,
    message: "the body is no ExportLogsServiceRequest in application/json",
  });
  assert.equal((await scene.post("/v1/logs", LINES, { "content-type": "text/plain" })).status, 415);
  assert.equal((await scene.events()).length, 0);
});

test("too large is refused as sent and as unpacked, a bomb before it is unpacked whole", async () => {
  await using scene = await doorsScene({ limits: { sentBytes: 100_000, bytes: 200_000 } });
  const status = async (body: Uint8Array, encoding = "identity") => {
    const headers = { "content-encoding": encoding };
    return (await scene.post("/api/logs/app", Uint8Array.from(body), headers)).status;
  };
  assert.equal(await status(Buffer.alloc(100_001, "x")), 413);
  assert.equal(await status(gzipSync(Buffer.alloc(200_001, "x")), "gzip"), 413);
  assert.equal(await status(zstdCompressSync(Buffer.alloc(200_001, "x")), "zstd"), 413);
  const began = performance.now();
  assert.equal(await status(gzipSync(Buffer.alloc(80_000_000)), "gzip"), 413);
  assert.ok(performance.now() - began < 1_500);
  assert.equal(await status(gzipSync(Buffer.from(LINES)).subarray(0, 20), "gzip"), 400);
  assert.equal(await status(Buffer.from(LINES), "gzip"), 400);
  assert.equal(await status(Buffer.from(LINES), "br"), 415);
  assert.equal((await scene.events()).length, 0);
});

test("before memory grows, senders are told to come back", async () => {
  await using scene = await doorsScene({ budgetBytes: 10_000, ingestOptions: { everyMs: 300 } });
  const body = `{"x":"${"y".repeat(3_000)}"}\n`;
  await scene.post("/api/logs/app", '{"n":0}\n');
  const responses = await Promise.all(
    Array.from({ length: 8 }, async () => await scene.post("/api/logs/app", body)),
  );
  const refused = responses.filter(({ status }) => status === 429);
  assert.equal(responses.filter(({ status }) => status === 200).length, 3);
  assert.equal(refused.length, 5);
  for (const response of refused) assert.equal(response.headers.get("retry-after"), "1");
  assert.equal(
    (await scene.post("/api/logs/app", body)).status,
    200,
    "what was held is free again",
  );
  assert.equal((await scene.events()).length, 5);
});

test("a sender that is refused in the middle of its body is answered, over a real connection", async () => {
  await using scene = await doorsScene({
    budgetBytes: 1_000_000,
    limits: { sentBytes: 6_000_000, bytes: 4_000_000 },
  });
  const server = serve({ fetch: scene.app.fetch, hostname: "127.0.0.1", port: 0 }) as Server;
  await using closing = new AsyncDisposableStack();
  closing.defer(() => void server.close());
  if (!server.listening) await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const status = async (bytes: number): Promise<number> => {
    const answer = await fetch(`http://127.0.0.1:${port}/api/logs/app`, {
      method: "POST",
      headers: { authorization: `Bearer ${TOKENS.app}` },
      body: Buffer.alloc(bytes, "x"),
    });
    await answer.arrayBuffer();
    return answer.status;
  };
  for (let n = 0; n < 5; n += 1) {
    assert.equal(await status(3_500_000), 429);
    assert.equal(await status(6_000_001), 413);
  }
});

test("a request of very many tiny records is refused, not unfolded", async () => {
  await using scene = await doorsScene();
  const response = await scene.post("/api/logs/app", "x\n".repeat(250_000));
  assert.equal(response.status, 413);
  const empty = Buffer.alloc(4_000_000);
  for (let at = 0; at < empty.length; at += 2) empty.set([0x12, 0x00], at); // LogRecords without a field
  const scopeLogs = framed(0x12, empty);
  const otlp = framed(0x0a, scopeLogs);
  assert.equal((await scene.post("/v1/logs", Uint8Array.from(otlp), PROTOBUF)).status, 413);
});

function framed(tag: number, bytes: Buffer): Buffer {
  const length: number[] = [];
  let left = bytes.length;
  for (; left > 127; left >>>= 7) length.push((left & 127) | 128);
  return Buffer.concat([Buffer.from([tag, ...length, left]), bytes]);
}

test("requests that come together are one batch", async () => {
  await using scene = await doorsScene({ ingestOptions: { everyMs: 100 } });
  await Promise.all(
    Array.from({ length: 50 }, async (_, n) => await scene.post("/api/logs/app", `{"n":${n}}\n`)),
  );
  const [row] = await scene.ctx.db.read<{ batches: number }[]>`
    select count(*)::int as batches from ingest_batches where state = 'taken'`;
  assert.ok((row?.batches ?? 0) <= 3, `${row?.batches} batches`);
  const places = (await scene.events()).map(({ place }) => place);
  assert.deepEqual(
    places,
    Array.from({ length: 50 }, (_, n) => n + 1),
  );
});

test("any bytes are read or refused as OTLP, never more than that", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      try {
        readOtlpProtobuf(Buffer.from(bytes));
      } catch (error) {
        assert.ok(error instanceof BrokenMessage);
      }
    }),
  );
  fc.assert(
    fc.property(fc.json(), (text) => {
      readOtlpJson(text);
    }),
  );
  const good = otlpProtobuf(RESOURCE, [LOG]);
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.integer({ min: 0, max: 255 }), (at, byte) => {
      const bytes = Buffer.from(good);
      bytes[at] = byte;
      try {
        readOtlpProtobuf(bytes);
      } catch (error) {
        assert.ok(error instanceof BrokenMessage);
      }
    }),
  );
});
