// Requests to addresses that somebody wrote into a file. The name is resolved once, what it resolved to is judged, and the
// connection goes to exactly that: a name that answers differently the second time (DNS rebinding) gains nothing.
// Redirects are answers like any other and are never followed.
import { lookup as systemLookup, type LookupAddress } from "node:dns";
import * as http from "node:http";
import * as https from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { TocsinError } from "../../core/errors.ts";
import { isInternalAddress } from "./internal-address.ts";

export type OutgoingRequest = {
  readonly method: string;
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
};

/**
 * `not-sent`: the far side never saw it. `maybe-sent`: the connection stood and no whole answer came back, so it may or may not
 * have been carried out. `reason` is a short code: ECONNREFUSED, timeout, cut, internal-address …
 */
export type Answered =
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly headers: http.IncomingHttpHeaders;
      readonly body: string;
    }
  | { readonly kind: "not-sent"; readonly reason: string }
  | { readonly kind: "maybe-sent"; readonly reason: string };

export interface Outgoing extends Disposable {
  /** Sends once, retries nothing, throws only for the caller's own abort. */
  request(request: OutgoingRequest): Promise<Answered>;
}

export type OutgoingOptions = {
  /** This one host may be internal. Undefined: none may. */
  readonly internalHost?: string | undefined;
  readonly timeoutMs: number;
  readonly connections: number;
  /** How names are resolved; the system's by default. */
  readonly resolve?: Resolve;
};

export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

/** An answer longer than this is cut: nothing here needs more than a status and a short message. */
const MAX_BODY_BYTES = 64 * 1024;

/** Opens pooled connections for one far side. */
export function openOutgoing(options: OutgoingOptions): Outgoing {
  const agentOptions = {
    keepAlive: true,
    maxSockets: options.connections,
    lookup: guardedLookup(options),
  };
  const agents = { "http:": new http.Agent(agentOptions), "https:": new https.Agent(agentOptions) };
  return {
    request: async (request) => {
      if (isForbiddenLiteral(request.url, options.internalHost))
        return { kind: "not-sent", reason: INTERNAL };
      return await send(request, agents, options.timeoutMs);
    },
    [Symbol.dispose]() {
      agents["http:"].destroy();
      agents["https:"].destroy();
    },
  };
}

const INTERNAL = "internal-address";

/** Node does not resolve a literal address, so the lookup below never sees one. */
function isForbiddenLiteral(url: URL, internalHost: string | undefined): boolean {
  const literal = url.hostname.replace(/^\[|\]$/g, "");
  return isIP(literal) !== 0 && url.hostname !== internalHost && isInternalAddress(literal);
}

/** Every address must be public: one internal address among public ones is already an attack or a mistake. */
function guardedLookup(options: OutgoingOptions): LookupFunction {
  const resolve = options.resolve ?? resolveBySystem;
  return (hostname, lookupOptions, done) => {
    resolve(hostname).then(
      (addresses) => {
        const first = addresses[0];
        const open =
          hostname === options.internalHost ||
          addresses.every(({ address }) => !isInternalAddress(address));
        if (!first) done(codedError("ENOTFOUND"), "", 0);
        else if (!open) done(codedError(INTERNAL), "", 0);
        else if (lookupOptions.all === true) done(null, [...addresses]);
        else done(null, first.address, first.family);
      },
      (error: unknown) => done(error instanceof Error ? error : codedError("EAI_FAIL"), "", 0),
    );
  };
}

const resolveBySystem: Resolve = async (hostname) =>
  await new Promise((resolve, reject) => {
    systemLookup(hostname, { all: true }, (error, addresses) =>
      error ? reject(error) : resolve(addresses),
    );
  });

function codedError(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(code), { code });
}

type Agents = { readonly "http:": http.Agent; readonly "https:": https.Agent };

async function send(
  request: OutgoingRequest,
  agents: Agents,
  timeoutMs: number,
): Promise<Answered> {
  const over = request.url.protocol === "https:" ? https : http;
  const agent = request.url.protocol === "https:" ? agents["https:"] : agents["http:"];
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = request.signal ? AbortSignal.any([timeout, request.signal]) : timeout;
  return await new Promise((resolve, reject) => {
    let connected = false;
    const outgoing = over.request(request.url, {
      method: request.method,
      headers: headersOf(request),
      agent,
      signal,
    });
    const failed = (error: Error): void => {
      if (request.signal?.aborted === true)
        reject(new TocsinError("canceled", "the request was canceled", { cause: error }));
      else
        resolve({
          kind: connected ? "maybe-sent" : "not-sent",
          reason: timeout.aborted ? "timeout" : reasonOf(error),
        });
    };
    outgoing.on("socket", (socket) => {
      if (!socket.connecting) connected = true;
      else
        socket.once(
          request.url.protocol === "https:" ? "secureConnect" : "connect",
          () => (connected = true),
        );
    });
    outgoing.on("error", failed);
    outgoing.on("response", (response) => {
      readBody(response).then(
        (body) =>
          resolve({
            kind: "answer",
            status: response.statusCode ?? 0,
            headers: response.headers,
            body,
          }),
        failed,
      );
    });
    outgoing.end(request.body);
  });
}

function headersOf(request: OutgoingRequest): Record<string, string> {
  const length =
    request.body === undefined ? {} : { "content-length": String(Buffer.byteLength(request.body)) };
  return { "user-agent": "tocsin", ...request.headers, ...length };
}

async function readBody(response: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    const piece = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    bytes += piece.length;
    if (bytes > MAX_BODY_BYTES) break; // leaving the loop destroys the response and its connection
    chunks.push(piece);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Codes only: a message of TLS or DNS may name hosts, and nobody branches on it. */
function reasonOf(error: Error): string {
  const code = "code" in error && typeof error.code === "string" ? error.code : "failed";
  return code === "ECONNRESET" || code === "EPIPE" || code === "ERR_STREAM_PREMATURE_CLOSE"
    ? "cut"
    : code;
}
