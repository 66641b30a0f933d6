// api.github.com as its published description has it (POST /credentials/revoke, POST /applications/{client_id}/token, rate limits),
// in memory. It refuses what GitHub would refuse.
import { randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";
import { type FarSide, farSide, type Reply, type Seen } from "./far-side.ts";

export type Github = AsyncDisposable & {
  readonly url: string;
  readonly far: FarSide;
  readonly living: Set<string>;
  /** Of `kind`, well-formed, and living. */
  token(kind?: "gho" | "ghp" | "ghu"): string;
  /** Requests that each limit still allows. */
  readonly allows: { revoke: number; check: number };
  /** Says 202 and revokes nothing. */
  lies: boolean;
};

export const GITHUB_APP = { id: "Iv1.8a61f9b3a7aba766", secret: "app-secret" } as const;

export async function github(): Promise<Github> {
  const far = await farSide();
  const living = new Set<string>();
  const one: Github = {
    url: far.url,
    far,
    living,
    allows: { revoke: 60, check: 5_000 },
    lies: false,
    token: (kind = "gho") => {
      const token = tokenOf(kind);
      living.add(token);
      return token;
    },
    [Symbol.asyncDispose]: async () => await far[Symbol.asyncDispose](),
  };
  far.answer((seen) => answerOf(one, seen));
  return one;
}

function answerOf(to: Github, seen: Seen): Reply {
  if (seen.headers["user-agent"] === undefined || seen.method !== "POST") return { status: 403 };
  if (seen.path === "/credentials/revoke") return limited(to, "revoke", () => revoke(to, seen));
  if (seen.path === `/applications/${GITHUB_APP.id}/token`)
    return limited(to, "check", () => check(to, seen));
  return { status: 404 };
}

function limited(to: Github, what: "revoke" | "check", answer: () => Reply): Reply {
  const headers = {
    "x-ratelimit-remaining": "0",
    "x-ratelimit-reset": String(Math.ceil(Date.now() / 1000) + 90),
  };
  if (to.allows[what] <= 0) return { status: 403, headers };
  to.allows[what] -= 1;
  return answer();
}

function revoke(to: Github, seen: Seen): Reply {
  if (seen.headers.authorization !== undefined) return { status: 403 };
  const credentials = credentialsOf(seen.body);
  if (!credentials || credentials.length === 0 || credentials.length > 1_000)
    return { status: 422 };
  if (!credentials.every((token) => /^(gh[opu]_\w{36}|github_pat_\w{82}|ghr_\w{36,})$/.test(token)))
    return { status: 422 };
  if (!to.lies) for (const token of credentials) to.living.delete(token);
  return { status: 202, body: "{}" };
}

function credentialsOf(body: string): string[] | undefined {
  const parsed: unknown = JSON.parse(body);
  if (
    typeof parsed !== "object" ||
    parsed === null ||
    !("credentials" in parsed) ||
    !Array.isArray(parsed.credentials)
  )
    return undefined;
  const credentials: unknown[] = parsed.credentials;
  return credentials.every((token) => typeof token === "string") ? credentials : undefined;
}

function check(to: Github, seen: Seen): Reply {
  const basic = `Basic ${Buffer.from(`${GITHUB_APP.id}:${GITHUB_APP.secret}`).toString("base64")}`;
  if (seen.headers.authorization !== basic) return { status: 404 };
  const parsed: unknown = JSON.parse(seen.body);
  const token =
    typeof parsed === "object" && parsed !== null && "access_token" in parsed
      ? parsed.access_token
      : undefined;
  if (typeof token !== "string") return { status: 422 };
  return { status: /^gh[ou]_/.test(token) && to.living.has(token) ? 200 : 404 };
}

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

function tokenOf(kind: string): string {
  const random = [...randomBytes(30)].map((byte) => DIGITS[byte % 62] ?? "0").join("");
  let sum = "";
  for (let rest = crc32(random); sum.length < 6; rest = Math.floor(rest / 62))
    sum = (DIGITS[rest % 62] ?? "") + sum;
  return `${kind}_${random}${sum}`;
}
