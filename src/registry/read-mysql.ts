// A MySQL or MariaDB query as a source: rows streamed in the order of the key, in one consistent snapshot a process.
import { createConnection, type Connection } from "mysql2";
import type { Json } from "../core/canonical.ts";
import { TocsinError } from "../core/errors.ts";
import { copyPages, type RowsWanted } from "./copy-pages.ts";
import type { ReadInput, Source } from "./source.ts";
import { asSourceFailure } from "./source-failure.ts";

const PIECE_ROWS = 500;
/** Commits become visible later than the times they carry: a refresh looks so far back before the last one's newest change. */
const OVERLAP = "10 minute";

type Session = {
  readonly connection: Connection;
  readonly columns: ReadonlyMap<string, number>;
  readonly at: string;
};

export function openMysqlSource(from: {
  readonly address: string;
  readonly query: string;
}): Source {
  const query = from.query.trim().replace(/;\s*$/, "");
  let opened: Promise<Session> | undefined;
  const session = async (): Promise<Session> => await (opened ??= openSession(from.address, query));
  return {
    incremental: true,
    columns: async () => [...(await session()).columns.keys()],
    version: async (): Promise<Json> => ({ system: "mysql", at: (await session()).at }),
    goesOn: async () => await Promise.resolve(true),
    async *pages(input) {
      const { connection, columns } = await session();
      const numeric = NUMERIC.has(columns.get(input.key) ?? -1);
      yield* copyPages(
        (wanted) => stream(connection, select({ query, numeric }, input, wanted)),
        input,
      );
    },
    probe: async (input) => {
      const { connection } = await session();
      const { sql, params } = select({ query, numeric: false }, input, { after: undefined });
      await rows(connection, `${sql} limit 10`, params);
    },
    [Symbol.asyncDispose]: async () => {
      const found = await opened?.catch(() => undefined);
      found?.connection.destroy();
    },
  };
}

async function openSession(address: string, query: string): Promise<Session> {
  const connection = createConnection({
    ...mysqlOptions(address),
    timezone: "Z",
    dateStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
    charset: "utf8mb4",
    rowsAsArray: true,
    connectTimeout: 10_000,
  });
  connection.on("error", () => {}); // the query that runs is told
  try {
    await rows(connection, "set session time_zone = '+00:00'");
    await rows(connection, "set session transaction isolation level repeatable read");
    await rows(connection, "start transaction with consistent snapshot, read only");
    const [[at] = []] = await rows(
      connection,
      "select date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%fZ')",
    );
    const columns = await columnsOf(connection, `select * from (${query}) as q limit 0`);
    return { connection, columns, at: String(at) };
  } catch (error) {
    connection.destroy();
    throw asSourceFailure(error);
  }
}

/** `mysql://user:password@host:port/database`, or with `?socketPath=/run/mysqld/mysqld.sock`. */
export function mysqlOptions(address: string) {
  const url = URL.parse(
    address.replace("@/", "@localhost/").replace(/^(\w+):\/\/\//, "$1://localhost/"),
  );
  if (!url || !/^(mysql|mariadb):$/.test(url.protocol)) {
    throw new TocsinError(
      "invalid",
      "a MySQL address starts with mysql:// and names user, host and database",
    );
  }
  const socketPath = url.searchParams.get("socketPath") ?? url.searchParams.get("socket");
  return {
    ...(socketPath === null
      ? { host: url.hostname, port: Number(url.port || "3306") }
      : { socketPath }),
    user: url.searchParams.get("user") ?? decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)),
    ...(url.searchParams.get("ssl") === "true" ? { ssl: {} } : {}),
  };
}

type Statement = { readonly sql: string; readonly params: readonly string[] };

// Decimal, the integers, new decimal: compared with a text they would be rounded to a double.
const NUMERIC = new Set([0, 1, 2, 3, 8, 9, 246]);

type Asked = { readonly query: string; readonly numeric: boolean };

function select(
  { query, numeric }: Asked,
  input: Pick<ReadInput, "columns" | "key" | "changed" | "since">,
  wanted: RowsWanted,
): Statement {
  const { columns, key, changed, since } = input;
  const conditions: string[] = [];
  const params: string[] = [];
  if (changed !== undefined && since !== undefined) {
    const isTime = /^\d{4}-\d\d-\d\d \d\d:/.test(since);
    conditions.push(
      `q.${name(changed)} >= ${isTime ? `cast(? as datetime(6)) - interval ${OVERLAP}` : "?"}`,
    );
    params.push(since);
  }
  if (wanted === "without a key") conditions.push(`q.${name(key)} is null`);
  else if (wanted.after === undefined) conditions.push(`q.${name(key)} is not null`);
  else if (numeric && /^-?\d+$/.test(wanted.after))
    conditions.push(`q.${name(key)} > ${wanted.after}`);
  else {
    conditions.push(`q.${name(key)} > ?`);
    params.push(wanted.after);
  }
  const texts = columns.map((column) => `q.${name(column)}`);
  const sql = `select ${texts.join(", ")} from (${query}) as q where ${conditions.join(" and ")} order by q.${name(key)}`;
  return { sql, params };
}

function name(column: string): string {
  return `\`${column.replaceAll("`", "``")}\``;
}

async function* stream(connection: Connection, { sql, params }: Statement): AsyncGenerator<Buffer> {
  try {
    const found = connection.query(sql, [...params]).stream({ highWaterMark: PIECE_ROWS });
    let lines: string[] = [];
    for await (const row of found) {
      lines.push(line(row));
      if (lines.length === PIECE_ROWS) {
        yield Buffer.from(lines.join(""));
        lines = [];
      }
    }
    if (lines.length > 0) yield Buffer.from(lines.join(""));
  } catch (error) {
    throw asSourceFailure(error);
  }
}

const ESCAPED: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "\t": "\\t",
  "\n": "\\n",
  "\r": "\\r",
  "\0": "\\0",
};

/** As COPY's text format writes it. */
function line(row: unknown): string {
  if (!Array.isArray(row)) throw new TypeError("rows come as arrays");
  return `${row.map((value) => textOf(value).replaceAll(/[\\\t\n\r\0]/g, (char) => ESCAPED[char] ?? char)).join("\t")}\n`;
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "string") return value;
  if (Buffer.isBuffer(value)) return value.length === 1 ? String(value[0]) : value.toString("utf8"); // bit(1) is MySQL's truth value
  return typeof value === "number" || typeof value === "boolean"
    ? String(value)
    : JSON.stringify(value);
}

async function rows(
  connection: Connection,
  sql: string,
  params: readonly string[] = [],
): Promise<unknown[][]> {
  return await new Promise((resolve, reject) => {
    connection.query(sql, [...params], (error, result) => {
      if (error) reject(asSourceFailure(error));
      else resolve(Array.isArray(result) ? result.filter((row) => Array.isArray(row)) : []);
    });
  });
}

/** Names and MySQL's type numbers. */
async function columnsOf(connection: Connection, sql: string): Promise<Map<string, number>> {
  return await new Promise((resolve, reject) => {
    connection.query(sql, (error, _rows, fields) => {
      if (error) reject(asSourceFailure(error));
      else resolve(new Map(fields.map((field) => [field.name, field.type ?? -1])));
    });
  });
}
