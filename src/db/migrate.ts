// Forward only, in order, under one lock of the database, each in a transaction of its own with the line that says so.
import type postgres from "postgres";
import { z } from "zod";
import { TocsinError } from "../core/errors.ts";
import type { Click } from "./click.ts";
import { knownMigrations, type Migration } from "./migrations.ts";
import type { Postgres } from "./postgres.ts";

type Applied = { readonly number: number; readonly name: string; readonly digest: string };

// Any number will do that nobody else takes: "tocsin" as ASCII.
const LOCK = "128034578270574";

/** @throws TocsinError `incompatible` where the schema is newer than this program, or was made by other migrations */
export async function migratePostgres(
  db: Postgres,
  migrations = knownMigrations("postgres"),
): Promise<void> {
  await withMigrationLock(db, async (sql) => {
    await sql`
      create table if not exists schema_migrations (
        number int primary key,
        name text not null,
        digest text not null,
        applied_at timestamptz not null default now()
      )`;
    const applied = await sql<
      Applied[]
    >`select number, name, digest from schema_migrations order by number`;
    for (const migration of missing("postgres", migrations, applied)) {
      await apply(sql, migration);
    }
  });
}

async function apply(
  sql: postgres.ReservedSql,
  { number, name, sql: text, digest }: Migration,
): Promise<void> {
  await sql`begin`;
  try {
    await sql.unsafe(text);
    await sql`insert into schema_migrations (number, name, digest) values (${number}, ${name}, ${digest})`;
    await sql`commit`;
  } catch (error) {
    await sql`rollback`;
    throw error;
  }
}

/** As `migratePostgres`, under the same lock. ClickHouse has no transactions: its migrations are written to be repeatable. */
export async function migrateClick(
  db: Postgres,
  click: Click,
  migrations = knownMigrations("clickhouse"),
): Promise<void> {
  await withMigrationLock(db, async () => await migrateClickAlone(click, migrations));
}

/** As `migrateClick`, of a ClickHouse that nobody else has. */
export async function migrateClickAlone(
  click: Click,
  migrations = knownMigrations("clickhouse"),
): Promise<void> {
  await click.command(`
    create table if not exists schema_migrations (number UInt32, name String, digest String, applied_at DateTime default now())
    engine = MergeTree order by number`);
  const applied = await click.query(
    AppliedRow,
    "select number, name, digest from schema_migrations order by number",
  );
  for (const migration of missing("clickhouse", migrations, applied)) {
    for (const statement of statements(migration.sql)) await click.command(statement);
    const { number, name, digest } = migration;
    await click.command(
      "insert into schema_migrations (number, name, digest) select {number:UInt32}, {name:String}, {digest:String}",
      { number, name, digest },
    );
  }
}

const AppliedRow = z.object({ number: z.number(), name: z.string(), digest: z.string() });

// A session lock on a connection of its own: a crash frees it, and two programs that start together wait for each other.
async function withMigrationLock(
  db: Postgres,
  work: (sql: postgres.ReservedSql) => Promise<void>,
): Promise<void> {
  const sql = await db.write.reserve();
  try {
    await sql`select pg_advisory_lock(${LOCK}::bigint)`;
    try {
      await work(sql);
    } finally {
      await sql`select pg_advisory_unlock(${LOCK}::bigint)`;
    }
  } finally {
    sql.release();
  }
}

function missing(
  store: string,
  known: readonly Migration[],
  applied: readonly Applied[],
): Migration[] {
  for (const [index, { name, digest }] of applied.entries()) {
    const ours = known[index];
    if (!ours) {
      throw new TocsinError(
        "incompatible",
        `${store} has the schema of a newer Tocsin (${name}): use that one`,
      );
    }
    if (ours.name !== name || ours.digest !== digest) {
      throw new TocsinError(
        "incompatible",
        `${store} was made with another ${name}: this program cannot use it`,
      );
    }
  }
  return known.slice(applied.length);
}

/** Statements end with a semicolon at the end of a line: the HTTP interface takes one at a time. */
function statements(sql: string): string[] {
  return sql
    .split(/;[ \t]*(?:\n|$)/)
    .map((statement) => statement.trim())
    .filter((statement) => statement.replaceAll(/--[^\n]*/g, "").trim() !== "");
}
