// A mail provider of Example Cloud: takes messages for good, refuses dead addresses, defers some once, is asked later
// what it took, and cuts the line when told to.
import { createServer, type Server, type Socket } from "node:net";
import { crc32 } from "node:zlib";
import { openHttpDoor, type Told } from "./http-door.ts";
import { openMessageStore, type MessageStore, type StoredMessage } from "./message-store.ts";
import { type Envelope, type SmtpHost, SmtpSession } from "./smtp-session.ts";

export type SinkInput = {
  readonly name: string;
  readonly user: string;
  readonly password: string;
  readonly path: string;
  /** Keys as `mailboxKey` makes them. */
  readonly dead: ReadonlySet<string>;
  /** Of so many recipients, one is deferred with 451 the first time (greylisting); 0: none. */
  readonly deferOneIn: number;
  /** Of so many messages, one is kept and its line cut before the reply; 0: none. */
  readonly cutOneIn: number;
  readonly lookupToken: string;
  /** Told of each message once it is kept. */
  readonly kept?: (message: StoredMessage) => void;
};

export type SmtpSink = {
  readonly port: number;
  /** `GET <lookup>/messages/<Message-ID>`: 200 where it was taken, 404 where not. */
  readonly lookup: string;
  readonly store: MessageStore;
  close(): Promise<void>;
};

/** Listens on loopback, on a port of the system's choice. */
export async function openSmtpSink(input: SinkInput): Promise<SmtpSink> {
  const store = await openMessageStore(input.path);
  const host = hostOf(input, store);
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    converse(socket, new SmtpSession(host), input.name);
  });
  const port = await listen(server);
  const door = await openHttpDoor(async ({ path, headers }) =>
    lookUp(store, path, headers.authorization === `Bearer ${input.lookupToken}`),
  );
  return {
    port,
    lookup: door.url,
    store,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await door.close();
      store.close();
    },
  };
}

function lookUp(store: MessageStore, path: string, allowed: boolean): Told {
  if (!allowed) return { status: 401 };
  const [, kind, id] = path.split("/");
  const messageId = decodeURIComponent(id ?? "").replace(/^<|>$/g, "");
  return { status: kind === "messages" && store.has(messageId) ? 200 : 404 };
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string")
    throw new TypeError("a TCP server has a port");
  return address.port;
}

/** Carries the bytes of one connection; what a session says is sent in its order. */
export function converse(socket: Socket, session: SmtpSession, name: string): void {
  socket.on("error", () => socket.destroy()); // the other side went away
  socket.setTimeout(300_000, () => socket.destroy()); // RFC 5321 4.5.3.2.7
  socket.write(`220 ${name} ESMTP\r\n`);
  let turn = Promise.resolve();
  socket.on("data", (bytes) => {
    turn = turn.then(async () => {
      const { text, ending } = await session.receive(
        typeof bytes === "string" ? Buffer.from(bytes) : bytes,
      );
      if (text !== "") socket.write(text);
      if (ending === "close") socket.end();
      if (ending === "cut") socket.destroy();
    });
    turn.catch(() => socket.destroy()); // the store is full: nobody is told 250
  });
}

function hostOf(input: SinkInput, store: MessageStore): SmtpHost {
  const deferred = new Set<string>();
  let taken = 0;
  return {
    name: input.name,
    user: input.user,
    password: input.password,
    recipient: (address) => {
      const key = mailboxKey(address);
      if (input.dead.has(key)) return "550 5.1.1 no such mailbox";
      if (input.deferOneIn === 0 || crc32(key) % input.deferOneIn !== 1 || deferred.has(key))
        return undefined;
      deferred.add(key);
      return "451 4.7.1 greylisted: try again";
    },
    take: async (envelope: Envelope, raw: Buffer) => {
      const messageId = messageIdOf(raw);
      const message = { sink: input.name, at: new Date().toISOString(), ...envelope, messageId };
      await store.keep(message, raw);
      input.kept?.(message);
      taken += 1;
      return input.cutOneIn > 0 && taken % input.cutOneIn === 0 ? undefined : messageId;
    },
  };
}

/** One mailbox, one text, as the database's `truth.mailbox_key`: case never counts, dots not at gmail.com. */
export function mailboxKey(address: string): string {
  const [local = "", domain = ""] = address.toLowerCase().split("@");
  return domain === "gmail.com" ? `${local.replaceAll(".", "")}@${domain}` : `${local}@${domain}`;
}

function messageIdOf(raw: Buffer): string {
  return (
    /^message-id:\s*<([^>]*)>/im.exec(
      raw.toString("latin1", 0, Math.min(raw.length, 8_192)),
    )?.[1] ?? ""
  );
}
