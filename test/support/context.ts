// A context on fresh stores, for a test. The stores themselves are started once a process and left by the last test.
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLog } from "../../src/core/log.ts";
import { noProgress } from "../../src/core/progress.ts";
import { actorWithAllScopes, type Actor } from "../../src/core/scope.ts";
import { Organisation } from "../../src/config/organisation.ts";
import type { Click } from "../../src/db/click.ts";
import type { Context } from "../../src/db/context.ts";
import { type EmbeddedPostgres, startPostgres } from "../../src/db/embedded-postgres.ts";
import { dataFolder } from "../../src/db/folder.ts";
import { migrateClick, migratePostgres } from "../../src/db/migrate.ts";
import { knownMigrations, migrationsDigest } from "../../src/db/migrations.ts";
import { makeDataFolder } from "../../src/db/open-context.ts";
import { openClick } from "../../src/db/open-click.ts";
import { openPools } from "../../src/db/open-postgres.ts";
import { type TestClock, testClock } from "./clock.ts";

export type TestContext = AsyncDisposable & {
  readonly ctx: Context & { readonly clock: TestClock };
  /** Empty, the context's own; it goes with it. */
  readonly dir: string;
  /** Of the context's database: for a second pool on it, or a child process. */
  readonly databaseUrl: string;
};

export type TestContextInput = {
  /** Merged over a small valid tocsin.yaml. */
  readonly organisation?: Readonly<Record<string, unknown>>;
  readonly actor?: Actor;
};

/** Takes about 50 ms once the template is made. ClickHouse opens when the test asks for it. */
export async function testContext(input: TestContextInput = {}): Promise<TestContext> {
  await using opened = new AsyncDisposableStack();
  const dir = mkdtempSync(join(tmpdir(), "tocsin-test-"));
  chmodSync(dir, 0o711);
  opened.defer(() => rmSync(dir, { recursive: true, force: true }));
  const folder = dataFolder(dir);
  makeDataFolder(folder);
  const cluster = await testCluster();
  const name = await takeDatabase(cluster);
  opened.defer(async () => await dropDatabase(cluster, name));
  const db = await openPools({ address: cluster.address(name), who: "test", connections: 4 });
  opened.defer(async () => await db.close());
  let opening: Promise<Click> | undefined;
  opened.defer(async () => {
    const click = await opening?.catch(() => undefined);
    await click?.command(`drop database ${name} sync`);
    await click?.close();
  });
  const openTestClick = async (): Promise<Click> => {
    const click = await openTestClickDatabase(name);
    await migrateClick(db, click);
    return click;
  };
  const ctx = {
    actor: input.actor ?? actorWithAllScopes("test", "cli"),
    clock: testClock(),
    log: openLog("silent"),
    progress: noProgress,
    signal: new AbortController().signal,
    organisation: Organisation.parse({ ...SMALL, ...input.organisation }),
    folder,
    db,
    click: async () => await (opening ??= openTestClick()),
  };
  const held = opened.move();
  return {
    ctx,
    dir,
    databaseUrl: cluster.address(name),
    [Symbol.asyncDispose]: async () => await held.disposeAsync(),
  };
}

const SMALL = {
  organisation: {
    name: "Example Cloud",
    domain: "example.cloud",
    languages: ["en"],
    contact: "privacy@example.cloud",
  },
};

let starting: Promise<EmbeddedPostgres> | undefined;

// Shared by every test process of this checkout, stopped by the last. It may lose what it holds: that is quicker.
async function testCluster(): Promise<EmbeddedPostgres> {
  starting ??= startPostgres({
    folder: join(import.meta.dirname, "..", "..", ".tocsin", "test"),
    settings: {
      fsync: "off",
      full_page_writes: "off",
      synchronous_commit: "off",
      max_connections: "500",
    },
  });
  return await starting;
}

type Engine = { readonly folder: string; readonly path: string; readonly keeper: Click };

let engine: Promise<Engine> | undefined;

// The engine stays open between tests (0.3 s): the keeper is a user of it that does nothing.
async function openTestClickDatabase(database: string): Promise<Click> {
  engine ??= startEngine();
  const { path } = await engine;
  return await openClick({ path, database, memoryBytes: CLICK_BYTES, who: "test" });
}

/** For what needs an engine and no tables. Closed with the process, not by the test. */
export async function testClick(): Promise<Click> {
  return (await (engine ??= startEngine())).keeper;
}

async function startEngine(): Promise<Engine> {
  const folder = mkdtempSync(join(tmpdir(), "tocsin-click-"));
  const path = join(folder, "clickhouse");
  const keeper = await openClick({
    path,
    database: "default",
    memoryBytes: CLICK_BYTES,
    who: "test",
  });
  return { folder, path, keeper };
}

const CLICK_BYTES = 600_000_000;

// When nothing else keeps the process: after the last test, or at the end of a tool that used a context.
process.once("beforeExit", () => {
  void leaveStores();
});

async function leaveStores(): Promise<void> {
  const click = await engine;
  await click?.keeper.close();
  if (click) rmSync(click.folder, { recursive: true, force: true });
  const cluster = await starting;
  const unused = await spare?.catch(() => undefined);
  if (cluster && unused !== undefined) await dropDatabase(cluster, unused);
  await cluster?.stop();
}

let spare: Promise<string> | undefined;

// The next test's database is made while this one runs: 110 ms of copying that nobody waits for.
async function takeDatabase(cluster: EmbeddedPostgres): Promise<string> {
  const taken = spare ?? makeDatabase(cluster);
  spare = taken.then(async () => await makeDatabase(cluster));
  spare.catch(() => {}); // whoever takes it is told
  return await taken;
}

async function makeDatabase(cluster: EmbeddedPostgres): Promise<string> {
  const name = `t_${randomBytes(8).toString("hex")}`;
  await cluster.ensureDatabase(name, await template(cluster));
  return name;
}

let making: Promise<string> | undefined;

// Made under another name and renamed: two processes may make it at once, and neither sees half of one.
async function template(cluster: EmbeddedPostgres): Promise<string> {
  const name = `template_${migrationsDigest(knownMigrations("postgres")).slice(0, 16)}`;
  making ??= makeTemplate(cluster, name).then(() => name);
  return await making;
}

async function makeTemplate(cluster: EmbeddedPostgres, name: string): Promise<void> {
  const admin = await openPools({
    address: cluster.address("postgres"),
    who: "test",
    connections: 1,
  });
  try {
    const [found] = await admin.read`select from pg_database where datname = ${name}`;
    if (found) return;
    const draft = `making_${randomBytes(8).toString("hex")}`;
    await cluster.ensureDatabase(draft);
    const db = await openPools({ address: cluster.address(draft), who: "test", connections: 2 });
    await migratePostgres(db).finally(async () => await db.close());
    await admin.write`alter database ${admin.write(draft)} rename to ${admin.write(name)}`.catch(
      async () => {
        await admin.write`drop database ${admin.write(draft)}`; // another process was quicker
      },
    );
  } finally {
    await admin.close();
  }
}

async function dropDatabase(cluster: EmbeddedPostgres, name: string): Promise<void> {
  const admin = await openPools({
    address: cluster.address("postgres"),
    who: "test",
    connections: 1,
  });
  await admin.write`drop database ${admin.write(name)} with (force)`.finally(
    async () => await admin.close(),
  );
}
