import { createPool, type FieldPacket, type PoolConnection } from "mysql2/promise";
import { z } from "zod";
import { TocsinError } from "../../core/errors.ts";
import type { FarSideOptions } from "./postgres-far-side.ts";
import {
  failureOfState,
  type KeyType,
  type SqlFarSide,
  type SqlFailure,
  type SqlResult,
} from "./sql-far-side.ts";
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
  const within: Within = async (work) => {
    try {
      return await inTransaction(await pool.getConnection(), work);
    } catch (error) {
      return failureOf(error);
    }
  };
  return {
    ...statementsOver(within, options.timeoutMs),
    [Symbol.asyncDispose]: async () => await pool.end(),
  };
}

type Within = <Value>(
  work: (connection: PoolConnection) => Promise<Value>,
) => Promise<SqlResult<Value>>;
type Query = {
  readonly statement: SqlStatement;
  readonly keys: readonly (string | null)[];
  readonly how: string;
};

function statementsOver(
  within: Within,
  timeout: number,
): Omit<SqlFarSide, typeof Symbol.asyncDispose> {
  let bound: Bound | undefined;
  const query = async (connection: PoolConnection, { statement, keys, how }: Query) =>
    await connection.execute(
      { sql: mysqlText(statement, keys.length, how), rowsAsArray: true, timeout },
      [...keys],
    );
  const learn = async (connection: PoolConnection, statement: SqlStatement): Promise<Bound> => {
    const [, columns] = await query(connection, { statement, keys: [null], how: "?" });
    return (bound ??= boundOf(columns[0]));
  };
  return {
    describe: async (select) =>
      await within(async (connection) => {
        await connection.query("start transaction read only");
        return (await learn(connection, select)).type;
      }),
    parses: async (statement) =>
      await within(async (connection) => {
        const prepared = await connection.prepare(mysqlText(statement, 1, "?"));
        await prepared.close();
      }),
    select: async (statement, keys) =>
      await within(async (connection) => {
        await connection.query("start transaction read only");
        const { how } = bound ?? (await learn(connection, statement));
        const [rows] = await query(connection, { statement, keys, how });
        return firstColumn(rows);
      }),
    run: async (statement, keys) =>
      await within(async (connection) => {
        if (!bound) throw new TypeError("describe the key column before anything is changed");
        await connection.query("start transaction");
        await query(connection, { statement, keys, how: bound.how });
      }),
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
  if (!Array.isArray(rows))
    throw new TocsinError("incompatible", "a statement that should select keys selects nothing");
  return rows.map((row: unknown) => String(Array.isArray(row) ? row[0] : row));
}

/** `mysql://user:password@host:port/database?socket=/run/mysqld/mysqld.sock&ssl=required`. */
function mysqlOptions(address: string): Parameters<typeof createPool>[0] & object {
  const url = URL.parse(address.replace("@/", "@localhost/"));
  if (!url || !/^(mysql|mariadb):$/.test(url.protocol)) {
    throw new TocsinError(
      "invalid",
      "a mysql address starts with mysql:// and names user, host and database",
    );
  }
  const socket = url.searchParams.get("socket") ?? url.searchParams.get("socketPath");
  const secure = url.searchParams.get("ssl") === "required";
  return {
    ...(socket === null
      ? { host: url.hostname, port: Number(url.port || "3306") }
      : { socketPath: socket }),
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

const Coded = z.object({
  code: z.string(),
  errno: z.number().default(0),
  sqlState: z.string().optional(),
});

function failureOf(error: unknown): SqlFailure {
  const coded = Coded.safeParse(error);
  if (!coded.success) throw error; // a bug of ours
  const { code: reason, errno, sqlState } = coded.data;
  if (reason === "PROTOCOL_SEQUENCE_TIMEOUT" || LATER.has(errno))
    return { ok: false, kind: "later", reason };
  if (FORBIDDEN.has(errno)) return { ok: false, kind: "forbidden", reason };
  if (sqlState === undefined || UNAVAILABLE.has(errno))
    return { ok: false, kind: "unavailable", reason };
  return failureOfState(sqlState);
}
