// A MariaDB or MySQL of our own in a temp folder, reached through a socket. Undefined where no server is installed: the test
// skips and says so.
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { createConnection } from "mysql2/promise";

export type MariaDb = AsyncDisposable & {
  /** For `mysql:` sources and connectors: the database `cloud`, as root. */
  readonly address: string;
  run(sql: string): Promise<void>;
};

export const NO_MARIADB = "neither mariadbd nor mysqld is installed";

/** Takes about two seconds. */
export async function startMariaDb(): Promise<MariaDb | undefined> {
  const install = found("mariadb-install-db") ?? found("mysql_install_db");
  const server = found("mariadbd") ?? found("mysqld");
  if (install === undefined || server === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "tocsin-maria-"));
  const user = process.getuid?.() === 0 ? ["--user=mysql"] : [];
  if (user.length > 0) giveTo(folder, "mysql");
  const socket = join(folder, "s");
  execFileSync(
    install,
    [
      "--no-defaults",
      `--datadir=${folder}/data`,
      "--auth-root-authentication-method=normal",
      "--skip-test-db",
      ...user,
    ],
    { stdio: "ignore" },
  );
  const child = spawn(
    server,
    [
      "--no-defaults",
      `--datadir=${folder}/data`,
      `--socket=${socket}`,
      `--pid-file=${folder}/pid`,
      "--skip-networking",
      "--innodb-flush-log-at-trx-commit=0",
      "--innodb-buffer-pool-size=32M",
      ...user,
    ],
    { stdio: "ignore" },
  );
  const connect = async () =>
    await createConnection({ socketPath: socket, user: "root", multipleStatements: true });
  const run = async (sql: string): Promise<void> => {
    const connection = await connect();
    await connection.query(sql).finally(async () => await connection.end());
  };
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    if (child.exitCode === null) await new Promise((resolve) => child.once("exit", resolve));
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await answering(
      async () => await run("create database if not exists cloud character set utf8mb4"),
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    address: `mysql://root@localhost/cloud?socketPath=${socket}`,
    run: async (sql) => await run(`use cloud; ${sql}`),
    [Symbol.asyncDispose]: stop,
  };
}

async function answering(ask: () => Promise<void>): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await ask();
    } catch (error) {
      if (tries === 100) throw error;
      await delay(100);
    }
  }
}

function found(program: string): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"];
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
}

function giveTo(folder: string, user: string): void {
  const [uid, gid] = ["-u", "-g"].map((flag) =>
    Number(execFileSync("id", [flag, user], { encoding: "utf8" })),
  );
  chmodSync(folder, 0o755);
  if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid);
}
