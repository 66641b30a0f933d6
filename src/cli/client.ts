// The CLI is a client of the API: over HTTP where a server runs on the data folder, otherwise of the same routes in this process.
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { ERROR_CODES, TocsinError } from "../core/errors.ts";
import type { Progress } from "../core/progress.ts";
import type { DataFolder } from "../db/folder.ts";
import { type DataServer, findServer } from "../server/data-server.ts";
import { readEvents } from "./server-events.ts";

export type Client = AsyncDisposable & {
  /** A verb that reads. Undefined members of `input` are left out. */
  get(
    verb: string,
    input?: Readonly<Record<string, string | number | boolean | undefined>>,
  ): Promise<unknown>;
  /** A verb that writes. Sent again under the same Idempotency-Key where the server died under it. */
  post(verb: string, input: object): Promise<unknown>;
  /** In-process only, where no server does it: does the work of a run until it ends. */
  readonly work?: (run: string) => Promise<void>;
};

/** How a request reaches the routes. */
export type Fetch = (path: string, init: RequestInit) => Promise<Response>;

export type ClientOptions = { actor: string; progress: Progress; signal: AbortSignal };

type Transport = {
  readonly fetch: Fetch;
  readonly work?: (run: string) => Promise<void>;
  /** After a lost connection: resolves when it is worth another try, throws when it is not. */
  readonly lost: (error: unknown, sinceMs: number) => Promise<void>;
  readonly close: () => Promise<void>;
};

export function createClient(
  { fetch, work, lost, close }: Transport,
  options: ClientOptions,
): Client {
  const once = async (path: string, init: RequestInit): Promise<unknown> => {
    const headers = new Headers(init.headers);
    headers.set("accept", "text/event-stream");
    headers.set("tocsin-actor", options.actor);
    const response = await fetch(path, { ...init, signal: options.signal, headers }).catch(
      (error: unknown) => {
        throw new ConnectionLost("the server does not answer", { cause: error });
      },
    );
    return await readAnswer(response, options.progress);
  };
  const ask = async (path: string, init: RequestInit): Promise<unknown> => {
    const since = Date.now();
    for (;;) {
      try {
        return await once(path, init);
      } catch (error) {
        if (options.signal.aborted) throw options.signal.reason;
        if (!(error instanceof ConnectionLost)) throw error;
        await lost(error, Date.now() - since);
      }
    }
  };
  return {
    ...(work ? { work } : {}),
    get: async (verb, input = {}) => {
      const query = new URLSearchParams();
      for (const [name, value] of Object.entries(input))
        if (value !== undefined) query.set(name, String(value));
      return await ask(`/api/${verb}?${query.toString()}`, { method: "GET" });
    },
    post: async (verb, input) =>
      await ask(`/api/${verb}`, {
        method: "POST",
        body: JSON.stringify(input),
        headers: { "content-type": "application/json", "idempotency-key": randomUUID() },
      }),
    [Symbol.asyncDispose]: close,
  };
}

class ConnectionLost extends Error {
  override readonly name = "ConnectionLost";
}

const BACK_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 100;

/** Over HTTP to the folder's server. Where it dies we wait for it to come back: verbs are safe to repeat under their key. */
export function serverTransport(folder: DataFolder, first: DataServer): Transport {
  let server = first;
  return {
    fetch: async (path, init) => {
      const headers = new Headers(init.headers);
      headers.set("authorization", `Bearer ${server.token}`);
      return await globalThis.fetch(`${server.url}${path}`, { ...init, headers });
    },
    lost: async (error, sinceMs) => {
      if (sinceMs > BACK_WITHIN_MS) {
        throw new TocsinError("unavailable", `the server at ${server.url} is gone: tocsin serve`, {
          cause: error,
        });
      }
      await sleep(LOOK_EVERY_MS);
      server = (await findServer(folder)) ?? server;
    },
    close: async () => {},
  };
}

const ProblemBody = z.object({
  code: z.enum([...ERROR_CODES, "bug"]),
  title: z.string(),
  retryable: z.boolean(),
  retryAfterMs: z.number().optional(),
  problems: z.array(z.object({ at: z.string(), message: z.string() })).optional(),
});

const ProgressBody = z.object({
  what: z.string(),
  done: z.number(),
  of: z.number().optional(),
  unit: z.string(),
});

async function readAnswer(response: Response, progress: Progress): Promise<unknown> {
  if (!response.headers.get("content-type")?.includes("text/event-stream")) {
    const body: unknown = await response.json();
    if (!response.ok) throw errorOf(body);
    return body;
  }
  const events = readEvents(response);
  for (;;) {
    const { value: event } = await events.next().catch((error: unknown) => {
      throw new ConnectionLost("the server went away", { cause: error });
    });
    if (!event) throw new ConnectionLost("the server ended before its answer");
    if (event.name === "result") return JSON.parse(event.data);
    if (event.name === "problem") throw errorOf(JSON.parse(event.data));
    const { of, ...report } = ProgressBody.parse(JSON.parse(event.data));
    progress({ ...report, ...(of === undefined ? {} : { of }) });
  }
}

function errorOf(body: unknown): Error {
  const { code, title, problems, retryable, retryAfterMs } = ProblemBody.parse(body);
  if (code === "bug") return new Error(title);
  return new TocsinError(code, title, {
    retryable,
    ...(problems ? { problems } : {}),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}
