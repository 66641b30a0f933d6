// Little Host, a company of five customers in a folder of its own, and the real CLI as child processes on it: for scenarios.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync } from "node:fs";
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { type Mailbox, openMailbox } from "../../src/drills/mailbox.ts";
import { makeSigningKey } from "../../src/incidents/signing/ssh-key.ts";

export const ROOT = join(import.meta.dirname, "..", "..");
const BIN = join(ROOT, "bin", "tocsin.ts");

export type Ran = { readonly status: number; readonly out: string; readonly err: string };

/** One command, as a person at a terminal would run it; none of the tests' own environment reaches it but these. */
export async function tocsin(
  words: readonly string[],
  options: { folder: string; actor?: string; input?: string },
): Promise<Ran> {
  const child = launch(words, options);
  child.stdin?.end(options.input ?? "");
  const said = collect(child);
  const [status]: unknown[] = await once(child, "close");
  return { status: typeof status === "number" ? status : 137, out: said.out(), err: said.err() };
}

function launch(
  words: readonly string[],
  { folder, actor = "sam" }: { folder: string; actor?: string },
): ChildProcess {
  const env = { PATH: process.env["PATH"], HOME: folder, TOCSIN_ACTOR: actor, NO_COLOR: "1" };
  return spawn(process.execPath, [BIN, ...words], { cwd: folder, env, stdio: "pipe" });
}

function collect(child: ChildProcess): { out: () => string; err: () => string } {
  const [out, err]: [string[], string[]] = [[], []];
  child.stdout?.setEncoding("utf8").on("data", (text: string) => out.push(text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => err.push(text));
  return { out: () => out.join(""), err: () => err.join("") };
}

const Ready = z.object({ url: z.string(), link: z.string(), pid: z.int() });
export type Server = z.output<typeof Ready> & {
  /** As a crash: nothing is drained or tidied. */
  kill(): Promise<void>;
  stop(): Promise<void>;
};

export type LittleHost = AsyncDisposable & {
  readonly folder: string;
  readonly mailbox: Mailbox;
  /** Recipients in the order in which their messages were taken, with the file of each. */
  readonly mails: readonly { readonly to: string; readonly file: string }[];
  write(path: string, text: string): Promise<void>;
  run(words: readonly string[], options?: { actor?: string; input?: string }): Promise<Ran>;
  /** With --json. @throws Error where it does not end with 0 */
  json<Schema extends z.ZodType>(
    schema: Schema,
    words: readonly string[],
  ): Promise<z.output<Schema>>;
  /** Kim signs the newest plan. */
  approve(plan: string): Promise<Ran>;
  serve(): Promise<Server>;
};

const CUSTOMERS = `id,email,username,country,language
1,ada@customer.example,ada,GB,en
2,bela@customer.example,bela,DE,de
3,chiyo@customer.example,chiyo,JP,ja
4,dora@customer.example,dora,US,en
5,emil@customer.example,emil,FR,fr
`;

export const BCRYPT = "$2b$12$EXRkfkdmXn2gzds2SSitu.MW9.gAVqa9eLS1//RYtYCB1eLHg.9q6";

export const DUMP = `id,email,username,password_hash
1,ada@customer.example,ada,${BCRYPT}
2,bela@customer.example,bela,
`;

export const INCIDENT = `incident: leak
title: A backup was readable on the internet
lead: sam
window: { from: 2026-11-20T08:00:00Z, to: 2026-11-21T19:30:00Z }
evidence:
  dump: { file: evidence/dump.csv, kind: records }
cohorts:
  affected: { in: dump }
  hashed: { in: dump, with: user.authorization.password }
notices:
  - { to: affected, text: notices/affected }
obligations: [gdpr]
`;

/** `approvals` stands in tocsin.yaml as it is; `extra` is added to its end. */
export async function littleHost(
  input: { approvals?: string; extra?: string } = {},
): Promise<LittleHost> {
  const opened = new AsyncDisposableStack();
  try {
    return await makeHost(input, opened);
  } catch (error) {
    await opened.disposeAsync();
    throw error;
  }
}

async function makeHost(
  input: { approvals?: string; extra?: string },
  opened: AsyncDisposableStack,
): Promise<LittleHost> {
  const folder = await mkdtemp(join(tmpdir(), "tocsin-host-"));
  chmodSync(folder, 0o711); // the embedded Postgres may run as another user
  opened.defer(async () => await rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const mails: { to: string; file: string }[] = [];
  const mailbox = await openMailbox({
    folder: join(folder, "mailbox"),
    port: 0,
    onMessage: ({ to, file }) => mails.push({ to: to[0] ?? "", file }),
  });
  opened.use(mailbox);
  const host = companyOf(folder, { mailbox, mails, opened });
  await host.write("customers.csv", CUSTOMERS);
  await host.write("tocsin.yaml", organisation(mailbox.port, input));
  await host.write("incidents/leak/incident.yaml", INCIDENT);
  await host.write("incidents/leak/evidence/dump.csv", DUMP);
  await host.write("incidents/leak/notices/affected.en.md", NOTICE);
  await makeSigningKey(join(folder, "kim.key"), "kim");
  const key = (await readFile(join(folder, "kim.key.pub"), "utf8")).split(" ").slice(0, 2);
  await appendFile(join(folder, "allowed_signers"), `kim namespaces="tocsin" ${key.join(" ")}\n`);
  return { ...host, [Symbol.asyncDispose]: async () => await opened.disposeAsync() };
}

const NOTICE = `# Your {{ organisation.name }} account

{{ greeting }}

Data of {{ accounts }} was copied ({{ window }}).

{{ exposed }}

{{ advice }}

{{ reference }}
`;

function organisation(port: number, input: { approvals?: string; extra?: string }): string {
  return `organisation: { name: Little Host, domain: little.example, contact: privacy@little.example }
registry:
  customers:
    from: { csv: customers.csv }
    key: id
    identifiers: { email: email, username: username }
    country: country
    language: language
mail:
  from: { name: Little Host, address: security@little.example }
  providers:
    box: { smtp: "smtp://127.0.0.1:${port}", streams: [notices], tls: offered, signs: true }
approvals: ${input.approvals ?? "{ ceiling: { share: 1 } }"}
${input.extra ?? ""}`;
}

type Company = Omit<LittleHost, typeof Symbol.asyncDispose>;
type Around = Pick<LittleHost, "mailbox" | "mails"> & { opened: AsyncDisposableStack };

function companyOf(folder: string, { mailbox, mails, opened }: Around): Company {
  const run: LittleHost["run"] = async (words, options = {}) =>
    await tocsin(words, { folder, ...options });
  return {
    folder,
    mailbox,
    mails,
    run,
    write: async (path, text) => {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    },
    json: async (schema, words) => {
      const { status, out, err } = await run([...words, "--json"]);
      if (status !== 0)
        throw new Error(`tocsin ${words.join(" ")} ended with ${status}: ${err}${out}`);
      return schema.parse(JSON.parse(out));
    },
    approve: async (plan) => await run(["approve", plan, "--as", "kim", "--sign", "kim.key"]),
    serve: async () => {
      const server = await startServer(folder);
      opened.defer(async () => await server.stop());
      return server;
    },
  };
}

const READY_WITHIN_MS = 60_000;

async function startServer(folder: string): Promise<Server> {
  const child = launch(["serve", "--port", "0", "--json"], { folder });
  const said = collect(child);
  const ended = once(child, "close");
  const over = (): boolean => child.exitCode !== null || child.signalCode !== null;
  for (const until = Date.now() + READY_WITHIN_MS; !said.out().includes("\n"); await sleep(20)) {
    if (over() || Date.now() > until) throw new Error(`tocsin serve does not start: ${said.err()}`);
  }
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (!over()) child.kill(signal);
    await ended;
  };
  return {
    ...Ready.parse(JSON.parse(said.out())),
    kill: async () => await end("SIGKILL"),
    stop: async () => await end("SIGTERM"),
  };
}
