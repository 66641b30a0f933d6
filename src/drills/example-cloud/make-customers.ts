// Makes Example Cloud's customers: the accounts database before the breach.
import type postgres from "postgres";
import { drillPassword, hashFormats, hashPasswords } from "./password-hashes.ts";
import {
  ACCESS,
  INDEXES,
  insertAccounts,
  insertSessions,
  insertTenants,
  SCHEMA,
} from "./customers.sql.ts";
import {
  COUNTRIES,
  type Country,
  type Culture,
  CULTURES,
  type CultureName,
  MAILBOXES,
  TAIL,
  typed,
  written,
} from "./people.ts";

export const CUSTOMERS = 3_800_000;

export type MakeInput = { readonly seed: number; readonly customers: number };

/** Needs an empty database and two connections. 3.8 million customers: see docs/decisions. */
export async function makeCustomers(
  sql: postgres.Sql,
  { seed, customers }: MakeInput,
): Promise<void> {
  await sql.unsafe(SCHEMA).simple();
  await sql.unsafe(insertTenants(customers));
  await fillWords(sql);
  await fillPasswords(sql, { seed, customers });
  await sql.unsafe(
    "analyze truth.culture_word, truth.country_bucket, truth.mailbox, truth.password_pool",
  );
  const half = Math.ceil(customers / 2);
  const insert = (from: number, to: number): string =>
    insertAccounts({ seed, from, to, all: customers });
  await Promise.all([sql.unsafe(insert(1, half)), sql.unsafe(insert(half + 1, customers))]);
  await Promise.all(INDEXES.map((statement) => sql.unsafe(statement)));
  await sql.unsafe(insertSessions(seed));
  await sql.unsafe("create index sessions_account on sessions (account_id)");
  await sql.unsafe(ACCESS).simple();
}

/** Words are repeated up to 64 a list, so that a hash picks one by its low bits. */
const WORDS = 64;

async function fillWords(sql: postgres.Sql): Promise<void> {
  const rows = Object.values<Culture>(CULTURES).flatMap((culture, index) =>
    (["given", "family"] as const).flatMap((part) =>
      Array.from({ length: WORDS }, (_, n) => {
        const word = culture[part][n % culture[part].length] ?? "";
        return { culture: index, part, n, word: written(word), typed: typed(word) };
      }),
    ),
  );
  await sql`insert into truth.culture_word ${sql(rows)}`;
  const buckets = countryBuckets();
  for (let from = 0; from < buckets.length; from += 2_000) {
    await sql`insert into truth.country_bucket ${sql(buckets.slice(from, from + 2_000))}`;
  }
  const mailboxes = MAILBOXES.flatMap(([domain, share]) =>
    Array.from({ length: share }, () => domain),
  );
  await sql`insert into truth.mailbox ${sql(mailboxes.map((domain, n) => ({ n, domain })))}`;
}

const NAMES = Object.keys(CULTURES);
const BUCKETS = 10_000;

function countryBuckets() {
  const large = COUNTRIES.flatMap((country) =>
    Array.from({ length: country.share }, (_, n) => bucketOf(country, n)),
  );
  const tail = Array.from({ length: BUCKETS - large.length }, (_, n) =>
    bucketOf(tailCountry(n), n),
  );
  return [...large, ...tail].map((bucket, n) => ({ n, ...bucket }));
}

const TAIL_CULTURES: readonly CultureName[] = ["en", "es", "fr", "ar", "nordic", "hi"];

function tailCountry(n: number): Country {
  const culture = TAIL_CULTURES[n % TAIL_CULTURES.length] ?? "en";
  return {
    code: TAIL[n % TAIL.length] ?? "LU",
    share: 1,
    culture,
    languages: [["en", 1]],
    phone: ["+999", 8],
  };
}

function bucketOf(country: Country, n: number) {
  const culture: Culture = CULTURES[country.culture];
  return {
    country: country.code,
    culture: NAMES.indexOf(country.culture),
    family_first: culture.familyFirst === true,
    language: pick(country.languages, n * 7) ?? "en",
    region: country.regions ? pick(country.regions, n * 11) : null,
    phone: country.phone[0],
    digits: country.phone[1],
  };
}

/** The n-th of the shares, laid end to end and repeated. */
function pick(shares: readonly (readonly [string, number])[], n: number): string | null {
  let at = n % shares.reduce((sum, [, share]) => sum + share, 0);
  for (const [value, share] of shares) {
    if (at < share) return value;
    at -= share;
  }
  return null;
}

// Of each format as many real hashes as a hundredth of the customers, at most its share of 1,000; each is then used again.
async function fillPasswords(sql: postgres.Sql, { seed, customers }: MakeInput): Promise<void> {
  const formats = hashFormats();
  const distinct = Math.min(formats.length, Math.max(10, Math.round(customers / 100)));
  const kinds = [...new Set(formats)];
  const wanted = kinds.flatMap((format) =>
    Array.from(
      { length: Math.min(distinct, formats.filter((one) => one === format).length) },
      (_, n) => ({
        format,
        password: drillPassword(seed, n),
      }),
    ),
  );
  const hashes = await hashPasswords(sql, seed, wanted);
  const pool = formats.map((format, n) => {
    const own = hashes.filter((_, at) => wanted[at]?.format === format);
    return { n, hash: own[n % own.length] ?? "" };
  });
  await sql`insert into truth.password_pool ${sql(pool)}`;
}
