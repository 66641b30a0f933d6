import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { z } from "zod";
import { testContext } from "../../test/support/context.ts";
import { TocsinError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import { migrateClick } from "./migrate.ts";
import { openContext } from "./open-context.ts";
import { postgresOptions } from "./postgres-address.ts";
import { openRemoteClick } from "./remote-click.ts";

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function serveClick(folder: string): Promise<Disposable & { readonly url: Secret }> {
  const port = await freePort();
  const script = join(import.meta.dirname, "..", "..", "test", "support", "serve-click.ts");
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", script, folder, String(port)],
    {
      stdio: ["ignore", "ignore", "inherit"],
    },
  );
  await answering(port, child);
  return {
    url: new Secret(`http://127.0.0.1:${port}`),
    [Symbol.dispose]: () => child.kill("SIGKILL"),
  };
}

async function answering(port: number, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    const answer = await fetch(`http://127.0.0.1:${port}/ping`).catch(() => undefined);
    if (answer?.ok) return;
    if (child.exitCode !== null) break;
    await delay(100);
  }
  throw new Error("the ClickHouse of the test does not answer");
}

test("a given ClickHouse asks, streams, loads and unloads as the embedded one does", async () => {
  await using t = await testContext();
  using server = await serveClick(t.dir);
  const click = await openRemoteClick({ url: server.url, database: "a database" });
  await migrateClick(t.ctx.db, click);
  await click.command(
    "create table loaded (name String, length UInt32) engine = MergeTree order by name",
  );
  const path = join(t.dir, "people.csv.gz");
  writeFileSync(path, gzipSync('name,city\nZoë,Łódź\n"a, b",x\n'));
  await click.load({
    into: "loaded",
    select: (source) => `select name, lengthUTF8(city) from ${source} where name <> {not:String}`,
    path,
    format: "CSVWithNames",
    structure: "name String, city String",
    params: { not: "nobody" },
    settings: { max_insert_block_size: 1000 },
  });
  const row = z.object({ name: z.string(), length: z.number() });
  const sql = "select name, length from loaded where name <> {not:String} order by name";
  const expected = [
    { name: "Zoë", length: 4 },
    { name: "a, b", length: 1 },
  ];
  assert.deepEqual(await click.query(row, sql, { not: "'" }), expected);
  assert.deepEqual((await Array.fromAsync(click.stream(row, sql, { not: "'" }))).flat(), expected);
  const out = join(t.dir, "out.ndjson");
  await click.unload({ select: sql, params: { not: "" }, path: out, format: "JSONEachRow" });
  assert.deepEqual(
    readFileSync(out, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line)),
    expected,
  );
  const at = await click.query(
    z.object({ at: z.iso.datetime() }),
    "select toDateTime('2019-04-25 16:40:00') as at",
  );
  assert.deepEqual(at, [{ at: "2019-04-25T16:40:00Z" }]);
  await assert.rejects(click.query(row, "select nothing"), { code: "47" });
  await click.close();
});

test("a ClickHouse that does not answer is unavailable", async () => {
  const url = new Secret(`http://127.0.0.1:${await freePort()}`);
  const opening = openRemoteClick({ url, database: "x" });
  await assert.rejects(
    opening,
    (error: unknown) => error instanceof TocsinError && error.code === "unavailable",
  );
});

test("a context stands on a given Postgres over TCP, and starts none of its own", async () => {
  await using t = await testContext();
  const { path = "" } = postgresOptions(t.databaseUrl);
  const door = createServer((caller) => {
    const server = connect(path);
    caller.pipe(server).pipe(caller);
    for (const end of [caller, server]) end.on("error", () => {});
  }).listen(0, "127.0.0.1");
  await once(door, "listening");
  const { port } = door.address() as AddressInfo;
  const database = new URL(t.databaseUrl.replace("@/", "@localhost/")).pathname.slice(1);
  const ctx = await openContext({
    ...t.ctx,
    folder: { root: t.dir, data: join(t.dir, "other") },
    who: "test",
    stores: { databaseUrl: new Secret(`postgres://tocsin@127.0.0.1:${port}/${database}`) },
  });
  const [row] = await ctx.db.read<{ n: string }[]>`select count(*) as n from schema_migrations`;
  assert.ok(Number(row?.n) > 0);
  await ctx[Symbol.asyncDispose]();
  door.close();
});

test("a Postgres that does not answer is unavailable, and its address is not in the message", async () => {
  await using t = await testContext();
  const databaseUrl = new Secret(`postgres://someone:hunter2@127.0.0.1:${await freePort()}/x`);
  const opening = openContext({ ...t.ctx, who: "test", stores: { databaseUrl } });
  await assert.rejects(opening, (error: unknown) => {
    assert.ok(error instanceof TocsinError && error.code === "unavailable");
    assert.ok(!error.message.includes("hunter2"));
    return true;
  });
});
