// What every call to GitHub shares.
import type { IncomingHttpHeaders } from "node:http";
import type { GithubConnector } from "../../config/connectors-schema.ts";
import type { Context } from "../../db/context.ts";
import type { Retry } from "../../work/handler.ts";
import { openOutgoing, type Outgoing, type Resolve } from "./outgoing.ts";
import { retryAfterMs } from "./retry-after.ts";

export function openGithub(connector: GithubConnector, resolve?: Resolve): Outgoing {
  const { github } = connector;
  return openOutgoing({
    internalHost: github.allow_internal ? new URL(github.url).hostname : undefined,
    timeoutMs: github.timeout,
    connections: 4,
    ...(resolve && { resolve }),
  });
}

export const GITHUB_HEADERS = {
  accept: "application/vnd.github+json",
  "x-github-api-version": "2022-11-28",
  "content-type": "application/json",
} as const;

export function githubUrl(connector: GithubConnector, path: string): URL {
  return new URL(connector.github.url.replace(/\/$/, "") + path);
}

/** "Otherwise, wait for at least one minute": where a limit does not say for how long. */
const MINUTE_MS = 60_000;

export function limitedBy(ctx: Context, headers: IncomingHttpHeaders): Retry {
  return {
    retry: true,
    reason: "limited",
    afterMs: retryAfterMs(headers, ctx.clock.now()) ?? MINUTE_MS,
  };
}
