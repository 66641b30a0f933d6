// One embedded cluster's folders: where its data and its socket are, and the making of it.
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sha256Hex } from "../core/digest.ts";
import { TocsinError } from "../core/errors.ts";
import { type PostgresBinaries, postgresBinaries, SYSTEM_FOLDER } from "./postgres-binaries.ts";
import { canReach, runUser, type RunUser } from "./run-user.ts";

export type Cluster = {
  readonly binaries: PostgresBinaries;
  readonly user: RunUser | undefined;
  /** Owned by the run user, 0700. Holds `data`, `log` and, where its path is short enough, `run`. */
  readonly home: string;
  readonly data: string;
  readonly log: string;
  readonly socketFolder: string;
  /** Taken while the cluster is made, started, adopted or stopped. */
  readonly lock: string;
};

/** The one database user of an embedded cluster. No password: the socket's folder admits its owner and root only. */
export const EMBEDDED_USER = "tocsin";
export const EMBEDDED_PORT = 5432;

/** Makes the folders, not the cluster. Root's run user may not reach `folder`: then its home is below /var/lib/tocsin. */
export function locateCluster(folder: string): Cluster {
  const user = runUser();
  mkdirSync(folder, { recursive: true, mode: user ? 0o711 : 0o700 });
  const here = realpathSync(folder);
  const home = homeOf(here, user);
  return {
    binaries: postgresBinaries(user),
    user,
    home,
    data: join(home, "data"),
    log: join(home, "postgres.log"),
    socketFolder: socketFolderOf(home, user),
    lock: join(here, "postgres.lock"),
  };
}

function homeOf(folder: string, user: RunUser | undefined): string {
  const inside = join(folder, "postgres");
  if (!user || canReach(user, folder)) {
    ownFolder(inside, user);
    return realpathSync(inside);
  }
  mkdirSync(SYSTEM_FOLDER, { recursive: true, mode: 0o711 });
  const outside = join(SYSTEM_FOLDER, sha256Hex(folder).slice(0, 16));
  ownFolder(outside, user);
  if (!existsSync(inside)) symlinkSync(outside, inside); // for people: where the data went
  return outside;
}

function ownFolder(path: string, user: RunUser | undefined): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  if (user) chownSync(path, user.uid, user.gid);
}

// sockaddr_un holds 107 bytes and a zero on Linux, 103 on macOS (unix(7)).
const LONGEST_SOCKET = 103;

function socketFolderOf(home: string, user: RunUser | undefined): string {
  const inside = join(home, "run");
  if (Buffer.byteLength(`${inside}/.s.PGSQL.${EMBEDDED_PORT}`) <= LONGEST_SOCKET) {
    ownFolder(inside, user);
    return inside;
  }
  const outside = join(shortTemporary(), `tocsin-${sha256Hex(home).slice(0, 16)}`);
  ownSharedFolder(outside, user);
  return outside;
}

function shortTemporary(): string {
  return tmpdir().length <= 40 ? tmpdir() : "/tmp";
}

// Everybody may make names in /tmp, so what stands there already must be a folder of ours that nobody else can enter.
function ownSharedFolder(path: string, user: RunUser | undefined): void {
  const uid = user?.uid ?? process.getuid?.() ?? 0;
  try {
    mkdirSync(path, { mode: 0o700 });
    if (user) chownSync(path, user.uid, user.gid);
  } catch (error) {
    if (!existsSync(path)) throw error;
  }
  const found = lstatSync(path);
  if (!found.isDirectory() || found.uid !== uid || (found.mode & 0o077) !== 0) {
    throw new TocsinError("unavailable", `${path} belongs to somebody else: remove it`, {
      retryable: false,
    });
  }
}

/** `initdb`, once. Made beside and renamed: a crash leaves no half of a cluster. The lock is held. */
export function makeCluster(cluster: Cluster, settings: Readonly<Record<string, string>>): void {
  if (existsSync(cluster.data)) return;
  for (const name of readdirSync(cluster.home)) {
    if (name.startsWith("data.")) rmSync(join(cluster.home, name), { recursive: true });
  }
  const making = `${cluster.data}.${process.pid}`;
  const made = spawnSync(
    cluster.binaries.initdb,
    [
      `--pgdata=${making}`,
      `--username=${EMBEDDED_USER}`,
      "--auth=trust",
      "--no-instructions",
      ...(settings["fsync"] === "off" ? ["--no-sync"] : []),
      "--encoding=UTF8",
      "--locale=C",
      "--locale-provider=builtin",
      "--builtin-locale=C.UTF-8",
    ],
    { ...asUser(cluster.user), cwd: cluster.home, encoding: "utf8" },
  );
  if (made.status !== 0) {
    rmSync(making, { recursive: true, force: true });
    const why = made.error?.message ?? complaint(made.stderr);
    throw new TocsinError(
      "unavailable",
      `cannot make a postgres cluster in ${cluster.home}: ${why}`,
      {
        retryable: false,
      },
    );
  }
  renameSync(making, cluster.data);
  chmodSync(cluster.data, 0o700);
}

/** The lines of Postgres's log that say what is wrong, for a message. */
export function complaint(log: string): string {
  const lines = log.trim().split("\n");
  const wrong = lines.filter((line) => /\b(FATAL|PANIC|ERROR|error):/.test(line));
  return (wrong.length > 0 ? wrong : lines).slice(-2).join(" / ");
}

/** What a child needs to run as the cluster's user, with nothing of our environment: it may hold secrets. */
export function asUser(user: RunUser | undefined): {
  uid?: number;
  gid?: number;
  env: Record<string, string>;
} {
  return {
    env: { PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" },
    ...(user ? { uid: user.uid, gid: user.gid } : {}),
  };
}

/** The system identifier, the first eight bytes of pg_control (src/include/catalog/pg_control.h). */
export function clusterId(cluster: Cluster): string {
  return readFileSync(join(cluster.data, "global", "pg_control"))
    .readBigUInt64LE(0)
    .toString();
}
