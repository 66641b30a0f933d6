import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { z } from "zod";
import { testContext } from "../../test/support/context.ts";
import { TocsinError } from "../core/errors.ts";
import { bindParams } from "./click-bind.ts";
import { openEngine } from "./click-engine.ts";

const Text = z.object({ text: z.string() });
const N = z.object({ n: z.number() });

test("any text comes back from ClickHouse as it went in", async () => {
  await using t = await testContext();
  const click = await t.ctx.click();
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string({ unit: "binary" }), { maxLength: 5 }), async (texts) => {
      const rows = await click.query(
        z.object({ one: z.string(), all: z.array(z.string()) }),
        "select {one:String} as one, {all:Array(String)} as all",
        { one: texts[0] ?? "", all: texts },
      );
      assert.deepEqual(rows, [{ one: texts[0] ?? "", all: texts }]);
    }),
    { numRuns: 50 },
  );
});

test("a placeholder inside a string, a name or a comment is left alone", () => {
  const sql =
    "select '{a:String}', \"{a:String}\", `{a:String}`, /* {a:String} */ {a:String} -- {a:String}";
  assert.equal(
    bindParams(sql, { a: "it's" }),
    "select '{a:String}', \"{a:String}\", `{a:String}`, /* {a:String} */ 'it\\'s' -- {a:String}",
  );
});

test("a placeholder without a value is a bug that is named", () => {
  assert.throws(() => bindParams("select {missing:String}"), /no value for the parameter missing/);
});

test("numbers, dates, maps, lists and names are parameters too", async () => {
  await using t = await testContext();
  const click = await t.ctx.click();
  const rows = await click.query(
    z.object({
      at: z.iso.datetime(),
      map: z.record(z.string(), z.string()),
      n: z.number(),
      none: z.null(),
    }),
    "select {at:DateTime64(3)} as at, {map:Map(String, String)} as map, {n:UInt32} as {name:Identifier}, {none:Nullable(String)} as none",
    { at: new Date("2019-04-25T16:40:00Z"), map: { a: "b'" }, n: 7, name: "n", none: null },
  );
  assert.deepEqual(rows, [{ at: "2019-04-25T16:40:00.000Z", map: { a: "b'" }, n: 7, none: null }]);
});

test("a long result streams in batches, in bounded memory, while others ask", async () => {
  await using t = await testContext();
  const click = await t.ctx.click();
  const before = process.memoryUsage().rss;
  let rows = 0;
  let largest = 0;
  for await (const batch of click.stream(
    Text,
    "select repeat('x', 4000) as text from numbers(75000)",
  )) {
    if (rows === 0) assert.deepEqual(await click.query(N, "select 1 as n"), [{ n: 1 }]);
    rows += batch.length;
    largest = Math.max(largest, batch.length);
  }
  assert.equal(rows, 75_000);
  assert.ok(largest <= 10_000, `${largest} rows at once`);
  const grown = (process.memoryUsage().rss - before) / 1_000_000; // the whole is 300 MB as text
  assert.ok(grown < 250, `${Math.round(grown)} MB`);
});

test("a stream that is left early lets go of its connection", async () => {
  await using t = await testContext();
  const click = await t.ctx.click();
  for await (const batch of click.stream(N, "select number as n from numbers(1000000)")) {
    assert.equal(batch[0]?.n, 0);
    break;
  }
  assert.deepEqual(await click.query(N, "select 2 as n"), [{ n: 2 }]);
});

test("a file is loaded through a select, plain and compressed, and a result leaves as a file", async () => {
  await using t = await testContext();
  const click = await t.ctx.click();
  await click.command(
    "create table loaded (name String, length UInt32) engine = MergeTree order by name",
  );
  const csv = 'name,city\nZoë,Łódź\n"a, b",x\n';
  const plain = join(t.dir, "people with space.csv");
  const packed = join(t.dir, "people.csv.zst");
  writeFileSync(plain, csv);
  writeFileSync(packed, zstdCompressSync(csv));
  for (const path of [plain, packed]) {
    await click.load({
      into: "loaded",
      select: (source) => `select name, lengthUTF8(city) from ${source} where name <> {not:String}`,
      path,
      format: "CSVWithNames",
      structure: "name String, city String",
      params: { not: "nobody" },
      settings: { max_insert_block_size: 1000 },
    });
  }
  const out = join(t.dir, "out.ndjson");
  await click.unload({
    select: "select name, length from loaded order by name limit 3",
    path: out,
    format: "JSONEachRow",
  });
  const lines = readFileSync(out, "utf8").trim().split("\n");
  assert.deepEqual(
    lines.map((line) => JSON.parse(line)),
    [
      { name: "Zoë", length: 4 },
      { name: "Zoë", length: 4 },
      { name: "a, b", length: 1 },
    ],
  );
});

test("a statement over the memory ceiling fails as `limited`, and the engine goes on", async () => {
  await using t = await testContext();
  const click = await t.ctx.click();
  const greedy = click.query(N, "select length(groupArray(number)) as n from numbers(400000000)");
  await assert.rejects(
    greedy,
    (error: unknown) => error instanceof TocsinError && error.code === "limited",
  );
  assert.deepEqual(await click.query(N, "select 3 as n"), [{ n: 3 }]);
});

test("a second process on the folder is told who holds it", async () => {
  await using t = await testContext();
  const script = join(import.meta.dirname, "..", "..", "test", "support", "hold-click.ts");
  const path = join(t.dir, "clickhouse");
  const child = fork(script, [path], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  await once(child, "message");
  await t.ctx.click(); // another folder, of this process: it must not matter which comes first
  await assert.rejects(openEngineElsewhere(path), (error: unknown) => {
    assert.ok(error instanceof TocsinError && error.code === "unavailable");
    assert.match(
      error.message,
      new RegExp(`held by the holder of the test, process ${child.pid}, since `),
    );
    return true;
  });
  child.kill("SIGKILL");
});

// As openEngine does: this process has an engine already, and would be told of that first.
async function openEngineElsewhere(path: string): Promise<never> {
  const { lockFolder } = await import("./folder-lock.ts");
  await lockFolder({ path: `${path}.lock`, who: "test", waitMs: 100 });
  throw new Error("the lock was free");
}

test("one process has one embedded ClickHouse: another folder is refused", async () => {
  await using t = await testContext();
  await t.ctx.click();
  const other = openEngine({ path: join(t.dir, "other"), memoryBytes: 100_000_000, who: "test" });
  await assert.rejects(
    other,
    (error: unknown) => error instanceof TocsinError && error.code === "conflict",
  );
});
