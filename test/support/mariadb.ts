// A real MariaDB of the test's own, on a socket, where the machine has one.
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

export type Mariadb = AsyncDisposable & {
  /** `mysql://…` of the database `shop`. */
  readonly address: string;
  /** Runs statements as the server's owner. */
  run(sql: string): string;
};

/** Undefined where MariaDB is not installed. Takes some three seconds. */
export async function mariadb(): Promise<Mariadb | undefined> {
  const server = ["/usr/sbin/mariadbd", "/usr/sbin/mysqld"].find((path) => existsSync(path));
  if (server === undefined || !existsSync("/usr/bin/mariadb-install-db")) return undefined;
  const home = mkdtempSync(join(tmpdir(), "tocsin-maria-"));
  chmodSync(home, 0o755);
  const socket = join(home, "s");
  const user = process.getuid?.() === 0 ? ["--user=mysql"] : [];
  const data = join(home, "data");
  if (user.length > 0) spawnSync("chown", ["mysql", home]);
  const made = spawnSync("/usr/bin/mariadb-install-db", [
    "--no-defaults",
    `--datadir=${data}`,
    "--auth-root-authentication-method=normal",
    ...user,
  ]);
  if (made.status !== 0) throw new Error(`mariadb-install-db: ${made.stderr.toString()}`);
  const child = spawn(
    server,
    [
      "--no-defaults",
      `--datadir=${data}`,
      `--socket=${socket}`,
      "--skip-networking",
      `--pid-file=${home}/pid`,
      ...user,
    ],
    { stdio: "ignore" },
  );
  const exited = new Promise((resolve) => child.once("exit", resolve));
  const run = (sql: string): string => {
    const ran = spawnSync(
      "mariadb",
      ["--no-defaults", `--socket=${socket}`, "--user=root", "--batch", "--skip-column-names"],
      { input: sql },
    );
    if (ran.status !== 0) throw new Error(ran.stderr.toString());
    return ran.stdout.toString().trim();
  };
  for (let tries = 0; tries < 100 && !answers(run); tries += 1) await delay(100);
  run(
    "create database shop; create user 'tocsin'@'localhost' identified by 'p@ss'; grant all on shop.* to 'tocsin'@'localhost'",
  );
  return {
    address: `mysql://tocsin:p%40ss@localhost/shop?socket=${encodeURIComponent(socket)}`,
    run: (sql) => run(`use shop; ${sql}`),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await exited;
      rmSync(home, { recursive: true, force: true });
    },
  };
}

function answers(run: (sql: string) => string): boolean {
  try {
    return run("select 1") === "1";
  } catch {
    return false;
  }
}
