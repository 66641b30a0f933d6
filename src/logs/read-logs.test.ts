import { test } from "node:test";
import assert from "node:assert/strict";
import { isUtf8 } from "node:buffer";
import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { z } from "zod";
import { noProgress } from "../core/progress.ts";
import { testContext, type TestContext } from "../../test/support/context.ts";
import type { Format } from "./format.ts";
import { json } from "./formats/json.ts";
import { text } from "./formats/text.ts";
import { listInputs, type LogInput } from "./list-inputs.ts";
import { type LogReport, readLogs } from "./read-logs.ts";

function ascii(of: string): string {
  return of.replaceAll(/[^\p{ASCII}]/gu, "");
}

const NOW = new Date("2026-11-25T12:00:00Z");

async function read(
  t: TestContext,
  inputs: readonly LogInput[],
  format?: Format,
): Promise<LogReport> {
  const folder = join(t.dir, "pieces");
  await mkdir(folder, { recursive: true });
  return await readLogs(await t.ctx.click(), {
    inputs,
    sourceOf: ({ name }) => name,
    ...(format === undefined ? {} : { format }),
    zone: "UTC",
    now: NOW,
    folder,
    progress: noProgress,
    signal: t.ctx.signal,
  });
}

function given(name: string, bytes: Buffer | string): LogInput {
  async function* open(): AsyncGenerator<Buffer> {
    yield Buffer.from(bytes);
  }
  return { name, bytes: undefined, written: NOW, open };
}

const Row = z.object({
  place: z.number(),
  time: z.string(),
  known: z.boolean(),
  broken: z.string(),
  raw: z.string(),
});

async function rows(t: TestContext, source: string) {
  return await (
    await t.ctx.click()
  ).query(
    Row,
    "select place, time, time_known as known, broken, raw from events where source = {source:String} order by place",
    { source },
  );
}

test("of hostile lines each is kept, counted or repaired, and none changes another", async () => {
  await using t = await testContext();
  const good = (n: number): string =>
    JSON.stringify({ time: `2026-11-25T04:05:${String(n).padStart(2, "0")}Z`, n });
  const hostile: [Buffer, RegExp][] = [
    [Buffer.from('{"a":\0}'), /no valid JSON/],
    [Buffer.from(`{"time":"2026-11-25T00:00:00Z","a":"\xff\xfe"}`, "latin1"), /^$/],
    [Buffer.from('{"time":"2026-11-25T00:00:00Z","a":99999999999999999999999}'), /^$/],
    [Buffer.from(`${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`), /nested deeper/],
    [Buffer.from('{"time":"0000-00-00T00:00:00Z"}'), /^$/],
    [Buffer.from('{"time":"9999-12-31T23:59:59Z"}'), /^$/],
    [Buffer.from('{"time":'), /no valid JSON/],
    [Buffer.from('"just text"'), /no JSON object/],
    [Buffer.from("\x1b[31mred"), /no valid JSON/],
    [Buffer.from(`{"time":"2026-11-25T00:00:00Z","a":"${"x".repeat(3_000_000)}"}`), /^$/],
    [Buffer.from("{'single': 1}"), /no valid JSON/],
  ];
  const parts = hostile.flatMap(([line], n) => [
    Buffer.from(`${good(n)}\r\n`),
    line,
    Buffer.from("\n"),
  ]);
  const report = await read(t, [given("hostile", Buffer.concat(parts))], json);
  const found = await rows(t, "hostile");
  assert.deepEqual(
    found
      .filter(({ place }) => place % 2 === 1)
      .map(({ raw, broken, known }) => [raw, broken, known]),
    hostile.map((_, n) => [good(n), "", true]),
  );
  for (const [at, [, reason]] of hostile.entries()) {
    const row = found[at * 2 + 1];
    assert.match(row?.broken ?? "there is no such row", reason, `${at}`);
  }
  const [source] = report.sources;
  assert.deepEqual(
    [source?.records, source?.broken, source?.repaired],
    [22, hostile.filter(([, reason]) => reason.source !== "^$").length, 1],
  );
  assert.equal(JSON.parse(found[3]?.raw ?? "").a, "ÿþ");
  assert.equal(JSON.parse(found[5]?.raw ?? "").a, "99999999999999999999999");
  assert.deepEqual(
    [found[9], found[11]].map((row) => [row?.known, row?.time]),
    [
      [false, "2026-11-25T04:05:04.000000Z"],
      [false, "2026-11-25T04:05:05.000000Z"],
    ],
    "a time that cannot be is that of the record before",
  );
});

test("any bytes are read whole: every line a record, in its place, repaired where it is no text", async () => {
  await using t = await testContext();
  let n = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc
          .uint8Array({ maxLength: 60 })
          .map((of) => of.map((byte) => (byte === 10 || byte === 13 ? 11 : byte))),
        { maxLength: 80 },
      ),
      async (lines) => {
        const source = `any-${(n += 1)}`;
        const bytes = Buffer.concat(lines.flatMap((line) => [line, Buffer.from("\n")]));
        // What comes first may make it look like something that is packed or no text: this is about lines.
        await read(
          t,
          [given(source, Buffer.concat([Buffer.from("first line of a log\n".repeat(40)), bytes]))],
          text,
        );
        const found = (await rows(t, source)).filter(({ place }) => place > 40);
        assert.deepEqual(
          found.map(({ place }) => place - 40),
          lines.flatMap((line, at) => (line.length === 0 ? [] : [at + 1])),
        );
        for (const { place, raw } of found) {
          const line = Buffer.from(lines[place - 41] ?? []);
          if (isUtf8(line)) assert.equal(raw, line.toString("utf8"));
          else assert.equal(ascii(raw), ascii(line.toString("latin1")), "no byte is lost");
        }
      },
    ),
    { numRuns: 15 },
  );
});

test("what cannot be read is said, with the reason, and the rest is read", async () => {
  await using t = await testContext();
  const path = (name: string): string => join(t.dir, name);
  const lines = Array.from(
    { length: 20_000 },
    (_, n) => `{"time":${1_795_579_506 + n},"n":${n},"r":"${randomBytes(8).toString("hex")}"}`,
  ).join("\n");
  const packed = gzipSync(lines);
  await writeFile(path("cut.gz"), packed.subarray(0, packed.length / 2));
  await writeFile(path("lies.gz"), Buffer.from("1f8b0800000000000003ffffffff", "hex"));
  await writeFile(
    path("bomb.zst"),
    Buffer.concat(Array<Buffer>(5).fill(zstdCompressSync(Buffer.alloc(64 << 20, "x")))),
  );
  await writeFile(path("picture"), Buffer.from("\x89PNG\r\n", "latin1"));
  await writeFile(path("whole.log"), lines);
  await writeFile(path("gone.log"), lines);
  const names = ["bomb.zst", "cut.gz", "gone.log", "lies.gz", "picture", "whole.log"];
  const { inputs } = await listInputs({
    paths: names,
    from: t.dir,
    standardInput: () => createReadStream("/dev/null"),
  });
  await rm(path("gone.log"));
  const report = await read(t, inputs);
  assert.deepEqual(
    report.unread.map(({ name, reason }) => [name, reason.replace(/\d{3,}/g, "N")]),
    [
      ["bomb.zst", "a decompression bomb: N bytes became more than N"],
      ["gone.log", "it is gone"],
      ["lies.gz", "its gzip data are damaged or cut off after 0 bytes of text"],
      ["picture", "no text but a picture"],
    ],
  );
  const [cut, whole] = report.sources;
  assert.ok(cut && whole);
  assert.match(cut.damage ?? "", /cut off after \d+ bytes of text/);
  assert.ok(cut.records > 100 && cut.records < 20_000 && cut.broken <= 1);
  assert.deepEqual([whole.records, whole.broken, whole.damage], [20_000, 0, undefined]);
  const left = await (
    await t.ctx.click()
  ).query(z.object({ n: z.number() }), "select count() as n from events_reading");
  assert.deepEqual(left, [{ n: 0 }], "what was gathered of a bomb is gone");
});

test("a file that holds two kinds is read as the one that most of it is, and says so", async () => {
  await using t = await testContext();
  const trail = (n: number): string =>
    JSON.stringify({
      eventVersion: "1.08",
      eventTime: "2026-11-25T04:05:06Z",
      eventSource: "s3.amazonaws.com",
      eventName: "GetObject",
      awsRegion: "us-east-1",
      eventID: `${n}`,
      userIdentity: { type: "Root" },
    });
  const lines = [trail(1), '{"time":"2026-11-25T04:05:06Z"}', trail(2), trail(3)];
  const { sources } = await read(t, [given("mixed", lines.join("\n"))]);
  assert.deepEqual(
    [sources[0]?.format, sources[0]?.share, sources[0]?.others],
    ["cloudtrail", 0.75, ["json"]],
  );
});

test("records without a time have that of the one before, over pieces of a long file", async () => {
  await using t = await testContext();
  const filler = "x".repeat(2_000);
  const at = (n: number): string => new Date(Date.UTC(2026, 0, 1) + n * 1_000).toISOString();
  const lines = Array.from({ length: 30_000 }, (_, n) =>
    JSON.stringify(n > 0 && n % 10_000 < 9_990 ? { n, filler } : { time: at(n), n, filler }),
  );
  const { sources } = await read(t, [given("sparse", lines.join("\n"))], json);
  assert.equal(sources[0]?.timeless, 29_969);
  const wrong = await (
    await t.ctx.click()
  ).query(
    z.object({ n: z.number() }),
    `select count() as n from events where source = 'sparse' and time != toDateTime64('2026-01-01 00:00:00', 6, 'UTC') +
      if(place - 1 < 9990, 0, if((place - 1) % 10000 >= 9990, place - 1, intDiv(place - 1, 10000) * 10000 - 1))`,
  );
  assert.deepEqual(wrong, [{ n: 0 }]);
});

test("a time is carried over any number of records, also where they are settled in parts", async () => {
  await using t = await testContext();
  const lines = [
    "no time yet",
    "2026-01-01T00:00:00Z first",
    ...Array.from({ length: 1_000_100 }, () => "x"),
    "2026-01-02T00:00:00Z last",
    "y",
  ];
  await read(t, [given("long", lines.join("\n"))], text);
  const found = await (
    await t.ctx.click()
  ).query(
    z.object({ time: z.string(), first: z.number(), last: z.number() }),
    "select time, min(place) as first, max(place) as last from events where source = 'long' group by time order by first",
  );
  assert.deepEqual(found, [
    { time: NOW.toISOString().replace("Z", "000Z"), first: 1, last: 1 },
    { time: "2026-01-01T00:00:00.000000Z", first: 2, last: 1_000_102 },
    { time: "2026-01-02T00:00:00.000000Z", first: 1_000_103, last: 1_000_104 },
  ]);
});
