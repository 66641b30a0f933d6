import { createPool, type FieldPacket, type PoolConnection } from "mysql2/promise";
import { TocsinError } from "../../core/errors.ts";
import type { FarSideOptions } from "./postgres-far-side.ts";
import { failureOfState, type KeyType, type SqlFarSide, type SqlFailure, type SqlResult } from "./sql-far-side.ts";
import { mysqlText, type SqlStatement } from "./sql-statement.ts";

/**
 * MySQL and MariaDB. Keys are bound one by one with the server's own prepared statements. Where the column is a number they are
 * cast on the server: compared as text with a number, MySQL turns both into floating point, and two ids above 2^53 become one.
 */
export function openMysqlFarSide(options: FarSideOptions): SqlFarSide {
  const pool = createPool({
    ...mysqlOptions(options.address),
    connectionLimit: options.connections,
    connectTimeout: 10_000,
    idleTimeout: 60_000,
    supportBigNumbers: true,
    bigNumberStrings: true,
    multipleStatements: false,
    maxPreparedStatements: 16,
  });
  let bound: Promise<Bound> | undefined;
  const within = async <Value>(work: (connection: PoolConnection) => Promise<Value>): Promise<SqlResult<Value>> => {
    try {
      const connection = await pool.getConnection();
      return await inTransaction(connection, work);
    } catch (error) {
      return failureOf(error);
    }
  };
  const query = async (connection: PoolConnection, statement: SqlStatement, keys: readonly (string | null)[], how: string) => {
    const sql = mysqlText(statement, keys.length, how);
    return await connection.execute({ sql, rowsAsArray: true, timeout: options.timeoutMs }, [...keys]);
  };
  const boundAs = async (connection: PoolConnection, statement: SqlStatement): Promise<Bound> =>
    boundOf((await query(connection, statement, [null], "?"))[1][0]);
  return {
    describe: async (select) =>
      await within(async (connection) => {
        await connection.query("start transaction read only");
        const found = await boundAs(connection, select);
        bound = Promise.resolve(found);
        return found.type;
      }),
    parses: async (statement) =>
      await within(async (connection) => {
        const prepared = await connection.prepare(mysqlText(statement, 1, "?"));
        await prepared.close();
      }),
    select: async (statement, keys) =>
      await within(async (connection) => {
        await connection.query("start transaction read only");
        bound ??= boundAs(connection, statement);
        const [rows] = await query(connection, statement, keys, (await bound).how);
        return firstColumn(rows);
      }),
    run: async (statement, keys) =>
      await within(async (connection) => {
        if (!bound) throw new TypeError("describe the key column before anything is changed");
        const { how } = await bound;
        await connection.query("start transaction");
        await query(connection, statement, keys, how);
      }),
    async [Symbol.asyncDispose]() {
      await pool.end();
    },
  };
}

/** A connection that failed is closed, not reused: the server rolls back what it had open. */
async function inTransaction<Value>(
  connection: PoolConnection,
  work: (connection: PoolConnection) => Promise<Value>,
): Promise<SqlResult<Value>> {
  try {
    const value = await work(connection);
    await connection.query("commit");
    connection.release();
    return { ok: true, value };
  } catch (error) {
    connection.destroy();
    throw error;
  }
}

type Bound = { readonly type: KeyType; readonly how: string };

// Column types of the protocol: tiny, short, long, longlong, int24; and the flag UNSIGNED.
const INTEGERS = new Set([1, 2, 3, 8, 9]);
const UNSIGNED = 32;

function boundOf(column: FieldPacket | undefined): Bound {
  if (!column || !INTEGERS.has(column.columnType ?? -1)) return { type: "text", how: "?" };
  const unsigned = typeof column.flags === "number" && (column.flags & UNSIGNED) !== 0;
  return { type: "integer", how: `cast(? as ${unsigned ? "unsigned" : "signed"})` };
}

function firstColumn(rows: unknown): string[] {
  if (!Array.isArray(rows)) throw new TocsinError("incompatible", "a statement that should select keys selects nothing");
  return rows.map((row: unknown) => String(Array.isArray(row) ? row[0] : row));
}

/** `mysql://user:password@host:port/database?socket=/run/mysqld/mysqld.sock&ssl=required`. */
function mysqlOptions(address: string): Parameters<typeof createPool>[0] & object {
  const url = URL.parse(address.replace("@/", "@localhost/"));
  if (!url || !/^(mysql|mariadb):$/.test(url.protocol)) {
    throw new TocsinError("invalid", "a mysql address starts with mysql:// and names user, host and database");
  }
  const socket = url.searchParams.get("socket");
  const secure = url.searchParams.get("ssl") === "required";
  return {
    ...(socket === null ? { host: url.hostname, port: Number(url.port || "3306") } : { socketPath: socket }),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)),
    ...(secure && { ssl: { rejectUnauthorized: true } }),
  };
}

// Errors whose SQLSTATE says less than their number does (MySQL 8 and MariaDB error references).
const FORBIDDEN = new Set([1044, 1045, 1142, 1143, 1227, 1370]);
const LATER = new Set([1205, 1213, 1317, 1969, 3024, 1297]);
const UNAVAILABLE = new Set([1040, 1053, 1080, 1152, 1158, 1159, 1160, 1161, 1203, 1226]);

function failureOf(error: unknown): SqlFailure {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") throw error;
  const number = "errno" in error && typeof error.errno === "number" ? error.errno : 0;
  const reason = error.code;
  if (reason === "PROTOCOL_SEQUENCE_TIMEOUT" || LATER.has(number)) return { ok: false, kind: "later", reason };
  if (FORBIDDEN.has(number)) return { ok: false, kind: "forbidden", reason };
  const state = "sqlState" in error && typeof error.sqlState === "string" ? error.sqlState : undefined;
  if (state === undefined || UNAVAILABLE.has(number)) return { ok: false, kind: "unavailable", reason };
  return failureOfState(state);
}
