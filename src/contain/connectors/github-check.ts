// POST /applications/{client_id}/token, as the app that issued the token: 200 it lives, 404 it does not
// (docs.github.com/rest/apps/oauth-applications#check-a-token).
import type { GithubConnector } from "../../config/connectors-schema.ts";
import type { Context } from "../../db/context.ts";
import type { Retry } from "../../work/handler.ts";
import { GITHUB_HEADERS, githubUrl, limitedBy } from "./github-api.ts";
import { secretIn } from "./http.ts";
import type { Outgoing } from "./outgoing.ts";

/** A retry where GitHub would not say. */
export type TokenState = "alive" | "dead" | Retry;

export interface Checker {
  stateOf(token: string, signal: AbortSignal): Promise<TokenState>;
  /** Acceptance is not yet revocation: a token that still lives is asked about again for half a minute. */
  untilDead(token: string, signal: AbortSignal): Promise<TokenState>;
}

const TRIES = 6;
const FIRST_WAIT_MS = 500;
const MINUTE_MS = 60_000;

/** Undefined where tocsin.yaml names no app. @throws TocsinError `invalid` where its secret cannot be read */
export async function openChecker(
  ctx: Context,
  connector: GithubConnector,
  outgoing: Outgoing,
): Promise<Checker | undefined> {
  const { check } = connector.github;
  if (!check) return undefined;
  const secret = await secretIn(ctx, check.client_secret_file);
  const authorization = `Basic ${Buffer.from(`${check.client_id}:${secret}`).toString("base64")}`;
  const url = githubUrl(connector, `/applications/${check.client_id}/token`);
  const stateOf = async (token: string, signal: AbortSignal): Promise<TokenState> => {
    const headers = { ...GITHUB_HEADERS, authorization };
    const body = JSON.stringify({ access_token: token });
    const answered = await outgoing.request({ method: "POST", url, headers, body, signal });
    if (answered.kind !== "answer") return { retry: true, reason: "unavailable" };
    if (answered.status === 200) return "alive";
    if (answered.status === 404) return "dead";
    if (answered.status !== 403 && answered.status !== 429)
      return { retry: true, reason: `github-${answered.status}` };
    return limitedBy(ctx, answered.headers);
  };
  return {
    stateOf,
    untilDead: async (token, signal) => {
      let state = await stateOf(token, signal);
      for (let tries = 1; state !== "dead" && tries < TRIES; tries += 1) {
        await ctx.clock.sleep(waitFor(state, tries), signal);
        state = await stateOf(token, signal);
      }
      return state;
    },
  };
}

function waitFor(state: TokenState, tries: number): number {
  const asked = typeof state === "string" ? undefined : state.afterMs;
  return Math.min(asked ?? FIRST_WAIT_MS * 2 ** tries, MINUTE_MS);
}
