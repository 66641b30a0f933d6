// A Postfix of our own in a temp folder, on loopback. It needs root, as Postfix does. Undefined where it cannot be: the test skips and says so.
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const NO_POSTFIX =
  "no postfix that can be started: apt-get install postfix, and run as root";

export type Postfix = AsyncDisposable & {
  readonly port: number;
  /** What was handed to the pipe of `pipeTo`, in the order of arrival. */
  piped(): string[];
};

export type PostfixInput = {
  /** `bela@customer.example` → `smtp:[127.0.0.1]:2525`: where mail to it goes. */
  readonly transports: Readonly<Record<string, string>>;
  /** Mail to this address, and to it with a +, goes through a pipe. */
  readonly pipeTo: string;
};

/** Takes about a second. */
export async function startPostfix({
  transports,
  pipeTo,
}: PostfixInput): Promise<Postfix | undefined> {
  if (process.getuid?.() !== 0 || !existsSync("/usr/sbin/postfix")) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "tocsin-postfix-"));
  chmodSync(folder, 0o755);
  const port = await freePort();
  const [conf, incoming] = [join(folder, "conf"), join(folder, "incoming")];
  for (const name of ["conf", "spool", "data", "incoming"]) mkdirSync(join(folder, name));
  chmodSync(incoming, 0o777);
  execFileSync("chown", ["postfix", join(folder, "data")]);
  writeFileSync(
    join(folder, "take"),
    `#!/bin/sh\ncat >${incoming}/draft.$$ && mv ${incoming}/draft.$$ ${incoming}/$$.eml\n`,
  );
  chmodSync(join(folder, "take"), 0o755);
  const routes = { ...transports, [pipeTo]: "tocsin:" };
  writeFileSync(join(conf, "main.cf"), mainOf(folder, routes));
  writeFileSync(join(conf, "master.cf"), masterOf(folder, port));
  const control = (word: string): void => {
    execFileSync("/usr/sbin/postfix", ["-c", conf, word], { stdio: "pipe" });
  };
  control("start");
  return {
    port,
    piped: () =>
      readdirSync(incoming)
        .filter((name) => name.endsWith(".eml"))
        .map((name) => readFileSync(join(incoming, name), "utf8")),
    [Symbol.asyncDispose]: async () => {
      control("stop");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function mainOf(folder: string, routes: Readonly<Record<string, string>>): string {
  const inline = Object.entries(routes).map(([to, transport]) => `{ ${to} = ${transport} }`);
  return `compatibility_level = 3.6
queue_directory = ${folder}/spool
data_directory = ${folder}/data
maillog_file_prefixes = ${folder}
maillog_file = ${folder}/log
myhostname = mail.little.example
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
recipient_delimiter = +
transport_maps = inline:{ ${inline.join(" ")} }
smtpd_recipient_restrictions = permit_mynetworks, reject
smtpd_tls_security_level = none
smtp_tls_security_level = none
alias_maps =
alias_database =
default_transport = error:5.4.4 there is no network here
tocsin_destination_recipient_limit = 1
bounce_queue_lifetime = 1m
`;
}

function service(name: string, program = name): string {
  return `${name} unix - - n - - ${program}\n`;
}

function masterOf(folder: string, port: number): string {
  return [
    `127.0.0.1:${port} inet n - n - - smtpd\n`,
    "pickup unix n - n 60 1 pickup\n",
    "cleanup unix n - n - 0 cleanup\n",
    "qmgr unix n - n 300 1 qmgr\n",
    service("rewrite", "trivial-rewrite"),
    "bounce unix - - n - 0 bounce\n",
    "defer unix - - n - 0 bounce\n",
    "trace unix - - n - 0 bounce\n",
    service("proxymap"),
    service("smtp"),
    service("error"),
    service("retry", "error"),
    service("discard"),
    "postlog unix-dgram n - n - 1 postlogd\n",
    "anvil unix - - n - 1 anvil\n",
    `tocsin unix - n n - 4 pipe\n  flags=R user=nobody argv=${folder}/take\n`,
  ].join("");
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
