import { test } from "node:test";
import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { z } from "zod";
import { actorWithAllScopes } from "../../core/scope.ts";
import { sha256Hex } from "../../core/digest.ts";
import { testContext, type TestContext } from "../../../test/support/context.ts";
import { ingestLogs } from "./ingest-logs.ts";
import { listBroken } from "./list-broken.ts";
import { listSources } from "./list-sources.ts";

const Row = z.object({
  place: z.number(),
  time: z.string(),
  time_known: z.coerce.boolean(),
  broken: z.string(),
  raw: z.string(),
});

async function events(t: TestContext, source: string) {
  const click = await t.ctx.click();
  return await click.query(
    Row,
    "select place, time, time_known, broken, raw from events where source = {source:String} order by place",
    { source },
  );
}

function lines(hours: readonly number[]): string {
  return hours
    .map((hour, n) =>
      JSON.stringify({ time: new Date(Date.UTC(2026, 10, 1, hour, 30)).toISOString(), n }),
    )
    .join("\n");
}

test("a folder of logs becomes a source a file, with its place on record and in the ledger; what is none is said", async () => {
  await using t = await testContext();
  const folder = join(t.dir, "logs");
  mkdirSync(join(folder, "deep"), { recursive: true });
  const packed = gzipSync(`${lines([1, 2])}\nnot json\n`);
  writeFileSync(join(folder, "deep", "a.log.gz"), packed);
  writeFileSync(
    join(folder, "b.csv"),
    "time,user,action,address\n2026-11-01 04:00:00,ann,in,192.0.2.1\n2026-11-01 05:00:00,bob,out,192.0.2.2\n",
  );
  writeFileSync(join(folder, "c.zip"), "PK\x03\x04");
  writeFileSync(join(folder, "empty"), "");
  const report = await ingestLogs(t.ctx, {
    paths: [folder, join(t.dir, "nothing")],
    zone: "Europe/Berlin",
  });
  assert.deepEqual(
    report.sources.map((one) => [
      one.source,
      one.format,
      one.records,
      one.broken,
      one.compression,
      one.first,
    ]),
    [
      [join(folder, "b.csv"), "csv", 2, 0, undefined, "2026-11-01T03:00:00.000000Z"],
      [join(folder, "deep", "a.log.gz"), "json", 3, 1, "gzip", "2026-11-01T01:30:00.000000Z"],
      [join(folder, "empty"), "text", 0, 0, undefined, undefined],
    ],
  );
  assert.deepEqual(
    report.unread.map(({ name }) => name),
    [join(t.dir, "nothing"), "logs/c.zip"],
  );
  const source = join(folder, "deep", "a.log.gz");
  assert.deepEqual(
    (await events(t, source)).map((row) => [row.place, row.time, row.time_known, row.broken]),
    [
      [1, "2026-11-01T01:30:00.000000Z", true, ""],
      [2, "2026-11-01T02:30:00.000000Z", true, ""],
      [3, "2026-11-01T02:30:00.000000Z", false, "no valid JSON"],
    ],
  );
  assert.deepEqual(await listBroken(t.ctx, { source }), [
    { place: 3, reason: "no valid JSON", bytes: 8 },
  ]);
  const [row] = await t.ctx.db
    .read`select format, zone, bytes::int, sha256, records::int from log_sources where source = ${source}`;
  assert.deepEqual(
    { ...row },
    {
      format: "json",
      zone: "Europe/Berlin",
      bytes: packed.length,
      sha256: sha256Hex(packed),
      records: 3,
    },
  );
  const entries = await t.ctx.db.read`select from ledger_entries where kind = 'log.ingested'`;
  assert.equal(entries.length, 3);
});

test("a log that is read again replaces itself, and one that shrank to nothing is gone", async () => {
  await using t = await testContext();
  const path = join(t.dir, "a.log");
  for (const hours of [[1, 2, 3], [5], []]) {
    writeFileSync(path, lines(hours));
    await ingestLogs(t.ctx, { paths: [path] });
    assert.equal((await events(t, path)).length, hours.length);
  }
  assert.deepEqual(await listSources(t.ctx, {}), []);
});

test("sources tell the hours that they cover, and each gap between", async () => {
  await using t = await testContext({
    organisation: { logs: { shop: { files: "shop/*.log", format: "json" } } },
  });
  mkdirSync(join(t.dir, "shop"));
  writeFileSync(join(t.dir, "shop", "a.log"), `${lines([1, 1, 2, 6, 7, 33])}\n{"time": "never"}`);
  writeFileSync(join(t.dir, "shop", "b.log"), '{"a": 1}\n{"b": 2}');
  await ingestLogs(t.ctx, {});
  const [one, two] = await listSources(t.ctx, { log: "shop" });
  assert.ok(one && two);
  assert.deepEqual(
    [
      one.kind,
      one.log,
      one.events,
      one.timeless,
      one.hours,
      one.first,
      one.last,
      one.gapCount,
      one.gapHours,
    ],
    ["file", "shop", 7, 1, 5, "2026-11-01T01:30:00.000000Z", "2026-11-02T09:30:00.000000Z", 2, 28],
  );
  assert.deepEqual(one.gaps, [
    { from: "2026-11-01T03:00:00Z", to: "2026-11-01T06:00:00Z", hours: 3 },
    { from: "2026-11-01T08:00:00Z", to: "2026-11-02T09:00:00Z", hours: 25 },
  ]);
  assert.deepEqual(
    [two.events, two.timeless, two.hours, two.first, two.gaps],
    [2, 2, 0, undefined, []],
  );
  await t.ctx.db.write`delete from log_sources`;
  assert.equal((await listSources(t.ctx, {}))[0]?.kind, "unfinished");
});

test("what a crash left half read of a log that is never read again is cleared by the next reading", async () => {
  await using t = await testContext();
  const click = await t.ctx.click();
  for (const source of ["/gone.log", "inc/key"])
    await click.command("insert into events_reading (source, place) select {source:String}, 1", {
      source,
    });
  writeFileSync(join(t.dir, "a.log"), lines([1]));
  await ingestLogs(t.ctx, { paths: [join(t.dir, "a.log")] });
  const left = await click.query(
    z.object({ source: z.string() }),
    "select source from events_reading",
  );
  assert.deepEqual(left, [{ source: "inc/key" }], "evidence is somebody else's");
});

test("only who may write events takes logs in; what is not there is refused by name", async () => {
  await using t = await testContext();
  const nobody = {
    ...t.ctx,
    actor: { ...actorWithAllScopes("nobody", "cli"), scopes: new Set<never>() },
  };
  await assert.rejects(ingestLogs(nobody, { paths: ["x"] }), { code: "forbidden" });
  await assert.rejects(listSources(nobody, {}), { code: "forbidden" });
  await assert.rejects(ingestLogs(t.ctx, {}), {
    code: "invalid",
    message: /tocsin\.yaml names none/,
  });
  await assert.rejects(ingestLogs(t.ctx, { paths: ["x"], log: "shop" }), {
    code: "invalid",
    message: /no log shop/,
  });
  await assert.rejects(ingestLogs(t.ctx, { paths: ["x"], format: "none" }), {
    code: "invalid",
    message: /no format none/,
  });
  await assert.rejects(listBroken(t.ctx, { source: "none" }), { code: "not_found" });
  rmSync(join(t.dir, "x"), { force: true });
  const { unread } = await ingestLogs(t.ctx, { paths: [join(t.dir, "x")] });
  assert.equal(unread.length, 1);
});

test("two who read the same log at once: one reads it, the other is told", async () => {
  await using t = await testContext();
  const path = join(t.dir, "a.log");
  writeFileSync(path, lines([1]));
  const both = await Promise.allSettled([
    ingestLogs(t.ctx, { paths: [path] }),
    ingestLogs(t.ctx, { paths: [path] }),
  ]);
  const refused = both.filter((one) => one.status === "rejected");
  assert.ok(
    refused.every(
      (one) =>
        one.reason instanceof Error && "code" in one.reason && one.reason.code === "conflict",
    ),
  );
  assert.ok(refused.length <= 1);
  assert.equal((await events(t, path)).length, 1);
});
