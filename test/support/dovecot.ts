// A Dovecot of our own in a temp folder, on loopback with TLS. Undefined where none is installed: the test skips and says so.
import { execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

export const NO_DOVECOT = "no dovecot is installed: apt-get install dovecot-imapd";

export type Dovecot = AsyncDisposable & {
  /** For `mail.bounces.imap`; its files are in `folder`. */
  readonly imap: Readonly<Record<string, string | number>>;
  readonly folder: string;
  /** Where it begins in the clear and offers STARTTLS. */
  readonly plainPort: number;
  /** Puts a message into the inbox, as a delivery agent does. */
  deliver(message: string): void;
  /** What is in the inbox, as `new/NAME` or `cur/NAME:2,FLAGS`: opening it for more than reading moves what is new. */
  inbox(): string[];
  /** Ends it; `start` again goes on with the same mail. */
  stop(): Promise<void>;
  start(): Promise<void>;
};

/** Takes about a second. */
export async function startDovecot(): Promise<Dovecot | undefined> {
  const program = ["/usr/sbin/dovecot", "/usr/local/sbin/dovecot"].find((path) => existsSync(path));
  if (program === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "tocsin-dovecot-"));
  chmodSync(folder, 0o755);
  const [port, plainPort] = [await freePort(), await freePort()];
  const owner = process.getuid?.() === 0 ? idsOf("nobody") : undefined;
  const maildir = join(folder, "home", "Maildir");
  for (const name of ["new", "cur", "tmp"]) mkdirSync(join(maildir, name), { recursive: true });
  if (owner) giveAll(join(folder, "home"), owner);
  makeCertificate(folder);
  writeFileSync(join(folder, "password"), "right\n", { mode: 0o600 });
  writeFileSync(join(folder, "conf"), configOf({ folder, port, plainPort, owner }));
  let child = spawn(program, ["-F", "-c", join(folder, "conf")], { stdio: "ignore" });
  const start = async (): Promise<void> => {
    if (child.exitCode !== null)
      child = spawn(program, ["-F", "-c", join(folder, "conf")], { stdio: "ignore" });
    await listening(port, () => child.exitCode === null, join(folder, "log"));
  };
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null) return;
    child.kill("SIGTERM");
    await once(child, "exit");
  };
  let delivered = 0;
  await start();
  return {
    imap: {
      host: "localhost",
      port,
      user: "bounces",
      password_file: join(folder, "password"),
      ca_file: join(folder, "cert.pem"),
    },
    folder,
    plainPort,
    deliver: (message) => {
      delivered += 1;
      const name = `${Date.now()}.${delivered}.test`;
      const draft = join(maildir, "tmp", name);
      writeFileSync(draft, message);
      if (owner) chownSync(draft, owner.uid, owner.gid);
      renameSync(draft, join(maildir, "new", name));
    },
    inbox: () =>
      ["new", "cur"].flatMap((name) =>
        readdirSync(join(maildir, name)).map((file) => `${name}/${file}`),
      ),
    start,
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

type Owner = { readonly uid: number; readonly gid: number };

function idsOf(user: string): Owner {
  const id = (flag: string): number =>
    Number(execFileSync("id", [flag, user], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}

function giveAll(path: string, { uid, gid }: Owner): void {
  execFileSync("chown", ["-R", `${uid}:${gid}`, path]);
}

/** `cert.pem` and `key.pem` for localhost, into that folder. */
export function makeCertificate(folder: string): void {
  execFileSync(
    "openssl",
    // prettier-ignore
    ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
      "-keyout", join(folder, "key.pem"), "-out", join(folder, "cert.pem")],
    { stdio: "ignore" },
  );
}

type Config = {
  readonly folder: string;
  readonly port: number;
  readonly plainPort: number;
  readonly owner: Owner | undefined;
};

function configOf({ folder, port, plainPort, owner }: Config): string {
  const { uid, gid, username } = userInfo();
  const users = owner
    ? ""
    : `default_login_user = ${username}\ndefault_internal_user = ${username}\n`;
  const ids = owner ?? { uid, gid };
  return `${users}
protocols = imap
listen = 127.0.0.1
base_dir = ${folder}/run
state_dir = ${folder}/run
log_path = ${folder}/log
ssl = required
ssl_cert = <${folder}/cert.pem
ssl_key = <${folder}/key.pem
auth_mechanisms = plain
first_valid_uid = 1
mail_location = maildir:~/Maildir
service imap-login {
  chroot =
  inet_listener imap {
    port = ${plainPort}
  }
  inet_listener imaps {
    port = ${port}
    ssl = yes
  }
}
service anvil {
  chroot =
}
passdb {
  driver = static
  args = password=right
}
userdb {
  driver = static
  args = uid=${ids.uid} gid=${ids.gid} home=${folder}/home allow_all_users=yes
}
`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

async function listening(port: number, alive: () => boolean, log: string): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (!alive()) break;
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1");
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
      socket.once("connect", () => socket.destroy());
    });
    if (open) return;
    await delay(50);
  }
  throw new Error(`dovecot does not start: ${existsSync(log) ? readFileSync(log, "utf8") : ""}`);
}
