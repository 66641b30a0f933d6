// A Postgres query as a source: one COPY in the order of the key, cut into pages as it comes, in one snapshot a process.
import type postgres from "postgres";
import { z } from "zod";
import type { Json } from "../core/canonical.ts";
import { TocsinError } from "../core/errors.ts";
import { connectPostgres } from "../db/postgres-driver.ts";
import { postgresOptions } from "../db/postgres-address.ts";
import { copyPages, type RowsWanted } from "./copy-pages.ts";
import type { ReadInput, Source } from "./source.ts";
import { asSourceFailure } from "./source-failure.ts";

/** Commits become visible later than the times they carry: a refresh looks so far back before the last one's newest change. */
const OVERLAP = "10 minutes";
const TIMES = new Set([1114, 1184]); // timestamp, timestamptz

type Session = { readonly sql: postgres.Sql; readonly types: ReadonlyMap<string, number> };

export function openPostgresSource(from: {
  readonly address: string;
  readonly query: string;
  readonly who: string;
}): Source {
  const query = from.query.trim().replace(/;\s*$/, "");
  let opened: Promise<Session> | undefined;
  const session = async (): Promise<Session> =>
    await (opened ??= openSession(from.address, query, from.who));
  return {
    incremental: true,
    columns: async () => [...(await session()).types.keys()],
    version: async () => await snapshot((await session()).sql),
    goesOn: async () => await Promise.resolve(true),
    async *pages(input) {
      const { sql, types } = await session();
      const since = conditionOf(input, types);
      const read = (wanted: RowsWanted): AsyncIterable<Buffer> =>
        copy(sql, select(query, input, `${since} and ${wantedSql(input.key, wanted)}`));
      yield* copyPages(read, input);
    },
    probe: async (input) => {
      const { sql, types } = await session();
      await sql
        .unsafe(`${select(query, input, conditionOf(input, types))} limit 10`)
        .catch((error: unknown) => {
          throw asSourceFailure(error);
        });
    },
    [Symbol.asyncDispose]: async () => {
      const found = await opened?.catch(() => undefined);
      await found?.sql.end({ timeout: 1 });
    },
  };
}

// One connection, one repeatable-read snapshot: every statement on it sees the same version of the source.
async function openSession(address: string, query: string, who: string): Promise<Session> {
  const sql = connectPostgres({
    ...postgresOptions(address),
    max: 1,
    idle_timeout: 0,
    connect_timeout: 10,
    max_lifetime: null,
    fetch_types: false,
    onnotice: () => {},
    connection: {
      application_name: `tocsin ${who}`,
      TimeZone: "UTC",
      DateStyle: "ISO, YMD",
      client_encoding: "UTF8",
      default_transaction_read_only: true,
    },
  });
  try {
    await sql`begin isolation level repeatable read read only`.simple();
    const { columns } = await sql.unsafe(query).describe();
    return { sql, types: new Map(columns.map((column) => [column.name, column.type])) };
  } catch (error) {
    await sql.end({ timeout: 1 });
    throw asSourceFailure(error);
  }
}

const SnapshotRow = z.object({ snapshot: z.string(), at: z.string(), database: z.string() });

async function snapshot(sql: postgres.Sql): Promise<Json> {
  const [row] = await sql`
    select pg_current_snapshot()::text as snapshot, current_database()::text as database,
      to_char(transaction_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at`;
  return { system: "postgres", ...SnapshotRow.parse(row) };
}

type SelectInput = Pick<ReadInput, "columns" | "key" | "changed" | "since">;

function select(query: string, { columns, key }: SelectInput, condition: string): string {
  const texts = columns.map((column) => `q.${name(column)}::text`);
  return `select ${texts.join(", ")} from (${query}) as q where ${condition} order by q.${name(key)}`;
}

function conditionOf({ changed, since }: SelectInput, types: ReadonlyMap<string, number>): string {
  if (changed === undefined || since === undefined) return "true";
  const late = TIMES.has(types.get(changed) ?? 0);
  return `q.${name(changed)} >= ${literal(since)}${late ? `::timestamptz - interval '${OVERLAP}'` : ""}`;
}

function wantedSql(key: string, wanted: RowsWanted): string {
  if (wanted === "without a key") return `q.${name(key)} is null`;
  return wanted.after === undefined
    ? `q.${name(key)} is not null`
    : `q.${name(key)} > ${literal(wanted.after)}`;
}

async function* copy(sql: postgres.Sql, text: string): AsyncGenerator<Buffer> {
  try {
    const stream = await sql.unsafe(`copy (${text}) to stdout`).readable();
    for await (const piece of stream) yield piece as Buffer; // a stream without encoding gives buffers
  } catch (error) {
    throw asSourceFailure(error);
  }
}

function name(column: string): string {
  return `"${column.replaceAll('"', '""')}"`;
}

function literal(text: string): string {
  if (text.includes("\0"))
    throw new TocsinError("invalid", "a change mark of the source holds a NUL");
  return `'${text.replaceAll("'", "''")}'`; // standard_conforming_strings is on by default since 9.1
}
