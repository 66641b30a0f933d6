import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { startPostgres } from "./embedded-postgres.ts";
import { openPools } from "./open-postgres.ts";
import { postgresOptions } from "./postgres-address.ts";

const QUICK = { fsync: "off", shared_buffers: "16MB" };

// A folder that anybody may pass through, as a checkout in /srv would be.
function openFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), "tocsin-pg-"));
  chmodSync(path, 0o711);
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

let made: Promise<string> | undefined;

// As openFolder, with a cluster in it: a copy, because initdb takes a second or more.
async function folderWithCluster(): Promise<ReturnType<typeof openFolder>> {
  made ??= makeOne();
  const folder = openFolder();
  spawnSync("cp", ["-a", join(await made, "postgres"), folder.path]);
  return folder;
}

async function makeOne(): Promise<string> {
  const { path } = openFolder();
  const pg = await startPostgres({ folder: path, settings: QUICK });
  await pg.stop();
  return path;
}

after(async () => {
  const path = await made;
  if (path !== undefined) rmSync(path, { recursive: true, force: true });
});

function postmaster(folder: string): number {
  return Number(
    readFileSync(join(folder, "postgres", "data", "postmaster.pid"), "utf8").split("\n")[0],
  );
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function query(address: string, sql: string): Promise<unknown> {
  const db = await openPools({ address, connections: 1 });
  return await db.write.unsafe(sql).finally(async () => await db.close());
}

// Another process of ours that holds the cluster until it is told to leave or is killed.
async function holder(folder: string): Promise<ChildProcess> {
  const script = `
    const { startPostgres } = await import(${JSON.stringify(join(import.meta.dirname, "embedded-postgres.ts"))});
    const held = await startPostgres({ folder: ${JSON.stringify(folder)}, settings: ${JSON.stringify(QUICK)} });
    process.stdout.write("held");
    process.stdin.once("data", async () => { await held.stop(); process.exit(0); });`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  return child;
}

test("a cluster speaks UTF-8 with the C.UTF-8 locale, listens on no port, and admits only its owner", async () => {
  using folder = openFolder();
  await using pg = await startPostgres({ folder: folder.path, settings: QUICK });
  const db = await openPools({ address: pg.address("postgres"), connections: 1 });
  const [row] = await db.read`
    select pg_encoding_to_char(encoding) as encoding, datlocale as locale, datlocprovider as provider,
      current_setting('listen_addresses') as listens, current_setting('server_version_num')::int / 10000 as version
    from pg_database where datname = 'postgres'`;
  await db.close();
  assert.deepEqual(
    { ...row },
    { encoding: "UTF8", locale: "C.UTF-8", provider: "b", listens: "", version: 18 },
  );
  assert.equal(statSync(join(folder.path, "postgres")).mode & 0o777, 0o700);
});

test("as root the cluster belongs to a user without rights", async (t) => {
  if (process.getuid?.() !== 0) return t.skip("not root");
  using folder = await folderWithCluster();
  await using pg = await startPostgres({ folder: folder.path, settings: QUICK });
  assert.ok(pg.address("postgres"));
  const status = readFileSync(`/proc/${postmaster(folder.path)}/status`, "utf8");
  assert.match(status, /^Uid:\t(?!0\t)\d+/m);
});

test("below a folder that the run user cannot enter, the cluster is kept elsewhere and a link says where", async (t) => {
  if (process.getuid?.() !== 0) return t.skip("not root: everything is our own");
  using folder = openFolder();
  chmodSync(folder.path, 0o700);
  const pg = await startPostgres({ folder: join(folder.path, "data"), settings: QUICK });
  assert.ok(await answers(pg.address("postgres")));
  assert.ok(lstatSync(join(folder.path, "data", "postgres")).isSymbolicLink());
  await pg.destroy();
});

async function answers(address: string): Promise<boolean> {
  const rows = await query(address, "select 1 as n");
  return Array.isArray(rows) && rows.length === 1;
}

test("a folder whose path is too long for a socket has its socket elsewhere", async () => {
  using folder = openFolder();
  const long = join(
    folder.path,
    "a-folder-with-a-long-name".repeat(4),
    "and another with spaces, and a comma",
  );
  mkdirSync(long, { recursive: true, mode: 0o711 });
  await using pg = await startPostgres({ folder: long, settings: QUICK });
  const { path } = postgresOptions(pg.address("postgres"));
  assert.ok(String(path).length < 104, String(path));
  assert.ok(await answers(pg.address("postgres")));
});

test("two clusters run beside each other", async () => {
  using one = await folderWithCluster();
  using other = await folderWithCluster();
  await using a = await startPostgres({ folder: one.path, settings: QUICK });
  await using b = await startPostgres({ folder: other.path, settings: QUICK });
  await query(a.address("postgres"), "create table here (n int)");
  await assert.rejects(query(b.address("postgres"), "select n from here"), { code: "42P01" });
});

test("a second process shares the cluster, and the last one out stops it", async () => {
  using folder = await folderWithCluster();
  const pg = await startPostgres({ folder: folder.path, settings: QUICK });
  const child = await holder(folder.path);
  const pid = postmaster(folder.path);
  await pg.stop();
  assert.ok(isAlive(pid), "the child still uses it");
  child.stdin?.write("leave");
  await once(child, "exit");
  assert.ok(!isAlive(pid));
  assert.ok(!existsSync(join(folder.path, "postgres", "data", "postmaster.pid")), "a clean end");
});

test("two processes that start at the same time share one cluster", async () => {
  using folder = await folderWithCluster();
  const children = await Promise.all([
    holder(folder.path),
    holder(folder.path),
    holder(folder.path),
  ]);
  await using pg = await startPostgres({ folder: folder.path, settings: QUICK });
  assert.ok(await answers(pg.address("postgres")));
  for (const child of children) child.kill("SIGKILL");
});

test("the cluster of a killed process is adopted as it runs", async () => {
  using folder = await folderWithCluster();
  const child = await holder(folder.path);
  const pid = postmaster(folder.path);
  child.kill("SIGKILL");
  await once(child, "exit");
  await using pg = await startPostgres({ folder: folder.path, settings: QUICK });
  assert.ok(pg.address("postgres"));
  assert.equal(postmaster(folder.path), pid);
});

test("a postmaster that is killed is started again under those who use it, with what was committed", async () => {
  using folder = await folderWithCluster();
  await using pg = await startPostgres({
    folder: folder.path,
    settings: { shared_buffers: "16MB" },
  });
  const db = await openPools({ address: pg.address("postgres"), connections: 2 });
  await db.write`create table kept as select 7 as n`;
  const pid = postmaster(folder.path);
  process.kill(pid, "SIGKILL");
  const row = await eventually(async () => {
    assert.notEqual(postmaster(folder.path), pid); // until it notices, a backend of the dead one still answers
    const [found] = await db.read<{ n: number }[]>`select n from kept`;
    return found;
  });
  assert.equal(row?.n, 7);
  await db.close();
});

async function eventually<Result>(ask: () => Promise<Result>): Promise<Result> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await ask();
    } catch (error) {
      if (tries === 150) throw error;
      await delay(100);
    }
  }
}

test("after a SIGKILL of the postmaster with nobody there, the next start recovers what was committed", async () => {
  using folder = await folderWithCluster();
  const child = await holder(folder.path);
  const pid = postmaster(folder.path);
  child.kill("SIGKILL");
  await once(child, "exit");
  process.kill(pid, "SIGKILL");
  await using pg = await startPostgres({ folder: folder.path, settings: QUICK });
  assert.ok(await answers(pg.address("postgres")));
});

test("a full disk is said, with the place", async (t) => {
  using folder = openFolder();
  const mounted = spawnSync("mount", [
    "-t",
    "tmpfs",
    "-o",
    "size=24m,mode=0711",
    "tmpfs",
    folder.path,
  ]);
  if (mounted.status !== 0) return t.skip("no tmpfs may be mounted here");
  try {
    await assert.rejects(
      startPostgres({ folder: folder.path, settings: QUICK }),
      (error: Error) => {
        assert.match(error.message, /No space left on device/);
        assert.ok(error.message.includes(folder.path));
        return true;
      },
    );
  } finally {
    spawnSync("umount", [folder.path]);
  }
});
