// Example Cloud's own doors: sign-in, the image registry, and the internal service that owns automatic builds.
import { readFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type postgres from "postgres";
import { sha256Hex } from "../../core/digest.ts";
import { type Asked, type HttpDoor, jsonOf, openHttpDoor, type Told } from "./http-door.ts";
import { verifyPassword } from "./password-hashes.ts";

export type SiteInput = {
  readonly sql: postgres.Sql;
  /** Image manifests, as files. */
  readonly images: string;
  /** What the internal service asks for. */
  readonly token: string;
};

export const OFFICIAL_IMAGES = [
  "alpine", "busybox", "debian", "golang", "httpd", "mariadb", "memcached", "mysql", "nginx", "node", "postgres", "python",
  "redis", "ubuntu",
] as const; // prettier-ignore

/** Manifests made from the seed, as an image registry stores them. */
export async function makeImages(folder: string, seed: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of OFFICIAL_IMAGES) {
    const layers = [0, 1, 2].map((n) => ({
      mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
      digest: `sha256:${sha256Hex(`${seed}:${name}:${n}`)}`,
      size: 1_000_000 + n,
    }));
    const stored = {
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      layers,
    };
    await writeFile(join(folder, `${name}.json`), JSON.stringify(stored));
  }
}

export async function openSite(input: SiteInput): Promise<HttpDoor> {
  return await openHttpDoor(async (asked) => {
    const image = /^\/v2\/library\/([a-z]+)\/manifests\/latest$/.exec(asked.path)?.[1];
    if (image !== undefined) return await manifest(input, image);
    if (asked.method === "POST" && asked.path === "/sign-in") return await signIn(input, asked);
    return asked.path.startsWith("/internal/") ? await internal(input, asked) : { status: 404 };
  });
}

// The digest is taken over the stored bytes at each request: a changed manifest cannot hide behind an old one.
async function manifest({ images }: SiteInput, image: string): Promise<Told> {
  if (!OFFICIAL_IMAGES.some((name) => name === image)) return { status: 404 };
  const bytes = await readFile(join(images, `${image}.json`), "utf8");
  return {
    status: 200,
    headers: { "docker-content-digest": `sha256:${sha256Hex(bytes)}` },
    body: bytes,
  };
}

async function signIn({ sql }: SiteInput, asked: Asked): Promise<Told> {
  const body = jsonOf(asked.body);
  if (typeof body !== "object" || body === null || !("username" in body) || !("password" in body))
    return { status: 400 };
  const { username, password } = body;
  if (typeof username !== "string" || typeof password !== "string") return { status: 400 };
  const [row] = await sql<
    { hash: string | null }[]
  >`select password_hash as hash from accounts where username = ${username}`;
  const right = row?.hash ? await verifyPassword(sql, password, row.hash) : false;
  return right
    ? { status: 200, body: { signed_in: username } }
    : { status: 401, body: { error: "wrong name or password" } };
}

async function internal(input: SiteInput, asked: Asked): Promise<Told> {
  if (asked.headers.authorization !== `Bearer ${input.token}`) return { status: 401 };
  if (asked.method === "POST" && asked.path === "/internal/builds/unlink")
    return await unlink(input, asked);
  if (asked.method === "POST" && asked.path === "/internal/builds/linked")
    return await linked(input, asked);
  if (asked.method === "POST" && asked.path === "/internal/builds/open")
    return await notLinkedAgain(input, asked);
  return { status: 404 };
}

const MOST_ACCOUNTS = 1_000;

/** The ids in `{"accounts": [...]}`; undefined where it is something else. */
function accountsIn(asked: Asked): string[] | undefined {
  const body = jsonOf(asked.body);
  const accounts =
    typeof body === "object" && body !== null && "accounts" in body ? body.accounts : undefined;
  if (!Array.isArray(accounts) || accounts.length > MOST_ACCOUNTS) return undefined;
  return accounts.map(String);
}

const NO_ACCOUNTS: Told = { status: 422, body: { error: "accounts: 1 to 1000 ids" } };

async function unlink({ sql }: SiteInput, asked: Asked): Promise<Told> {
  const ids = accountsIn(asked);
  if (!ids) return NO_ACCOUNTS;
  const done = await sql`
    update builds set linked = false, unlinked_at = now()
    where account_id = any(${ids}::bigint[]) and linked and relinked_at is null`;
  return { status: 200, body: { unlinked: done.count } };
}

/** Which of them still have a build with the link that leaked. */
async function linked({ sql }: SiteInput, asked: Asked): Promise<Told> {
  const ids = accountsIn(asked);
  if (!ids) return NO_ACCOUNTS;
  const rows = await sql<{ id: string }[]>`
    select distinct account_id::text as id from builds
    where account_id = any(${ids}::bigint[]) and linked and relinked_at is null`;
  return { status: 200, body: rows.map((row) => row.id) };
}

/** Which of them have not linked every build again. */
async function notLinkedAgain({ sql }: SiteInput, asked: Asked): Promise<Told> {
  const ids = accountsIn(asked);
  if (!ids) return NO_ACCOUNTS;
  const rows = await sql<{ id: string }[]>`
    select distinct account_id::text as id from builds
    where account_id = any(${ids}::bigint[]) and relinked_at is null`;
  return { status: 200, body: rows.map((row) => row.id) };
}
