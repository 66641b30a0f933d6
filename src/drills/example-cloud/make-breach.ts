// The breach of Example Cloud: who is in the dumps, the credentials in them, and the files that arrive.
import { createWriteStream } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createZstdCompress } from "node:zlib";
import type postgres from "postgres";
import { drillPassword, HASH_FORMATS, hashPasswords } from "./password-hashes.ts";
import {
  chooseWithdrawn, closeAndRemember, firstDump, insertLinks, type LeakSizes, makeDeadAddresses, makeLeak, markPeople, secondDump,
  withdrawnRows,
} from "./leak.sql.ts"; // prettier-ignore

export type BreachInput = {
  readonly seed: number;
  readonly size: LeakSizes;
  /** Gets dump.csv.zst, dump-2.csv.zst, withdrawn.csv.zst, db-audit.ndjson.zst and canaries.csv. */
  readonly folder: string;
};

/** Rows of the first dump that no reader can make an account of. */
export const BROKEN_ROWS = [
  "jdoe,jdoe@freemail.example\n", // cut short
  'x,"a","b","c","d","e","f","g","h"\n', // too many
  "\u0000\ufffd\ufffd,,,,,\n",
] as const;

/** Draws the leak, plants canaries and credentials, writes the files, closes some accounts, remembers every row. */
export async function makeBreach(
  sql: postgres.Sql,
  { seed, size, folder }: BreachInput,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await sql.unsafe(makeLeak(seed, size)).simple();
  await sql.unsafe(markPeople(seed)).simple();
  await plantCanaries(sql, seed, folder);
  await sql.unsafe(makeDeadAddresses(seed)).simple();
  await sql.unsafe(chooseWithdrawn(seed, size)).simple();
  await sql.unsafe(insertLinks(seed)).simple();
  await sql
    .unsafe("analyze accounts, links, builds, sessions, truth.leak, truth.dead_address")
    .simple();
  await writeDumps(sql, size, folder);
  await writeAuditLog(size, folder);
  await sql.unsafe(closeAndRemember).simple();
  await sql.unsafe("alter table truth.before add primary key (id)");
}

// The company's own test accounts, in every hash format, with passwords that it knows.
async function plantCanaries(sql: postgres.Sql, seed: number, folder: string): Promise<void> {
  const rows = await sql<{ account: string; username: string }[]>`
    select l.account, a.username from truth.leak l join accounts a on a.id = l.account where canary order by pos`;
  const wanted = rows.map((_, n) => ({
    password: drillPassword(seed, 10_000 + n),
    format: HASH_FORMATS[n % HASH_FORMATS.length] ?? "bcrypt",
  }));
  const hashes = await hashPasswords(sql, seed + 1, wanted);
  for (const [n, { account, username }] of rows.entries()) {
    await sql`update accounts set password_hash = ${hashes[n] ?? null} where id = ${account}`;
    await sql`insert into truth.canary values (${account}, ${username}, ${wanted[n]?.password ?? ""})`;
  }
  const lines = rows.map(
    ({ account, username }, n) => `${account},${username},${wanted[n]?.password ?? ""}\n`,
  );
  await writeFile(join(folder, "canaries.csv"), ["key,username,password\n", ...lines].join(""), {
    mode: 0o600,
  });
}

async function writeDumps(sql: postgres.Sql, size: LeakSizes, folder: string): Promise<void> {
  const third = Math.ceil(size.affected / 3);
  const parts = [0, third, 2 * third].map((from, n) => ({
    query: firstDump(from, Math.min(from + third, size.affected)),
    broken: BROKEN_ROWS[n] ?? "",
  }));
  await writeCsv(sql, parts, join(folder, "dump.csv.zst"));
  await writeCsv(sql, [{ query: secondDump, broken: "" }], join(folder, "dump-2.csv.zst"));
  await writeCsv(sql, [{ query: withdrawnRows, broken: "" }], join(folder, "withdrawn.csv.zst"));
}

type Part = { readonly query: string; readonly broken: string };

async function writeCsv(sql: postgres.Sql, parts: readonly Part[], path: string): Promise<void> {
  await pipeline(
    Readable.from(csv(sql, parts)),
    createZstdCompress(),
    createWriteStream(path, { mode: 0o600 }),
  );
}

// By cursor: the driver's COPY stream leaves its socket paused where the last chunk filled the buffer.
async function* csv(sql: postgres.Sql, parts: readonly Part[]): AsyncGenerator<string> {
  for (const [n, { query, broken }] of parts.entries()) {
    let header = n === 0;
    for await (const rows of sql.unsafe<Record<string, string | null>[]>(query).cursor(5_000)) {
      const lines = rows.map((row) => csvLine(Object.values(row)));
      if (header && rows[0]) lines.unshift(csvLine(Object.keys(rows[0])));
      header = false;
      yield lines.join("");
    }
    yield broken;
  }
}

function csvLine(fields: readonly (string | null)[]): string {
  return `${fields.map((field) => (/[",\n]/.test(field ?? "") ? `"${field?.replaceAll('"', '""')}"` : (field ?? ""))).join(",")}\n`;
}

async function writeAuditLog(size: LeakSizes, folder: string): Promise<void> {
  const lines = Array.from({ length: 600 }, (_, n) => auditLine(n, size));
  const path = join(folder, "db-audit.ndjson.zst");
  await pipeline(
    Readable.from(lines),
    createZstdCompress(),
    createWriteStream(path, { mode: 0o600 }),
  );
}

// Ordinary queries of the application, and between 16:40 and 17:10 the one that was not.
function auditLine(n: number, size: LeakSizes): string {
  const time = new Date(Date.UTC(2019, 3, 25, 16, 30) + n * 5_000).toISOString();
  const stolen = n === 187;
  return `${JSON.stringify({
    time,
    user: stolen ? "reporting_ro" : "app",
    src_ip: stolen ? "198.51.100.23" : "10.0.4.17",
    statement: stolen
      ? "copy (select user_name, email, password_hash, … from users …) to stdout"
      : "select … where id = $1",
    rows: stolen ? size.affected : 1,
  })}\n`;
}
