// A provider: who carries our messages. A pool of connections, each carrying one message at a time. It keeps no queue on disk and
// retries no message; what it does over is only what cannot have reached anybody.
import type { ConnectionOptions } from "node:tls";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { MailProvider } from "../config/mail-schema.ts";
import { TocsinError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import { mailAddress } from "./address.ts";
import { dkimKey, dkimSign, type DkimKey } from "./dkim.ts";
import type { Handed } from "./handed.ts";
import { openLookup, type Lookup, type MailContext } from "./lookup.ts";
import type { Message } from "./message.ts";
import { openLine, type LineSettings, type SmtpLine } from "./smtp-line.ts";
import { smtpAddress } from "./smtp-url.ts";

export interface Provider extends AsyncDisposable {
  readonly name: string;
  /** Messages that can be on the way at the same time. */
  readonly connections: number;
  /**
   * Hands a message to the provider, DKIM-signed where the provider does not sign itself. Retries nothing. When it returns
   * `accepted`, the provider has taken responsibility. `unknown` means that the connection was lost after the message's last byte: it
   * may or may not have been taken. What the signal finds before it is on a line is not sent.
   */
  hand(message: Message, signal?: AbortSignal): Promise<Handed>;
  /** Asks the provider whether it took a Message-ID, where it can be asked. */
  readonly lookup: Lookup | undefined;
  /** Opens a line, signs in and leaves again. No message is sent. */
  probe(): Promise<Handed | "ready">;
  /** Lets what is on the way end, then leaves politely. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** RFC 5321, 4.5.3.2.6: up to ten minutes for the reply to the final dot. A shorter wait makes unknowns out of slow providers. */
const TIMEOUT_MS = 600_000;
/** Providers close a line after so many messages, some with a reply that costs a try; we leave before. */
const MESSAGES_A_LINE = 500;

export type ProviderOptions = { readonly tls?: ConnectionOptions; readonly timeoutMs?: number };

/** @throws TocsinError `not_found` for a name that is not in tocsin.yaml, `invalid` for a key or address that cannot be used */
export async function openProvider(
  ctx: MailContext,
  name: string,
  options: ProviderOptions = {},
): Promise<Provider> {
  const mail = ctx.organisation.mail;
  const config = mail?.providers[name];
  if (!mail || !config)
    throw new TocsinError(
      "not_found",
      `no mail provider ${name}: name one in tocsin.yaml under mail.providers`,
    );
  const keys = config.signs ? [] : await dkimKeys(ctx);
  const settings: LineSettings = {
    at: smtpAddress(name, config.smtp, (value) => new Secret(value)),
    tls: config.tls,
    clientName: ctx.organisation.organisation.domain,
    tlsOptions: { ...(await trustedCertificates(ctx, config)), ...options.tls },
    timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
  };
  const lookup = config.lookup ? await openLookup(ctx, config.lookup) : undefined;
  return providerOf({ name, connections: config.connections, settings, keys, lookup });
}

async function dkimKeys(ctx: MailContext): Promise<DkimKey[]> {
  const configured = ctx.organisation.mail?.dkim ?? [];
  const all = Array.isArray(configured) ? configured : [configured];
  return await Promise.all(
    all.map(async ({ domain, selector, key_file }) =>
      dkimKey(
        domain,
        selector,
        await fileOf(ctx, key_file, `the dkim key of selector ${selector}`),
      ),
    ),
  );
}

async function trustedCertificates(
  ctx: MailContext,
  config: MailProvider,
): Promise<ConnectionOptions> {
  return config.ca_file === undefined
    ? {}
    : { ca: await fileOf(ctx, config.ca_file, "the certificates to trust") };
}

async function fileOf(ctx: MailContext, path: string, what: string): Promise<Buffer> {
  try {
    return await readFile(resolve(ctx.folder.root, path));
  } catch (cause) {
    throw new TocsinError("invalid", `${what} cannot be read from ${path}`, { cause });
  }
}

type Parts = {
  readonly name: string;
  readonly connections: number;
  readonly settings: LineSettings;
  readonly keys: readonly DkimKey[];
  readonly lookup: Lookup | undefined;
};

function providerOf({ name, connections, settings, keys, lookup }: Parts): Provider {
  const pool = new LinePool(connections, settings);
  return {
    name,
    connections,
    lookup,
    hand: async (message, signal) => {
      const to = mailAddress(message.to);
      if (!to) return { kind: "unreachable", reason: "address", retryable: false };
      const data = keys.length === 0 ? message.data : await dkimSign(message.data, keys);
      return await pool.carry({
        message: { ...message, to: to.address, data },
        needsUtf8: to.needsUtf8,
        signal,
      });
    },
    probe: async () => {
      const opened = await openLine(settings);
      if ("failed" in opened) return opened.failed;
      await opened.line.quit();
      return "ready";
    },
    [Symbol.asyncDispose]: async () => {
      await pool.drain();
    },
  };
}

const CLOSED: Handed = { kind: "unreachable", reason: "closed", retryable: true };

type Load = {
  readonly message: Message;
  readonly needsUtf8: boolean;
  readonly signal: AbortSignal | undefined;
};

/** Owns the lines. A line is in `idle`, or in the hands of exactly one `carry`. */
class LinePool {
  readonly #limit: number;
  readonly #settings: LineSettings;
  readonly #idle: SmtpLine[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly #going = new Set<Promise<Handed>>();
  #busy = 0;
  #draining = false;

  constructor(limit: number, settings: LineSettings) {
    this.#limit = limit;
    this.#settings = settings;
  }

  async carry(load: Load): Promise<Handed> {
    if (this.#draining) return CLOSED;
    const going = this.#inTurn(load);
    this.#going.add(going);
    try {
      return await going;
    } finally {
      this.#going.delete(going);
    }
  }

  async drain(): Promise<void> {
    this.#draining = true;
    await Promise.allSettled(this.#going);
    await Promise.all(
      this.#idle.splice(0).map(async (line) => {
        await line.quit();
      }),
    );
  }

  async #inTurn(load: Load): Promise<Handed> {
    while (this.#busy >= this.#limit) {
      const { promise, resolve: wake } = Promise.withResolvers<void>();
      this.#waiting.push(wake);
      await promise;
    }
    this.#busy += 1;
    try {
      return load.signal?.aborted === true ? CLOSED : await this.#throughSomeLine(load);
    } finally {
      this.#busy -= 1;
      this.#waiting.shift()?.();
    }
  }

  async #throughSomeLine(load: Load): Promise<Handed> {
    const kept = this.#keptLine();
    if (kept) {
      const handed = await this.#through(kept, load);
      // A kept line that the far side had given up meanwhile (idle, or enough messages): no byte of the message was taken.
      if (!isGivenUp(handed)) return handed;
    }
    const opened = await openLine(this.#settings);
    if ("failed" in opened) return opened.failed;
    return await this.#through(opened.line, load);
  }

  #keptLine(): SmtpLine | undefined {
    for (let line = this.#idle.pop(); line; line = this.#idle.pop()) if (line.alive()) return line;
    return undefined;
  }

  async #through(line: SmtpLine, { message, needsUtf8 }: Load): Promise<Handed> {
    if (needsUtf8 && !line.offersUtf8) {
      this.#idle.push(line);
      return { kind: "unreachable", reason: "smtputf8", retryable: false };
    }
    const { handed, alive } = await line.send(message);
    if (alive && line.sent() < MESSAGES_A_LINE) this.#idle.push(line);
    else void line.quit();
    return handed;
  }
}

function isGivenUp(handed: Handed): boolean {
  return (
    handed.kind === "deferred" && (handed.reason === "line-lost" || handed.reason === "reply-421")
  );
}
