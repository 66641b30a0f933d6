// A mailbox over IMAP, read and never changed: opened with EXAMINE, so nothing in it is marked, moved or deleted.
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { ImapFlow } from "imapflow";
import type { ImapMailbox } from "../../config/mail-schema.ts";
import { TocsinError } from "../../core/errors.ts";
import { Secret } from "../../core/secret.ts";
import type { Context } from "../../db/context.ts";
import type { MailContext } from "../lookup.ts";
import { MOST_BYTES } from "./incoming-mail.ts";
import type { MailFile } from "./mail-files.ts";

/** RFC 3501, 2.3.1.1: UIDs grow within a validity; another validity begins again. */
export type Position = { readonly validity: string; readonly uid: number };

export type KeepInput = {
  /** `bounces`: what it is called in tocsin.yaml. */
  readonly name: string;
  readonly mailbox: ImapMailbox;
  readonly position: () => Promise<Position | undefined>;
  /** Messages in their order, and how far the mailbox is read with them. May be given the same again after a crash. */
  readonly take: (mails: readonly MailFile[], position: Position) => Promise<void>;
};

const BATCH = 50;
const BATCH_BYTES = 16 * 1024 * 1024;
/** RFC 2177: a client should end IDLE within 29 minutes; and a server may forget to tell. */
const LOOK_EVERY_MS = 5 * 60_000;
const BACKOFF_MS = [1_000, 5_000, 30_000, 120_000] as const;

/** Takes what is in the mailbox, and what arrives, until the context's signal. A line that is lost is opened again. */
export async function keepMailbox(ctx: Context, input: KeepInput): Promise<void> {
  for (let failures = 0; !ctx.signal.aborted;) {
    try {
      await using line = await openMailbox(ctx, input.name, input.mailbox);
      failures = 0;
      while (line.alive() && !ctx.signal.aborted) {
        await takeNew(line, input);
        await line.untilMore(ctx.signal);
      }
    } catch (error) {
      if (!(error instanceof TocsinError)) throw error;
      ctx.log.warn({ mailbox: input.name, why: error.message }, "the mailbox waits");
      const wait = BACKOFF_MS[Math.min(failures, BACKOFF_MS.length - 1)] ?? 1_000;
      failures += 1;
      await ctx.clock.sleep(wait, ctx.signal).catch(() => undefined);
    }
  }
}

/** What is there now, once. Answers how many messages were taken. */
export async function readMailbox(ctx: MailContext, input: KeepInput): Promise<number> {
  await using line = await openMailbox(ctx, input.name, input.mailbox);
  return await takeNew(line, input);
}

async function takeNew(line: MailboxLine, { name, position, take }: KeepInput): Promise<number> {
  const before = await position();
  const { validity } = line;
  let last = before?.validity === validity ? before.uid : 0;
  let taken = 0;
  for await (const batch of line.after(last)) {
    last = batch.at(-1)?.uid ?? last;
    taken += batch.length;
    const mails = batch.map(({ uid, raw }) => ({ source: `${name}:${uid}`, raw }));
    await take(mails, { validity, uid: last });
  }
  return taken;
}

type Fetched = { readonly uid: number; readonly raw: Buffer };

type MailboxLine = AsyncDisposable & {
  readonly validity: string;
  alive(): boolean;
  /** Messages with a greater UID, in batches, in their order. */
  after(uid: number): AsyncGenerator<Fetched[]>;
  /** Until the server says that there is more, the line ends, or it is time to look. */
  untilMore(signal: AbortSignal): Promise<void>;
};

/** @throws TocsinError `invalid` for a password file, `unavailable` where the server does not let us in */
export async function openMailbox(
  ctx: MailContext,
  name: string,
  mailbox: ImapMailbox,
): Promise<MailboxLine> {
  const client = await clientOf(ctx, mailbox);
  // What is emitted as an error is also thrown by the command that it broke.
  client.on("error", () => {});
  try {
    await client.connect();
    const opened = await client.mailboxOpen(mailbox.folder, { readOnly: true });
    return lineOf(client, name, String(opened.uidValidity));
  } catch (error) {
    client.close();
    throw failure(name, error);
  }
}

async function clientOf(ctx: MailContext, mailbox: ImapMailbox): Promise<ImapFlow> {
  const { host, user, tls, port = tls === "implicit" ? 993 : 143 } = mailbox;
  const secret = await secretOf(ctx, mailbox);
  const ca = mailbox.ca_file === undefined ? {} : { ca: await fileOf(ctx, mailbox.ca_file) };
  return new ImapFlow({
    host,
    port,
    secure: tls === "implicit",
    // Without it a server that hides STARTTLS would be given the password in the clear.
    doSTARTTLS: tls === "starttls",
    auth:
      mailbox.access_token_file === undefined
        ? { user, pass: secret.reveal() }
        : { user, accessToken: secret.reveal() },
    tls: { ...ca, minVersion: "TLSv1.2" },
    logger: false,
    maxIdleTime: LOOK_EVERY_MS,
    connectionTimeout: 30_000,
    greetingTimeout: 30_000,
    socketTimeout: LOOK_EVERY_MS * 2,
  });
}

// Read for each connection: access tokens live an hour, and passwords change.
async function secretOf(ctx: MailContext, mailbox: ImapMailbox): Promise<Secret> {
  const path = mailbox.access_token_file ?? mailbox.password_file ?? "";
  return new Secret((await fileOf(ctx, path)).toString("utf8").trim());
}

async function fileOf({ folder }: MailContext, path: string): Promise<Buffer> {
  try {
    return await readFile(resolve(folder.root, path));
  } catch (cause) {
    throw new TocsinError("invalid", `${path} cannot be read`, { cause });
  }
}

function lineOf(client: ImapFlow, name: string, validity: string): MailboxLine {
  return {
    validity,
    alive: () => client.usable,
    after: (uid) => fetchAfter(client, name, uid),
    untilMore: async (signal) => await untilMore(client, name, signal),
    [Symbol.asyncDispose]: async () => {
      if (client.usable) await client.logout().catch(() => undefined);
      client.close();
    },
  };
}

async function* fetchAfter(client: ImapFlow, name: string, uid: number): AsyncGenerator<Fetched[]> {
  let batch: Fetched[] = [];
  let bytes = 0;
  const query = { uid: true, source: { maxLength: MOST_BYTES + 1 } };
  try {
    for await (const { uid: at, source } of client.fetch(`${uid + 1}:*`, query, { uid: true })) {
      // "n:*" names the last message even where its UID is smaller (RFC 3501, 6.4.8).
      if (at <= uid || source === undefined) continue;
      batch.push({ uid: at, raw: source });
      bytes += source.length;
      if (batch.length < BATCH && bytes < BATCH_BYTES) continue;
      yield batch;
      batch = [];
      bytes = 0;
    }
  } catch (error) {
    throw failure(name, error);
  }
  if (batch.length > 0) yield batch;
}

async function untilMore(client: ImapFlow, name: string, signal: AbortSignal): Promise<void> {
  const { promise, resolve: wake } = Promise.withResolvers<void>();
  const onWake = (): void => wake();
  client.once("exists", onWake);
  client.once("close", onWake);
  signal.addEventListener("abort", onWake, { once: true });
  const timer = setTimeout(onWake, LOOK_EVERY_MS);
  try {
    if (signal.aborted) return;
    const idling = client.idle();
    await Promise.race([promise, idling]);
    idling.catch(() => undefined);
  } catch (error) {
    throw failure(name, error);
  } finally {
    clearTimeout(timer);
    client.off("exists", onWake);
    client.off("close", onWake);
    signal.removeEventListener("abort", onWake);
  }
}

/** The server's own words may quote the user; its code says enough. */
function failure(name: string, cause: unknown): TocsinError {
  if (cause instanceof TocsinError) return cause;
  const code =
    typeof cause === "object" && cause !== null
      ? "authenticationFailed" in cause
        ? "it does not let us in"
        : "code" in cause
          ? String(cause.code)
          : "no answer"
      : "no answer";
  return new TocsinError("unavailable", `mailbox ${name}: ${code}`, { cause });
}
