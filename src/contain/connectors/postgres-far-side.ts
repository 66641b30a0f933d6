import type postgres from "postgres";
import { connectPostgres } from "../../db/postgres-driver.ts";
import { postgresOptions } from "../../db/postgres-address.ts";
import {
  failureOfState,
  type KeyType,
  type SqlFarSide,
  type SqlFailure,
  type SqlResult,
} from "./sql-far-side.ts";
import { postgresText, type SqlStatement } from "./sql-statement.ts";

export type FarSideOptions = {
  readonly address: string;
  readonly timeoutMs: number;
  readonly connections: number;
};

/**
 * Opens nothing until it is asked. The keys go as one array literal whose type the server infers from the column it is
 * compared with, so an index on a bigint or uuid column serves.
 */
export function openPostgresFarSide(options: FarSideOptions): SqlFarSide {
  const sql = connectPostgres({
    ...postgresOptions(options.address),
    max: options.connections,
    fetch_types: false,
    connect_timeout: 10,
    idle_timeout: 60,
    onnotice: () => {},
    connection: { application_name: "tocsin" },
  });
  const limit = `set local statement_timeout = ${Math.trunc(options.timeoutMs)}`;
  return {
    describe: async (select) =>
      await attempt(async () => {
        const { types, columns } = await sql.unsafe(postgresText(select)).describe();
        return keyTypeOf(types[0], columns[0]?.type);
      }),
    parses: async (statement) =>
      await attempt(async () => {
        await sql.unsafe(postgresText(statement)).describe();
      }),
    select: async (statement, keys) =>
      await attempt(async () => {
        const found = await inOneGo(sql, `begin read only; ${limit}`, (session) =>
          execute(session, statement, keys).values(),
        );
        return found.map((row) => String(row[0]));
      }),
    run: async (statement, keys) =>
      await attempt(async () => {
        await inOneGo(sql, `begin; ${limit}`, (session) => execute(session, statement, keys));
      }),
    async [Symbol.asyncDispose]() {
      await sql.end({ timeout: 5 });
    },
  };
}

/**
 * A transaction in one round trip: its commit is sent behind the statement, and is a rollback where that fails. With a trip for each, 60
 * batches took 0.7 s more to find, do and read back (bench/sql.ts).
 */
async function inOneGo<Result>(
  sql: postgres.Sql,
  begin: string,
  statement: (session: postgres.ReservedSql) => PromiseLike<Result>,
): Promise<Result> {
  const session = await sql.reserve();
  try {
    const [begun, result, ended] = await Promise.allSettled([
      session.unsafe(begin),
      statement(session),
      session.unsafe("commit"),
    ]);
    if (begun.status === "rejected") throw begun.reason;
    if (result.status === "rejected") throw result.reason;
    if (ended.status === "rejected") throw ended.reason;
    return result.value;
  } finally {
    session.release();
  }
}

function execute(session: postgres.ReservedSql, statement: SqlStatement, keys: readonly string[]) {
  return session.unsafe(postgresText(statement), [arrayLiteral(keys)], { prepare: true });
}

/** `{"a","b"}` (8.15.6). A bound value: what is in it is data whatever it contains. */
function arrayLiteral(keys: readonly string[]): string {
  return `{${keys.map((key) => `"${key.replaceAll(/["\\]/g, "\\$&")}"`).join(",")}}`;
}

// Type oids of pg_type, which are fixed: int2, int4, int8 and their arrays; uuid and its array.
const INTEGERS = new Set([21, 23, 20, 1005, 1007, 1016]);
const UUIDS = new Set([2950, 2951]);

function keyTypeOf(parameter: number | undefined, column: number | undefined): KeyType {
  const types = [parameter ?? 0, column ?? 0];
  if (types.some((type) => INTEGERS.has(type))) return "integer";
  return types.some((type) => UUIDS.has(type)) ? "uuid" : "text";
}

async function attempt<Value>(work: () => Promise<Value>): Promise<SqlResult<Value>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    return failureOf(error);
  }
}

function failureOf(error: unknown): SqlFailure {
  if (error instanceof connectPostgres.PostgresError) return failureOfState(error.code);
  const code =
    error instanceof Error && "code" in error && typeof error.code === "string"
      ? error.code
      : undefined;
  if (code === undefined) throw error; // a bug of ours
  return { ok: false, kind: "unavailable", reason: code };
}
