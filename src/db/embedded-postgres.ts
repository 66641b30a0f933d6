// A real Postgres of our own: started when it is needed, shared by every process that uses the same folder, stopped by
// the last one out. Reached through a socket only. It is not Postgres's supervisor: the postmaster outlives a killed
// process of ours, and the next one adopts it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync, readFileSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type postgres from "postgres";
import { connectPostgres } from "./postgres-driver.ts";
import { TocsinError } from "../core/errors.ts";
import { lockFolder } from "./folder-lock.ts";
import {
  asUser,
  type Cluster,
  clusterId,
  complaint,
  EMBEDDED_PORT,
  EMBEDDED_USER,
  locateCluster,
  makeCluster,
} from "./postgres-cluster.ts";

export type EmbeddedPostgres = AsyncDisposable & {
  /** For `postgresOptions` and for `psql`. Its user owns the cluster. */
  readonly address: (database: string) => string;
  /** Makes the database where it is not there, from `template` where that is given. */
  ensureDatabase(name: string, template?: string): Promise<void>;
  /** Leaves the cluster. It is stopped, cleanly, where no other process (or other start in this one) uses it. */
  stop(): Promise<void>;
  /** As `stop`, then deletes the cluster. For drills and tests. */
  destroy(): Promise<void>;
};

export type StartInput = {
  /** Any folder of ours; `postgres/` is made in it. */
  readonly folder: string;
  /** Server settings, used where it is not running yet. */
  readonly settings?: Readonly<Record<string, string>>;
};

/**
 * Makes the cluster where there is none (1.3 s), starts it where it does not run (0.04 s), adopts it where it does.
 * While it is held, a postmaster that dies is started again.
 * @throws TocsinError `unavailable` with the last lines of Postgres's own log
 */
export async function startPostgres(input: StartInput): Promise<EmbeddedPostgres> {
  const cluster = locateCluster(input.folder);
  const settings = { ...SETTINGS, ...input.settings };
  let stopping = false;
  const take = async (): Promise<Presence> => await ensure(cluster, settings, () => rejoin());
  const rejoin = (): void => {
    if (stopping) return;
    presence = take();
    presence.catch(async () => {
      await delay(REJOIN_EVERY_MS, undefined, { ref: false }); // queries meanwhile fail by themselves
      rejoin();
    });
  };
  let presence = take();
  await presence;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    await leave(cluster, await presence.catch(() => undefined));
  };
  return {
    address: (database) => addressOf(cluster, database),
    ensureDatabase: async (name, template = "template1") =>
      await ask(await presence, async (sql) => await ensureDatabase(sql, name, template)),
    stop,
    destroy: async () => {
      await stop();
      rmSync(cluster.home, { recursive: true, force: true });
    },
    [Symbol.asyncDispose]: stop,
  };
}

const SETTINGS = {
  listen_addresses: "",
  max_connections: "200",
  shared_buffers: "256MB",
  max_wal_size: "4GB",
  checkpoint_timeout: "15min",
  jit: "off",
  timezone: "UTC",
  log_timezone: "UTC",
  log_min_messages: "warning",
} as const;

function addressOf(cluster: Cluster, database: string): string {
  const host = encodeURIComponent(cluster.socketFolder);
  return `postgres://${EMBEDDED_USER}@/${encodeURIComponent(database)}?host=${host}`;
}

const REJOIN_EVERY_MS = 1_000;

const PRESENCE = "tocsin presence";

// The lock is held from the look at the postmaster to our own presence on it, so nobody stops it in between.
async function ensure(
  cluster: Cluster,
  settings: Record<string, string>,
  onClose: () => void,
): Promise<Presence> {
  const lock = await lockFolder({
    path: cluster.lock,
    who: "tocsin, starting postgres",
    waitMs: 60_000,
  });
  try {
    makeCluster(cluster, settings);
    const running = existsSync(join(cluster.data, "postmaster.pid"))
      ? await attend(cluster, onClose)
      : undefined;
    return running ?? (await start(cluster, settings, onClose));
  } finally {
    lock.release();
  }
}

/** A connection that says: somebody uses this cluster. It does not keep the process running. */
type Presence = { readonly sql: postgres.Sql; readonly socket: Socket };

// Undefined where nothing of ours answers on the socket.
async function attend(cluster: Cluster, onClose: () => void): Promise<Presence | undefined> {
  const socket = await openSocket(`${cluster.socketFolder}/.s.PGSQL.${EMBEDDED_PORT}`);
  if (!socket) return undefined;
  let attending = false;
  const sql = connectPostgres({
    socket: () => socket, // one only: where it ends, `onclose` starts the cluster again with another
    user: EMBEDDED_USER,
    database: "postgres",
    max: 1,
    max_lifetime: null,
    idle_timeout: 0,
    connect_timeout: 2,
    fetch_types: false,
    connection: { application_name: `${PRESENCE} ${process.pid}` },
    onclose: () => {
      if (attending) onClose();
    },
  } as PresenceOptions);
  try {
    const [row] = await sql<{ id: string }[]>`
      select system_identifier::text as id from pg_control_system()`;
    if (row?.id !== clusterId(cluster)) throw strange(cluster);
    attending = true;
    socket.unref();
    return { sql, socket };
  } catch (error) {
    await sql.end({ timeout: 0 });
    if (error instanceof TocsinError) throw error;
    return undefined;
  }
}

// The driver takes a `socket` that its types do not name.
type PresenceOptions = postgres.Options<Record<string, never>>;

async function openSocket(path: string): Promise<Socket | undefined> {
  const socket = connect(path);
  socket.on("error", () => {}); // a dying postmaster may cut it before the driver listens
  try {
    await once(socket, "connect");
    return socket;
  } catch {
    return undefined;
  }
}

async function ask<Result>(
  { sql, socket }: Presence,
  work: (sql: postgres.Sql) => Promise<Result>,
): Promise<Result> {
  socket.ref();
  try {
    return await work(sql);
  } finally {
    socket.unref();
  }
}

function strange(cluster: Cluster): TocsinError {
  return new TocsinError(
    "conflict",
    `another postgres answers on ${cluster.socketFolder}: stop it first`,
  );
}

const START_WITHIN_MS = 60_000;
const RETRY_LOCKS_FOR_MS = 8_000;

// A postmaster that was killed leaves children that hold its shared memory for a moment, and one that is shutting down
// holds its own lock file: both end the new one at once, so early ends are tried again for a while. Where another one
// lives, it recovers from a crash and will answer.
async function start(
  cluster: Cluster,
  settings: Record<string, string>,
  onClose: () => void,
): Promise<Presence> {
  const begun = performance.now();
  let child = launch(cluster, settings);
  for (;;) {
    const presence = await attend(cluster, onClose);
    if (presence) return presence;
    const waited = performance.now() - begun;
    if (waited > START_WITHIN_MS) throw notStarted(cluster);
    if (child.ended && postmasterPid(cluster) === undefined) {
      if (waited > RETRY_LOCKS_FOR_MS) throw notStarted(cluster);
      await delay(200);
      child = launch(cluster, settings);
    }
    await delay(20);
  }
}

type Child = { ended: boolean };

// Detached: a Ctrl-C at the terminal must not reach it while we still drain.
function launch(cluster: Cluster, settings: Record<string, string>): Child {
  const state = { ended: false };
  const sockets = `unix_socket_directories="${cluster.socketFolder.replaceAll('"', '""')}"`;
  const options = [
    ...Object.entries(settings).map(([name, value]) => `${name}=${value}`),
    `port=${EMBEDDED_PORT}`,
    sockets,
  ];
  const log = openSync(cluster.log, "w", 0o600);
  const child = spawn(
    cluster.binaries.postgres,
    ["-D", cluster.data, ...options.flatMap((option) => ["-c", option])],
    {
      ...asUser(cluster.user),
      cwd: cluster.home,
      detached: true,
      stdio: ["ignore", log, log],
    },
  );
  closeSync(log);
  child.once("error", () => (state.ended = true));
  child.once("exit", () => (state.ended = true));
  child.unref();
  return state;
}

function notStarted(cluster: Cluster): TocsinError {
  const said = existsSync(cluster.log) ? complaint(readFileSync(cluster.log, "utf8")) : "";
  return new TocsinError(
    "unavailable",
    `postgres does not start in ${cluster.home}: ${said || "it says nothing"}`,
  );
}

const DUPLICATE_DATABASE = "42P04"; // SQLSTATE
const UNIQUE_VIOLATION = "23505"; // what two at the same time may get instead

async function ensureDatabase(sql: postgres.Sql, name: string, template: string): Promise<void> {
  try {
    await sql`create database ${sql(name)} template ${sql(template)}`;
  } catch (error) {
    const code = error instanceof connectPostgres.PostgresError ? error.code : undefined;
    if (code !== DUPLICATE_DATABASE && code !== UNIQUE_VIOLATION) throw error;
  }
}

async function leave(cluster: Cluster, presence: Presence | undefined): Promise<void> {
  if (!presence) return;
  const lock = await lockFolder({
    path: cluster.lock,
    who: "tocsin, stopping postgres",
    waitMs: 60_000,
  });
  try {
    const others = await countOthers(presence);
    await presence.sql.end({ timeout: 5 });
    if (others === 0) await shutDown(cluster);
  } finally {
    lock.release();
  }
}

async function countOthers(presence: Presence): Promise<number> {
  try {
    return await ask(presence, async (sql) => {
      const [row] = await sql<{ others: number }[]>`
        select count(*)::int as others
        from pg_stat_activity
        where application_name like ${`${PRESENCE}%`} and pid <> pg_backend_pid()`;
      return row?.others ?? 0;
    });
  } catch {
    return 0; // it is gone already
  }
}

async function shutDown(cluster: Cluster): Promise<void> {
  const pid = postmasterPid(cluster);
  if (pid === undefined) return;
  process.kill(pid, "SIGINT"); // fast: roll back what is open, write a checkpoint, end
  for (let waited = 0; isAlive(pid) && waited < 60_000; waited += 20) await delay(20);
}

function postmasterPid(cluster: Cluster): number | undefined {
  try {
    const pid = Number(readFileSync(join(cluster.data, "postmaster.pid"), "utf8").split("\n")[0]);
    return Number.isInteger(pid) && pid > 1 && isAlive(pid) ? pid : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
