// Who may talk to this server until the gate stands: whoever can read the data folder, and browsers by a one-time link.
import type { Context as HttpContext } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { randomBytes, timingSafeEqual } from "node:crypto";
import type { Clock } from "../core/clock.ts";
import { TocsinError } from "../core/errors.ts";
import { sha256 } from "../core/digest.ts";
import { type Actor, actorWithAllScopes } from "../core/scope.ts";

const COOKIE = "tocsin";
const LINK_LIVES_MS = 10 * 60_000;
const SESSION_LIVES_MS = 12 * 3_600_000;

export type Access = {
  /** In `server.json`, 0600: the CLI's. */
  readonly token: string;
  /** `127.0.0.1:7443` and the like. Another Host is somebody's page with a rebound name. */
  readonly hosts: readonly string[];
  /** Codes of one-time links, and sessions, by their SHA-256. */
  readonly links: Map<string, { actor: string; until: number }>;
  readonly sessions: Map<string, { actor: string; until: number }>;
  readonly clock: Pick<Clock, "now">;
};

export function createAccess(hosts: readonly string[], clock: Pick<Clock, "now">): Access {
  return { token: secret(), hosts, links: new Map(), sessions: new Map(), clock };
}

/** A path that signs `actor` in once, within ten minutes. */
export function oneTimeLink(access: Access, actor: string): string {
  const code = secret();
  forgetOld(access);
  access.links.set(hashOf(code), { actor, until: timeOf(access) + LINK_LIVES_MS });
  return `/sign-in?code=${code}`;
}

export function signIn(http: HttpContext, access: Access): Response {
  requireHost(http, access);
  const key = hashOf(http.req.query("code") ?? "");
  const link = access.links.get(key);
  access.links.delete(key);
  if (!link || link.until < timeOf(access)) {
    throw new TocsinError(
      "unauthenticated",
      "this link was used or is too old: tocsin sign-in prints a new one",
    );
  }
  const session = secret();
  access.sessions.set(hashOf(session), {
    actor: link.actor,
    until: timeOf(access) + SESSION_LIVES_MS,
  });
  setCookie(http, COOKIE, session, {
    httpOnly: true,
    sameSite: "Strict",
    path: "/",
    maxAge: SESSION_LIVES_MS / 1000,
  });
  http.header("cache-control", "no-store");
  http.header("referrer-policy", "no-referrer");
  return http.redirect("/", 303);
}

/** @throws TocsinError `unauthenticated`; `forbidden` for another site's page */
export function actorOf(http: HttpContext, access: Access): Actor {
  requireHost(http, access);
  const bearer = /^Bearer (.+)$/.exec(http.req.header("authorization") ?? "")?.[1];
  if (bearer !== undefined) {
    if (!same(bearer, access.token))
      throw new TocsinError("unauthenticated", "that token is not this server's");
    return actorWithAllScopes(http.req.header("tocsin-actor") ?? "unknown", "cli");
  }
  const session = access.sessions.get(hashOf(getCookie(http, COOKIE) ?? ""));
  if (!session || session.until < timeOf(access)) {
    throw new TocsinError(
      "unauthenticated",
      "sign in with a one-time link: tocsin sign-in prints one",
    );
  }
  const origin = http.req.header("origin");
  if (http.req.method !== "GET" && !access.hosts.some((host) => origin === `http://${host}`)) {
    throw new TocsinError("forbidden", "that request came from another site");
  }
  return actorWithAllScopes(session.actor, "http");
}

function timeOf(access: Access): number {
  return access.clock.now().getTime();
}

function forgetOld(access: Access): void {
  for (const map of [access.links, access.sessions]) {
    for (const [key, { until }] of map) if (until < timeOf(access)) map.delete(key);
  }
}

function requireHost(http: HttpContext, access: Access): void {
  const host = http.req.header("host") ?? new URL(http.req.url).host;
  if (!access.hosts.includes(host))
    throw new TocsinError("forbidden", `this server does not answer to ${host}`);
}

function secret(): string {
  return randomBytes(32).toString("base64url");
}

// Looked up by digest, so that the time of a look-up says nothing of the secret.
function hashOf(value: string): string {
  return sha256(value).toString("hex");
}

function same(a: string, b: string): boolean {
  return timingSafeEqual(sha256(a), sha256(b));
}
