// A far side for SMTP that does as it is told, byte by byte: says what it likes and cuts the line where it likes. It also counts what
// a strict receiver would have taken.
import { createServer, type Server, type Socket } from "node:net";
import { once } from "node:events";

export type Stage = "connect" | "ehlo" | "mail" | "rcpt" | "data" | "body" | "dot" | "after-dot";

export type RawSmtpOptions = {
  /** The line is cut there: instead of the reply, or for `after-dot` right behind it. */
  readonly cutAt?: Stage;
  /** Cuts only so many times. */
  readonly cuts?: number;
  readonly extensions?: readonly string[];
  /** A reply other than the good one. `times`: how often, then the good one. */
  readonly replies?: Partial<Record<"connect" | "ehlo" | "mail" | "rcpt" | "data" | "dot", string>>;
  readonly times?: number;
  /** Says nothing at this stage. */
  readonly silentAt?: Stage;
};

export type RawSmtp = AsyncDisposable & {
  readonly port: number;
  /** Whole messages, dot-unstuffed, as they came. */
  readonly taken: Buffer[];
  /** Commands in order, over all lines. */
  readonly commands: string[];
  lines(): number;
};

const GOOD = {
  connect: "220 raw ready",
  mail: "250 2.1.0 sender ok",
  rcpt: "250 2.1.5 recipient ok",
  data: "354 go on",
  dot: "250 2.0.0 taken",
} as const;

export async function rawSmtp(options: RawSmtpOptions = {}): Promise<RawSmtp> {
  const taken: Buffer[] = [];
  const commands: string[] = [];
  const sockets = new Set<Socket>();
  const left = { cuts: options.cuts ?? Infinity, replies: options.times ?? Infinity };
  let lines = 0;
  const server = createServer((socket) => {
    lines += 1;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    converse(socket, { options, taken, commands, left });
  });
  await listen(server);
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    port: address.port,
    taken,
    commands,
    lines: () => lines,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

async function listen(server: Server): Promise<void> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
}

type State = {
  readonly options: RawSmtpOptions;
  readonly taken: Buffer[];
  readonly commands: string[];
  readonly left: { cuts: number; replies: number };
};

function converse(socket: Socket, { options, taken, commands, left }: State): void {
  let pending: Buffer = Buffer.alloc(0);
  let inBody = false;
  let hasRecipient = false;
  let searched = 0;
  const { cut, say } = scriptOf(socket, options, left);
  const verbs: Readonly<Record<string, () => void>> = {
    EHLO: () => void (cut("ehlo") || say("ehlo", ehlo(options.extensions))),
    MAIL: () => void (cut("mail") || say("mail", GOOD.mail)),
    RCPT: () => {
      hasRecipient = !cut("rcpt") && say("rcpt", GOOD.rcpt).startsWith("2");
    },
    DATA: () => {
      if (!hasRecipient) socket.write("554 5.5.1 no valid recipients\r\n");
      else inBody = !cut("data") && say("data", GOOD.data).startsWith("3");
    },
    RSET: () => void socket.write("250 reset\r\n"),
    STARTTLS: () => void socket.write("502 5.5.1 no such command\r\n"),
    QUIT: () => void socket.end("221 bye\r\n"),
  };
  const command = (line: string): void => {
    commands.push(line);
    verbs[/^[A-Z]*/.exec(line)?.[0] ?? ""]?.();
  };
  const body = (): boolean => {
    if (cut("body")) return false;
    const end = pending.indexOf("\r\n.\r\n", searched);
    searched = end < 0 ? Math.max(pending.length - 4, 0) : 0;
    if (end < 0) return false;
    const message = pending
      .subarray(0, end + 2)
      .toString("latin1")
      .replaceAll(/^\.\./gm, ".");
    pending = pending.subarray(end + 5);
    inBody = false;
    hasRecipient = false;
    if (cut("dot")) return false;
    if (say("dot", GOOD.dot).startsWith("2")) taken.push(Buffer.from(message, "latin1"));
    if (options.cutAt === "after-dot") socket.end();
    return true;
  };
  socket.on("data", (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    while (!socket.destroyed) {
      if (inBody) {
        if (!body()) return;
        continue;
      }
      const end = pending.indexOf("\r\n");
      if (end < 0) return;
      const line = pending.toString("utf8", 0, end);
      pending = pending.subarray(end + 2);
      command(line);
    }
  });
  if (!cut("connect")) say("connect", GOOD.connect);
}

/** What the options have it do: `cut` answers whether the stage is over without a reply, `say` replies and answers with what it said. */
function scriptOf(socket: Socket, options: RawSmtpOptions, left: State["left"]) {
  const cut = (stage: Stage): boolean => {
    if (options.cutAt !== stage || left.cuts <= 0) return options.silentAt === stage;
    left.cuts -= 1;
    socket.destroy();
    return true;
  };
  const say = (stage: keyof typeof GOOD | "ehlo", good: string): string => {
    const other = options.replies?.[stage];
    const text = other !== undefined && left.replies > 0 ? other : good;
    if (text === other) left.replies -= 1;
    socket.write(`${text}\r\n`);
    return text;
  };
  return { cut, say };
}

function ehlo(extensions: readonly string[] = ["PIPELINING", "SIZE 10000000"]): string {
  return ["raw", ...extensions]
    .map((line, at, all) => `250${at === all.length - 1 ? " " : "-"}${line}`)
    .join("\r\n");
}
