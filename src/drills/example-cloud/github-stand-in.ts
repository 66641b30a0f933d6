// GitHub, as far as a breach needs it, after its published description: bulk revocation
// (https://docs.github.com/en/rest/credentials/revoke) and an app's check of its own tokens
// (https://docs.github.com/en/rest/apps/oauth-applications#check-a-token), with their limits
// (https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api). Its clock runs `timesFaster`.
import type postgres from "postgres";
import { sha256Hex } from "../../core/digest.ts";
import { isGithubToken } from "./github-token.ts";
import { type Asked, type HttpDoor, jsonOf, openHttpDoor, type Told } from "./http-door.ts";

export type GithubInput = {
  /** Holds `github.token`, its own store. */
  readonly sql: postgres.Sql;
  readonly timesFaster: number;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly now?: () => number;
};

const HOUR_MS = 3_600_000;
const REVOCATIONS_AN_HOUR = 60;
const CHECKS_AN_HOUR = 5_000;
const CREDENTIALS_A_REQUEST = 1_000;
/** 202 promises it; it happens a moment later. */
const REVOKED_AFTER_MS = 300;
const SECONDARY_AT = 5;
const SECONDARY_SECONDS = 2;

type Limit = { readonly name: string; readonly anHour: number; windowStart: number; used: number };

/** Answers as api.github.com would. */
export async function openGithub(input: GithubInput): Promise<HttpDoor> {
  const limits = {
    revoke: { name: "core", anHour: REVOCATIONS_AN_HOUR, windowStart: 0, used: 0 } satisfies Limit,
    check: { name: "core", anHour: CHECKS_AN_HOUR, windowStart: 0, used: 0 } satisfies Limit,
  };
  let revocations = 0;
  return await openHttpDoor(async (asked) => {
    const wrong = problemOfHeaders(asked);
    if (wrong) return wrong;
    if (asked.method === "POST" && asked.path === "/credentials/revoke") {
      revocations += 1;
      const second = revocations === SECONDARY_AT;
      return second
        ? secondaryLimit()
        : await limited(limits.revoke, input, async () => await revoke(input, asked));
    }
    if (asked.method === "POST" && /^\/applications\/[^/]+\/token$/.test(asked.path)) {
      return await limited(limits.check, input, async () => await check(input, asked));
    }
    return { status: 404, body: { message: "Not Found" } };
  });
}

// Requests without a User-Agent are refused, as are versions that do not exist.
function problemOfHeaders({ headers }: Asked): Told | undefined {
  if (!headers["user-agent"])
    return {
      status: 403,
      body: {
        message:
          "Request forbidden by administrative rules. Please make sure your request has a User-Agent header",
      },
    };
  const version = headers["x-github-api-version"];
  if (version !== undefined && version !== "2022-11-28" && version !== "2026-03-10") {
    return { status: 400, body: { message: "Unsupported API version" } };
  }
  return undefined;
}

function secondaryLimit(): Told {
  return {
    status: 429,
    headers: { "retry-after": String(SECONDARY_SECONDS) },
    body: {
      message:
        "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
    },
  };
}

async function limited(limit: Limit, input: GithubInput, act: () => Promise<Told>): Promise<Told> {
  const now = (input.now ?? Date.now)();
  const windowMs = HOUR_MS / input.timesFaster;
  if (now - limit.windowStart >= windowMs) Object.assign(limit, { windowStart: now, used: 0 });
  const spent = limit.used >= limit.anHour;
  if (!spent) limit.used += 1;
  const headers = {
    "x-ratelimit-limit": String(limit.anHour),
    "x-ratelimit-remaining": String(limit.anHour - limit.used),
    "x-ratelimit-used": String(limit.used),
    "x-ratelimit-reset": String(Math.ceil((limit.windowStart + windowMs) / 1_000)),
    "x-ratelimit-resource": limit.name,
  };
  if (spent)
    return { status: 403, headers, body: { message: "API rate limit exceeded for 127.0.0.1." } };
  const told = await act();
  return { ...told, headers: { ...headers, ...told.headers } };
}

async function revoke({ sql }: GithubInput, { headers, body }: Asked): Promise<Told> {
  // "Any authenticated requests will return a 403."
  if (headers.authorization !== undefined) return { status: 403, body: { message: "Forbidden" } };
  if (!/^application\/json\b/.test(headers["content-type"] ?? ""))
    return { status: 415, body: { message: "Unsupported Media Type" } };
  const credentials = credentialsOf(jsonOf(body));
  if (!credentials) return { status: 400, body: { message: "Problems parsing JSON" } };
  const errors = problemsOf(credentials);
  if (errors.length > 0) return { status: 422, body: { message: "Validation Failed", errors } };
  const digests = credentials.map((token) => sha256Hex(token));
  await sql`
    update github.token set revoked_at = now() + ${REVOKED_AFTER_MS} * interval '1 millisecond'
    where digest in (select decode(hex, 'hex') from unnest(${digests}::text[]) hex) and revoked_at is null`;
  return { status: 202, body: {} };
}

function credentialsOf(body: unknown): string[] | undefined {
  if (
    typeof body !== "object" ||
    body === null ||
    !("credentials" in body) ||
    !Array.isArray(body.credentials)
  )
    return undefined;
  const found: unknown[] = body.credentials;
  return found.every((token) => typeof token === "string") ? found : undefined;
}

// Stricter than the description, which leaves open what one unknown credential does to the other 999: it refuses all.
function problemsOf(credentials: readonly string[]): string[] {
  if (credentials.length === 0) return ["credentials: at least 1 is needed"];
  if (credentials.length > CREDENTIALS_A_REQUEST)
    return [`credentials: ${credentials.length} are more than 1000`];
  const wrong = credentials.findIndex(
    (token) => !isGithubToken(token) && !/^github_pat_\w{82}$/.test(token),
  );
  return wrong === -1 ? [] : [`credentials/${wrong}: is not a valid credential`];
}

async function check({ sql, clientId, clientSecret }: GithubInput, asked: Asked): Promise<Told> {
  const basic = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`;
  const app = asked.path.split("/")[2];
  if (asked.headers.authorization !== basic || app !== clientId)
    return { status: 404, body: { message: "Not Found" } };
  const body = jsonOf(asked.body);
  const token =
    typeof body === "object" && body !== null && "access_token" in body
      ? body.access_token
      : undefined;
  if (typeof token !== "string" || token === "") {
    return {
      status: 422,
      body: {
        message: "Validation Failed",
        errors: [{ field: "access_token", code: "missing_field" }],
      },
    };
  }
  // Only the app's own tokens can be checked with its secret; a personal one (ghp_) is not found, dead or alive.
  const [row] = token.startsWith("gho_")
    ? await sql<{ login: string }[]>`
        select login from github.token where digest = decode(${sha256Hex(token)}, 'hex') and (revoked_at is null or revoked_at > clock_timestamp())`
    : [];
  return row
    ? { status: 200, body: { token, app: { client_id: clientId }, user: { login: row.login } } }
    : { status: 404, body: { message: "Not Found" } };
}
