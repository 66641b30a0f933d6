// HTTP in front of the verbs. No logic: a request becomes a context and an input, an answer becomes JSON or events.
import { Hono, type Context as HttpContext } from "hono";
import { streamSSE } from "hono/streaming";
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { TocsinError } from "../core/errors.ts";
import { noProgress, type Progress } from "../core/progress.ts";
import type { Context } from "../db/context.ts";
import { openRequest } from "../ledger/request-key.ts";
import { type Access, actorOf, signIn } from "./access.ts";
import { openApi } from "./open-api.ts";
import { problemOf, problemResponse } from "./problem.ts";
import type { Route } from "./route.ts";

export type AppOptions = {
  /** The process's context; each request narrows it to its actor, key, progress and signal. */
  readonly context: Context;
  readonly routes: readonly Route[];
  readonly access: Access;
  /** Pages for people, mounted beside the API. */
  readonly pages?: Hono<AppEnv>;
  /** Doors that have tokens of their own, and let nobody else in. */
  readonly doors?: Hono<AppEnv>;
};

export type AppEnv = { Variables: { ctx: Context } };

export function createApp({ context, routes, access, pages, doors }: AppOptions): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.onError((error) => problemResponse(error, context.log));
  app.notFound((http) =>
    problemResponse(
      new TocsinError("not_found", `there is nothing at ${http.req.path}`),
      context.log,
    ),
  );
  if (doors) app.route("/", doors);
  app.get("/sign-in", (http) => signIn(http, access));
  app.use("*", async (http, next) => {
    http.header(
      "content-security-policy",
      "default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'",
    );
    http.header("x-content-type-options", "nosniff");
    http.header("referrer-policy", "no-referrer");
    http.header("cache-control", "no-store");
    const actor = actorOf(http, access);
    http.set("ctx", { ...context, actor, progress: noProgress, signal: http.req.raw.signal });
    await next();
  });
  app.get("/api", (http) => http.json(openApi(routes)));
  for (const route of routes)
    app.on(route.method, `/api/${route.name}`, (http) => answer(http, route));
  if (pages) app.route("/", pages);
  return app;
}

async function answer(http: HttpContext<AppEnv>, route: Route): Promise<Response> {
  const input = route.method === "GET" ? http.req.query() : await bodyOf(http);
  const ctx = route.method === "GET" ? http.get("ctx") : keyed(http, route, input);
  if (!http.req.header("accept")?.includes("text/event-stream"))
    return http.json(wire(await route.run(ctx, input)));
  return streamSSE(http, async (stream) => {
    const send = async (event: string, data: unknown) =>
      await stream.writeSSE({ event, data: JSON.stringify(data) });
    const progress: Progress = (report) => void send("progress", report).catch(() => undefined);
    try {
      await send("result", wire(await route.run({ ...ctx, progress: sparing(progress) }, input)));
    } catch (error) {
      await send("problem", problemOf(error, ctx.log));
    }
  });
}

const EVERY_MS = 100;

// Verbs may report each batch; a person sees ten a second.
function sparing(progress: Progress): Progress {
  let last = { what: "", at: 0 };
  return (report) => {
    const at = Date.now();
    const ended = report.of !== undefined && report.done >= report.of;
    if (report.what === last.what && at - last.at < EVERY_MS && !ended) return;
    last = { what: report.what, at };
    progress(report);
  };
}

// draft-ietf-httpapi-idempotency-key-header; a caller that gives none gets one, so that a lost commit is still one write.
function keyed(http: HttpContext<AppEnv>, route: Route, input: unknown): Context {
  const key = http.req.header("idempotency-key") ?? randomUUID();
  return { ...http.get("ctx"), requestKey: openRequest(key, route.name, z.json().parse(input)) };
}

async function bodyOf(http: HttpContext): Promise<unknown> {
  const text = await http.req.text();
  if (text === "") return {};
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TocsinError("invalid", "the body is not JSON", { cause });
  }
}

function wire(result: unknown): never {
  return JSON.parse(JSON.stringify(result ?? null)) as never;
}
