// One process on loopback: the API, the pages, the work of every run, and the logs that come by themselves.
import { serve as listen } from "@hono/node-server";
import type { Server } from "node:http";
import { z } from "zod";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { TocsinError } from "../core/errors.ts";
import type { Actor } from "../core/scope.ts";
import type { Context } from "../db/context.ts";
import { keepMailboxes } from "../incidents/inbox/keep-mailboxes.ts";
import { work } from "../work/work.ts";
import { type Access, createAccess, oneTimeLink } from "./access.ts";
import { createApp } from "./app.ts";
import { openDetection } from "./detection.ts";
import { publishServer, withdrawServer } from "./data-server.ts";
import { handlersOf } from "./handlers.ts";
import { housekeeping } from "./housekeeping.ts";
import { pages } from "./pages.ts";
import { routes } from "./routes.ts";

const MAILBOXES: Actor = {
  name: "tocsin mail",
  via: "worker",
  scopes: new Set(["mail:write", "findings:write"]),
};

const SignInInput = z.strictObject({});

export type ServeInput = {
  readonly port: number;
  readonly work: boolean;
  /** Told once it listens. */
  readonly onReady: (at: { url: string; link: string }) => void;
};

/** Serves until the context's signal ends, then lets what is under way end. */
export async function serve(ctx: Context, input: ServeInput): Promise<void> {
  const hosts: string[] = [];
  const access: Access = createAccess(hosts, ctx.clock);
  await using detection = await openDetection(ctx);
  const { doors } = detection;
  const app = createApp({
    context: ctx,
    routes: [...routes, signInRoute(access)],
    access,
    pages: pages(),
    ...(doors ? { doors } : {}),
  });
  const server = listen({ fetch: app.fetch, hostname: "127.0.0.1", port: input.port }) as Server;
  try {
    const port = await portOf(server);
    hosts.push(`127.0.0.1:${port}`, `localhost:${port}`);
    const url = `http://127.0.0.1:${port}`;
    await publishServer(ctx.folder, { url, token: access.token, pid: process.pid });
    input.onReady({ url, link: `${url}${oneTimeLink(access, ctx.actor.name)}` });
    await Promise.all([
      input.work
        ? work(ctx, handlersOf(ctx), { until: "signal", signal: ctx.signal })
        : ended(ctx.signal),
      housekeeping(ctx),
      detection.run(),
      keepMailboxes({ ...ctx, actor: MAILBOXES }),
    ]);
  } finally {
    await withdrawServer(ctx.folder);
    await close(server);
  }
}

async function portOf(server: Server): Promise<number> {
  const failed = once(server, "error").then(([error]: unknown[]) => {
    throw new TocsinError("unavailable", "that port is taken: tocsin serve --port N", {
      cause: error,
    });
  });
  if (!server.listening) await Promise.race([once(server, "listening"), failed]);
  failed.catch(() => undefined);
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return address.port;
}

async function ended(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, "abort");
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  server.close();
  server.closeAllConnections();
  await once(server, "close");
}

function signInRoute(access: Access) {
  return {
    name: "sign-in-link",
    method: "POST",
    scope: "incidents:read",
    summary: "A link that signs a browser in, once",
    input: SignInInput,
    run: async (ctx: Context) => ({ path: oneTimeLink(access, ctx.actor.name) }),
  } as const;
}
