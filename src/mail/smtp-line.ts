// One SMTP connection. It knows how far a message has come, because only that tells "try again" from "may have been taken".
import { isIP } from "node:net";
import type { ConnectionOptions } from "node:tls";
import SMTPConnection from "nodemailer/lib/smtp-connection";
import type { NodemailerError } from "nodemailer/lib/errors";
import { replyOf, type Handed } from "./handed.ts";
import type { Message } from "./message.ts";
import { MessageBody } from "./message-body.ts";
import type { SmtpAddress } from "./smtp-url.ts";
import { handedOfLineError, handedOfSendError } from "./smtp-outcome.ts";

export type LineSettings = {
  readonly at: SmtpAddress;
  /** `required`: no byte of a message leaves unencrypted, even where the far side (or somebody on the way) hides STARTTLS. */
  readonly tls: "required" | "offered";
  readonly clientName: string;
  readonly tlsOptions: ConnectionOptions;
  readonly timeoutMs: number;
};

/** `handed` is what the message came to; `alive` says whether the line can carry another. */
export type Sent = { readonly handed: Handed; readonly alive: boolean };

export type SmtpLine = {
  readonly offersUtf8: boolean;
  /** Messages that this line has carried. */
  sent(): number;
  alive(): boolean;
  /** One at a time. Retries nothing. */
  send(message: Message): Promise<Sent>;
  /** QUIT, and the end of the line at the latest after two seconds. */
  quit(): Promise<void>;
};

export type Opened = { readonly line: SmtpLine } | { readonly failed: Handed };

/** Connects, encrypts and signs in. A failure is a value: no message was on the line yet. */
export async function openLine(settings: LineSettings): Promise<Opened> {
  const connection = new SMTPConnection(connectionOptions(settings));
  const ended = Promise.withResolvers<void>();
  connection.on("end", () => {
    ended.resolve();
  });
  const error = await connect(connection);
  if (error) return { failed: handedOfLineError(error) };
  // The last reply so far is the one to EHLO; nodemailer keeps its reading of it to itself.
  const offersUtf8 = /^250[ -]SMTPUTF8\b/im.test(String(connection.lastServerResponse));
  const refused = await signIn(connection, settings);
  if (refused) {
    connection.close();
    return { failed: refused };
  }
  return { line: lineOver(connection, offersUtf8, ended.promise) };
}

function connectionOptions({
  at,
  tls,
  clientName,
  tlsOptions,
  timeoutMs,
}: LineSettings): SMTPConnection.Options {
  return {
    host: at.host,
    port: at.port,
    secure: at.implicitTls,
    requireTLS: tls === "required",
    opportunisticTLS: tls === "offered",
    name: clientName,
    connectionTimeout: Math.min(timeoutMs, 30_000),
    greetingTimeout: Math.min(timeoutMs, 30_000),
    socketTimeout: timeoutMs,
    socketCloseTimeout: 1_000,
    maxResponseSize: 64 * 1024,
    allowInternalNetworkInterfaces: true,
    tls: {
      ...tlsOptions,
      minVersion: "TLSv1.2",
      ...(isIP(at.host) === 0 ? { servername: at.host } : {}),
    },
  };
}

async function connect(connection: SMTPConnection): Promise<NodemailerError | undefined> {
  const { promise, resolve } = Promise.withResolvers<NodemailerError | undefined>();
  // Stays for the life of the line: what happens to a message is told to its own callback as well.
  connection.on("error", resolve);
  connection.connect((error) => {
    resolve(error ?? undefined);
  });
  return await promise;
}

async function signIn(
  connection: SMTPConnection,
  { at }: LineSettings,
): Promise<Handed | undefined> {
  if (at.user === undefined || at.password === undefined) return undefined;
  if (!connection.secure && !isLoopback(at.host)) {
    return { kind: "unreachable", reason: "tls", retryable: true };
  }
  const credentials = { user: at.user, pass: at.password.reveal() };
  const { promise, resolve } = Promise.withResolvers<Handed | undefined>();
  connection.once("end", () => {
    resolve({ kind: "unreachable", reason: "connection", retryable: true });
  });
  connection.login(credentials, (error) => {
    resolve(error ? handedOfLineError(error) : undefined);
  });
  return await promise;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}

function lineOver(connection: SMTPConnection, offersUtf8: boolean, ended: Promise<void>): SmtpLine {
  let count = 0;
  return {
    offersUtf8,
    sent: () => count,
    alive: () => !connection.destroyed,
    send: async (message) => {
      count += 1;
      return await sendOver(connection, message, ended);
    },
    quit: async () => {
      if (connection.destroyed) return;
      connection.quit();
      const late = setTimeout(() => {
        connection.close();
      }, 2_000);
      await ended;
      clearTimeout(late);
    },
  };
}

/**
 * RFC 3461, where the server offers it: what comes back names the message and brings its header only. A bounce with the whole notice would
 * carry what was exposed of a person through mail systems once more.
 */
function deliveryReport({ id }: Message): SMTPConnection.DSNOptions {
  // ENVID has 100 characters at most (RFC 3461, 4.4).
  return { ret: "HDRS", ...(id.length <= 100 ? { envid: id } : {}) };
}

async function sendOver(
  connection: SMTPConnection,
  message: Message,
  ended: Promise<void>,
): Promise<Sent> {
  const body = new MessageBody(message.data);
  const { promise, resolve } = Promise.withResolvers<Sent>();
  const { from, to, data } = message;
  const envelope = { from, to: [to], size: data.length, dsn: deliveryReport(message) };
  connection.send(envelope, body, (error, info) => {
    if (!error) {
      const reply = replyOf(info.response) ?? { code: 250 };
      resolve({ handed: { kind: "accepted", reply }, alive: !connection.destroyed });
      return;
    }
    const handed = handedOfSendError(error, body.stage);
    if (connection.destroyed || body.stage !== "envelope") {
      // After a reply to the final dot the transaction is over (RFC 5321, 3.3); after a lost line there is nothing to reset.
      resolve({
        handed,
        alive: !connection.destroyed && body.stage === "sent" && error.responseCode !== undefined,
      });
      return;
    }
    connection.reset((failed) => {
      resolve({ handed, alive: !failed && !connection.destroyed });
    });
    // A line that is lost now drops the callback of the reset.
    void ended.then(() => {
      resolve({ handed, alive: false });
    });
  });
  return await promise;
}
