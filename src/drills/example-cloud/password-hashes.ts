// Password hashes as companies have them after years: real ones, of real passwords, at the least cost that each format
// allows (bcrypt 4, Argon2id 8 KiB, sha512crypt 1,000 rounds), so that a drill's company is made in a minute.
import { argon2Sync, createHash, timingSafeEqual } from "node:crypto";
import type postgres from "postgres";
import { sha256 } from "../../core/digest.ts";

export const HASH_FORMATS = ["bcrypt", "argon2id", "sha512crypt", "sha1"] as const;
export type HashFormat = (typeof HASH_FORMATS)[number];

/** Of 1,000 accounts. Unsalted SHA-1 is what a company's oldest customers still have. */
const SHARES = { bcrypt: 900, argon2id: 50, sha512crypt: 30, sha1: 20 } as const satisfies Record<
  HashFormat,
  number
>;

/** @returns 1,000 formats, as often as each occurs */
export function hashFormats(): HashFormat[] {
  return HASH_FORMATS.flatMap((format) => Array.from({ length: SHARES[format] }, () => format));
}

/** A password that a drill knows. Never a person's: it is made from the seed. */
export function drillPassword(seed: number, n: number): string {
  return sha256(`${seed}:password:${n}`).toString("base64url").slice(0, 14);
}

/** Hashes each password in its format; bcrypt and sha512crypt by Postgres's pgcrypto, which Node lacks. */
export async function hashPasswords(
  sql: postgres.Sql,
  seed: number,
  wanted: readonly { readonly password: string; readonly format: HashFormat }[],
): Promise<string[]> {
  const salts = wanted.map(({ format }, n) => crypted[format]?.(saltOf(seed, n)) ?? null);
  const rows = await sql<{ hash: string | null }[]>`
    select case when salt is not null then crypt(password, salt) end as hash
    from unnest(${wanted.map(({ password }) => password)}::text[], ${salts}::text[]) with ordinality as t (password, salt, n)
    order by n`;
  return wanted.map(
    ({ password, format }, n) => rows[n]?.hash ?? hashHere(format, password, saltOf(seed, n)),
  );
}

// 22 letters of bcrypt's own base 64; the last carries two bits only.
const bcryptSalt = (salt: string): string => `$2a$04$${salt.slice(0, 21)}O`;
const crypted: Partial<Record<HashFormat, (salt: string) => string>> = {
  bcrypt: bcryptSalt,
  sha512crypt: (salt) => `$6$rounds=1000$${salt.slice(0, 16)}$`,
};

function saltOf(seed: number, n: number): string {
  return sha256(`${seed}:salt:${n}`).toString("hex").slice(0, 22);
}

function hashHere(format: HashFormat, password: string, salt: string): string {
  return format === "sha1" ? sha1(password) : argon2id(password, Buffer.from(salt));
}

function sha1(password: string): string {
  return createHash("sha1").update(password).digest("hex");
}

function argon2id(password: string, nonce: Buffer): string {
  const tag = argon2Sync("argon2id", {
    message: password,
    nonce,
    parallelism: 1,
    tagLength: 32,
    memory: 8,
    passes: 1,
  });
  return `$argon2id$v=19$m=8,t=1,p=1$${base64(nonce)}$${base64(tag)}`;
}

function base64(bytes: Buffer): string {
  return bytes.toString("base64").replaceAll("=", "");
}

/** Whether the password is the hash's, in any of the formats. */
export async function verifyPassword(
  sql: postgres.Sql,
  password: string,
  hash: string,
): Promise<boolean> {
  if (hash.startsWith("$2") || hash.startsWith("$6$")) {
    const [row] = await sql<
      { same: boolean }[]
    >`select crypt(${password}, ${hash}) = ${hash} as same`;
    return row?.same === true;
  }
  const nonce = /^\$argon2id\$[^$]+\$[^$]+\$([^$]+)\$/.exec(hash)?.[1];
  const made =
    nonce === undefined ? sha1(password) : argon2id(password, Buffer.from(nonce, "base64"));
  return made.length === hash.length && timingSafeEqual(Buffer.from(made), Buffer.from(hash));
}
