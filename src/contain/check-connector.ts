import { TocsinError } from "../core/errors.ts";
import type {
  Connector,
  GithubConnector,
  HttpConnector,
  SqlConnector,
} from "../config/connectors-schema.ts";
import type { Context } from "../db/context.ts";
import { openProber } from "./canaries.ts";
import { GITHUB_HEADERS, githubUrl, openGithub } from "./connectors/github-api.ts";
import { bearerOf, secretIn } from "./connectors/http.ts";
import { openOutgoing } from "./connectors/outgoing.ts";
import { orThrow, openSqlFarSide, sqlWork } from "./connectors/sql.ts";

export type Checked = {
  /** What was tried: `connect`, `invalidate-password: left`. */
  readonly what: string;
  readonly ok: boolean;
  /** Why not, without a secret. */
  readonly reason?: string;
};

type Try = { readonly what: string; readonly run: () => Promise<unknown> };

/**
 * Tries a connector without changing anything: databases parse each statement and run none, services are connected to, secret
 * files are read. For `tocsin check`. A failure is a value. @throws TocsinError `not_found` where tocsin.yaml has no such connector
 */
export async function checkConnector(ctx: Context, name: string): Promise<Checked[]> {
  const connector = ctx.organisation.connectors[name];
  if (!connector) throw new TocsinError("not_found", `tocsin.yaml has no connector ${name}`);
  await using opened = new AsyncDisposableStack();
  const checked: Checked[] = [];
  for (const one of [...triesOf(ctx, connector, opened), ...canaryTries(ctx, connector)])
    checked.push(await tried(one));
  return checked;
}

async function tried({ what, run }: Try): Promise<Checked> {
  try {
    await run();
    return { what, ok: true };
  } catch (error) {
    if (!(error instanceof TocsinError)) throw error;
    return { what, ok: false, reason: error.message };
  }
}

function triesOf(ctx: Context, connector: Connector, opened: AsyncDisposableStack): Try[] {
  if ("sql" in connector) return sqlTries(connector, opened);
  if ("http" in connector) return httpTries(ctx, connector);
  return "github" in connector ? githubTries(ctx, connector) : [];
}

function canaryTries(ctx: Context, connector: Connector): Try[] {
  const canaries = "canaries" in connector ? connector.canaries : undefined;
  if (!canaries) return [];
  return [
    { what: "canaries", run: async () => (await openProber(ctx, canaries))[Symbol.dispose]() },
  ];
}

function sqlTries(connector: SqlConnector, opened: AsyncDisposableStack): Try[] {
  const farSide = opened.use(openSqlFarSide(connector));
  return Object.entries(connector.actions).flatMap(([key, action]) => [
    {
      what: `${key}: left`,
      run: async () => orThrow(await farSide.describe(sqlWork(connector, action).left)),
    },
    ...(["do", "found", "undo"] as const)
      .filter((name) => action[name] !== undefined)
      .map((name) => ({
        what: `${key}: ${name}`,
        run: async () => {
          const statement = sqlWork(connector, action)[name];
          if (statement) orThrow(await farSide.parses(statement));
        },
      })),
  ]);
}

function httpTries(ctx: Context, { http }: HttpConnector): Try[] {
  const run = async (): Promise<void> => {
    const url = new URL(http.url);
    using outgoing = openOutgoing({
      internalHost: http.allow_internal ? url.hostname : undefined,
      timeoutMs: http.timeout,
      connections: 1,
    });
    // OPTIONS is safe (RFC 9110, 9.3.7), and any answer at all shows that somebody is there.
    const answered = await outgoing.request({
      method: "OPTIONS",
      url,
      headers: await bearerOf(ctx, http.token_file),
    });
    if (answered.kind !== "answer")
      throw new TocsinError("unavailable", `the service does not answer (${answered.reason})`);
    if (answered.status === 401)
      throw new TocsinError("unauthenticated", "the service does not know our token (401)");
  };
  return [{ what: "connect", run }];
}

function githubTries(ctx: Context, connector: GithubConnector): Try[] {
  const { check } = connector.github;
  const run = async (): Promise<void> => {
    using outgoing = openGithub(connector);
    // `GET /rate_limit` does not count against the limit.
    const answered = await outgoing.request({
      method: "GET",
      url: githubUrl(connector, "/rate_limit"),
      headers: GITHUB_HEADERS,
    });
    if (answered.kind !== "answer")
      throw new TocsinError("unavailable", `GitHub does not answer (${answered.reason})`);
  };
  const secret = check && {
    what: "check: client secret",
    run: async () => await secretIn(ctx, check.client_secret_file),
  };
  return [{ what: "connect", run }, ...(secret ? [secret] : [])];
}
