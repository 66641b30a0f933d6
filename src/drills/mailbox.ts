// A mailbox that takes everything and delivers nothing: to read notices before anybody gets them, and for a first try.
import { mkdir, readdir, rename, writeFile } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { TocsinError } from "../core/errors.ts";
import { converse } from "./example-cloud/smtp-sink.ts";
import { type Envelope, SmtpSession } from "./example-cloud/smtp-session.ts";

export type MailboxInput = {
  readonly folder: string;
  /** 0: one of the system's choice. */
  readonly port: number;
  /** Told of each message once its file is there. */
  readonly onMessage: (message: { readonly file: string; readonly to: readonly string[] }) => void;
};

export type Mailbox = AsyncDisposable & { readonly port: number };

/** Listens on loopback, lets anybody in, and writes each message to a file of its own (0600). @throws TocsinError `unavailable` */
export async function openMailbox({ folder, port, onMessage }: MailboxInput): Promise<Mailbox> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  let count = (await readdir(folder)).filter((name) => name.endsWith(".eml")).length;
  const take = async ({ to }: Envelope, raw: Buffer): Promise<string> => {
    count += 1;
    const file = join(folder, `${String(count).padStart(4, "0")}-${nameOf(to[0])}.eml`);
    await writeFile(`${file}.new`, raw, { mode: 0o600 });
    await rename(`${file}.new`, file);
    onMessage({ file, to });
    return String(count);
  };
  const host = {
    name: "mailbox.localhost",
    open: true,
    user: "",
    password: "",
    recipient: () => undefined,
    take,
  } as const;
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    converse(socket, new SmtpSession(host), host.name);
  });
  return {
    port: await listen(server, port),
    [Symbol.asyncDispose]: async () => {
      if (!server.listening) return;
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

// A file name of ours, whatever the address: it comes from outside.
function nameOf(address = "nobody"): string {
  return address.replaceAll(/[^A-Za-z0-9@._+-]/g, "_").slice(0, 100);
}

async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, "127.0.0.1");
  await once(server, "listening").catch((cause: unknown) => {
    throw new TocsinError("unavailable", `port ${port} is taken: --port N`, { cause });
  });
  const address = server.address();
  if (address === null || typeof address === "string")
    throw new TypeError("a TCP server has a port");
  return address.port;
}
