// A given ClickHouse over HTTP. It never sees our files: they travel as bodies.
import { createReadStream, createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { ClickHouseLogLevel, createClient } from "@clickhouse/client";
import type { Secret } from "../core/secret.ts";
import { bindParams, identifier, quote } from "./click-bind.ts";
import { asClickError } from "./click-error.ts";
import { parseRows } from "./click-rows.ts";
import { CLICK_SETTINGS, settingsClause } from "./click-settings.ts";
import type { Click } from "./click.ts";

export type RemoteClickInput = { readonly url: Secret; readonly database: string };

// The client prints statements with what is in them; failures reach the caller as errors.
const SILENT = { level: ClickHouseLogLevel.OFF };

// Balancers between us drop a connection that says nothing for long: progress in the headers says something.
const ALIVE = {
  send_progress_in_http_headers: 1,
  http_headers_progress_interval_ms: "50000",
} as const;

/** Makes the database where it is not there. */
export async function openRemoteClick({ url, database }: RemoteClickInput): Promise<Click> {
  const start = createClient({ url: url.reveal(), log: SILENT });
  await start
    .command({ query: `create database if not exists ${identifier(database)}` })
    .catch(rethrow);
  await start.close();
  const client = createClient({
    url: url.reveal(),
    database,
    request_timeout: 3_600_000,
    log: SILENT,
    clickhouse_settings: { ...CLICK_SETTINGS, ...ALIVE },
  });
  const answer = async (query: string): Promise<Readable> =>
    (await client.exec({ query }).catch(rethrow)).stream;
  return {
    query: async (row, sql, params) => {
      const result = await client
        .query({ query: bindParams(sql, params), format: "JSONEachRow" })
        .catch(rethrow);
      return (await result.json()).map((one) => row.parse(one));
    },
    async *stream(row, sql, params) {
      yield* parseRows(row, await answer(`${bindParams(sql, params)} format JSONEachRow`));
    },
    command: async (sql, params) => {
      await client.command({ query: bindParams(sql, params) }).catch(rethrow);
    },
    load: async ({ into, select, path, format, structure, params, settings }) => {
      const source = `input(${quote(structure)})`;
      const query = `insert into ${into}${settingsClause(settings)} ${bindParams(select(source), params)} format ${format}`;
      const { stream } = await client
        .exec({ query, values: readAll(typeof path === "string" ? [path] : path) })
        .catch(rethrow);
      stream.resume();
    },
    unload: async ({ select, path, format, params }) => {
      const result = await answer(`${bindParams(select, params)} format ${format}`);
      await pipeline(result, createWriteStream(path, { flags: "wx", mode: 0o600 }));
    },
    close: async () => await client.close(),
  };
}

function readAll(paths: readonly string[]): Readable {
  const [first = "", ...others] = paths;
  if (others.length === 0) return readPlain(first);
  async function* all(): AsyncGenerator<Buffer> {
    for (const path of paths) yield* readPlain(path);
  }
  return Readable.from(all(), { objectMode: false });
}

function readPlain(path: string): Readable {
  const file = createReadStream(path);
  if (path.endsWith(".gz")) return file.pipe(createGunzip());
  return path.endsWith(".zst") ? file.pipe(createZstdDecompress()) : file;
}

function rethrow(error: unknown): never {
  throw asClickError(error);
}
