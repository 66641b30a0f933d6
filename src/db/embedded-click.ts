// ClickHouse inside this process. Its adapter under `@clickhouse/client` holds whole results in memory, so only small
// ones go through it; large ones stream on a connection of their own or go from file to file without passing us.
import { basename, dirname, join } from "node:path";
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from "@clickhouse/client";
import { createChdbConnection } from "chdb/connection";
import { bindParams, identifier, quote } from "./click-bind.ts";
import { type EngineInput, openEngine } from "./click-engine.ts";
import { asClickError } from "./click-error.ts";
import { parseRows } from "./click-rows.ts";
import { CLICK_SETTINGS, settingsClause } from "./click-settings.ts";
import type { Click } from "./click.ts";
import { openPool } from "./pool.ts";

export type EmbeddedClickInput = EngineInput & {
  readonly database: string;
  readonly readers?: number;
};

/** Makes the database where it is not there. Writes go one after the other; reads run beside them. */
export async function openEmbeddedClick(input: EmbeddedClickInput): Promise<Click> {
  const engine = await openEngine(input);
  const connect = async (): Promise<ClickHouseClient> =>
    await openConnection(input.path, input.database);
  const readers = openPool(connect, input.readers ?? 3);
  const writers = openPool(connect, 1);
  const run = async (query: string): Promise<void> =>
    await writers.use(async (client) => {
      await givingBack(client, async () => await client.command({ query }).catch(rethrow));
    });
  return {
    query: async (row, sql, params) =>
      await readers.use(async (client) => {
        const query = bindParams(sql, params);
        const result = await givingBack(
          client,
          async () => await client.query({ query, format: "JSONEachRow" }).catch(rethrow),
        );
        return (await result.json()).map((one) => row.parse(one));
      }),
    async *stream(row, sql, params) {
      const session = engine.connect();
      try {
        session.query(`use ${identifier(input.database)}; ${SET}, max_block_size = 1024`);
        const chunks = session.queryStream(bindParams(sql, params), { format: "JSONEachRow" });
        yield* parseRows(row, raw(chunks));
      } catch (error) {
        rethrow(error);
      } finally {
        session.close();
      }
    },
    command: async (sql, params) => await run(bindParams(sql, params)),
    load: async ({ into, select, path, format, structure, params, settings }) => {
      const source = `file(${quote(patternOf(path))}, ${quote(format)}, ${quote(structure)})`;
      await run(
        `insert into ${into} ${bindParams(select(source), params)}${settingsClause(settings)}`,
      );
    },
    unload: async ({ select, path, format, params }) => {
      const target = `insert into function file(${quote(path)}, ${quote(format)})`;
      const query = `${target} ${bindParams(select, params)}`;
      await readers.use(async (client) => {
        await givingBack(client, async () => await client.command({ query }).catch(rethrow));
      });
    },
    close: async () => {
      await Promise.all([readers.close(), writers.close()]);
      await engine.release();
    },
  };
}

// A statement that ran this long may have used much memory, which the engine's allocator keeps for ten seconds and more.
const LONG_MS = 100;

/** Memory goes back to the system: planning for 3.8 million accounts ends at 370 MB instead of 730 (4 ms each time). */
async function givingBack<Result>(
  client: ClickHouseClient,
  statement: () => Promise<Result>,
): Promise<Result> {
  const began = performance.now();
  const result = await statement();
  if (performance.now() - began > LONG_MS)
    await client.command({ query: "system jemalloc purge" }).catch(rethrow);
  return result;
}

const SET = `set ${Object.entries(CLICK_SETTINGS)
  .map(([name, value]) => `${name} = ${typeof value === "number" ? value : quote(value)}`)
  .join(", ")}`;

async function openConnection(path: string, database: string): Promise<ClickHouseClient> {
  const client = createClient({
    connection: asConnection(createChdbConnection({ path })),
    log: { level: ClickHouseLogLevel.OFF },
  });
  await client.command({ query: `create database if not exists ${identifier(database)}` });
  await client.command({ query: `use ${identifier(database)}` });
  await client.command({ query: SET });
  return client;
}

type ClientConnection = NonNullable<NonNullable<Parameters<typeof createClient>[0]>["connection"]>;

// The same interface from two copies of one package (the client bundles its own), which private members keep apart.
function asConnection(connection: ReturnType<typeof createChdbConnection>): ClientConnection {
  return connection as unknown as ClientConnection;
}

async function* raw(chunks: AsyncIterable<{ raw(): Uint8Array }>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield chunk.raw();
}

function patternOf(path: string | readonly string[]): string {
  if (typeof path === "string") return path;
  const [first = ""] = path;
  return join(dirname(first), `{${path.map((one) => basename(one)).join(",")}}`);
}

function rethrow(error: unknown): never {
  throw asClickError(error);
}
