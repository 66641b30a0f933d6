// Logs from files into the organisation's events, each a source of its own. Not live streams (../ingest), nor evidence, which is read from its
// sealed copy.
import { createHash, type Hash } from "node:crypto";
import { resolve } from "node:path";
import { z } from "zod";
import { Key } from "../../config/words.ts";
import { TocsinError } from "../../core/errors.ts";
import { parse } from "../../core/parse.ts";
import { requireScope } from "../../core/scope.ts";
import type { Context } from "../../db/context.ts";
import { privateFolder } from "../../evidence/private-folder.ts";
import { subrequest } from "../../ledger/request-key.ts";
import { write } from "../../ledger/write.ts";
import type { Format } from "../format.ts";
import { formatOf } from "../formats.ts";
import { listInputs, type LogInput, type Unread } from "../list-inputs.ts";
import { logFormat } from "../own-format.ts";
import { type LogReport, readLogs, type ReadSource } from "../read-logs.ts";
import { s3Inputs } from "../s3-inputs.ts";
import { sourceLock } from "./source-lock.ts";

export const IngestLogsInput = z.strictObject({
  paths: z
    .array(z.string().min(1))
    .default([])
    .describe("files, folders and patterns; by default what tocsin.yaml names under logs"),
  log: Key.optional().describe("the log of tocsin.yaml that they are of, or the only one to read"),
  format: z.string().optional().describe("of all of them, where their content does not tell it"),
  zone: z.string().optional().describe("of times that name none; UTC by default"),
  name: z
    .string()
    .regex(/^[\w.-]{1,100}$/, "use letters, digits, dots, dashes and _, at most 100")
    .optional()
    .describe("what to call the one file there is, which came by standard input"),
});

type Ways = {
  readonly log: string | undefined;
  readonly format: Format | undefined;
  readonly zone: string;
};

/**
 * Reads each file and replaces what was there of it. If we crash, each source is as it was before or as it was read, and reading it again
 * makes the record of it whole; nothing is there twice.
 * @throws TocsinError `invalid` for a log or a format that there is none of, `conflict` where one is being read by another
 */
export async function ingestLogs(
  ctx: Context,
  input: z.input<typeof IngestLogsInput>,
): Promise<LogReport> {
  requireScope(ctx.actor, "events:write");
  const { paths, log, format, zone, name } = parse(IngestLogsInput, input);
  const jobs = jobsOf(ctx, { paths, log });
  await clearLeftovers(ctx);
  const sources: ReadSource[] = [];
  const unread: Unread[] = [];
  for (const one of jobs) {
    const ways = waysOf(ctx, { log: one.log, format, zone });
    await using folder = await privateFolder(ctx.folder);
    const listed = await listInputs({
      paths: one.paths,
      from: ctx.folder.root,
      standardInput: refused,
      s3: async (address) => await s3Inputs(await ctx.click(), { address, folder: folder.path }),
    });
    unread.push(...listed.unread);
    for (const file of listed.inputs) {
      const report = await ingestOne(
        ctx,
        name === undefined ? file : { ...file, name: `stdin:${name}`, path: `stdin:${name}` },
        ways,
      );
      sources.push(...report.sources);
      unread.push(...report.unread);
    }
  }
  return { sources, unread };
}

// What a reading that crashed had gathered, and nobody gathers now.
async function clearLeftovers(ctx: Context): Promise<void> {
  const click = await ctx.click();
  const left = await click.query(
    z.object({ source: z.string() }),
    `select distinct source from (select source from events_reading union all select source from events_dated) where match(source, '^(/|s3:|stdin:)')`,
  );
  for (const { source } of left) {
    const lock = await sourceLock(ctx, source).catch(unlessRead);
    if (lock === undefined) continue;
    for (const table of ["events_reading", "events_dated"])
      await click.command(`alter table ${table} drop partition {source:String}`, { source });
    await lock[Symbol.asyncDispose]();
  }
}

function unlessRead(error: unknown): undefined {
  if (!(error instanceof TocsinError && error.code === "conflict")) throw error;
}

// A verb may run in a server: what is typed at a terminal comes to it as a file.
function refused(): never {
  throw new TocsinError("invalid", "standard input is read by the command, not by the server");
}

type Job = { readonly log: string | undefined; readonly paths: readonly string[] };

function jobsOf(
  { organisation, folder }: Context,
  { paths, log }: { paths: readonly string[]; log: string | undefined },
): Job[] {
  if (paths.length > 0) return [{ log, paths }];
  const jobs = Object.entries(organisation.logs)
    .filter(([name, { files }]) => files !== undefined && (log === undefined || name === log))
    .map(([name, { files = [] }]) => ({
      log: name,
      paths: [files].flat().map((path) => resolved(folder.root, path)),
    }));
  if (jobs.length > 0) return jobs;
  throw new TocsinError(
    "invalid",
    log === undefined
      ? "name the logs: files, folders or patterns; tocsin.yaml names none under logs"
      : `tocsin.yaml names no files of a log ${log}`,
  );
}

function resolved(root: string, path: string): string {
  return path.startsWith("s3://") ? path : resolve(root, path);
}

type Said = {
  readonly log: string | undefined;
  readonly format: string | undefined;
  readonly zone: string | undefined;
};

function waysOf(ctx: Context, { log, format, zone }: Said): Ways {
  const settings = log === undefined ? {} : ctx.organisation.logs[log];
  if (settings === undefined) throw new TocsinError("invalid", `tocsin.yaml has no log ${log}`);
  const given = format === undefined ? undefined : formatOf(format);
  if (format !== undefined && given === undefined)
    throw new TocsinError("invalid", `there is no format ${format}: docs/logs.md lists them`);
  return {
    log,
    format: given ?? logFormat(log ?? "", settings),
    zone: zone ?? settings.zone ?? "UTC",
  };
}

async function ingestOne(ctx: Context, input: LogInput, ways: Ways): Promise<LogReport> {
  const source = input.path ?? input.name;
  await using held = new AsyncDisposableStack();
  held.use(await sourceLock(ctx, source));
  const folder = held.use(await privateFolder(ctx.folder));
  const hash = createHash("sha256");
  const bytes = { packed: 0 };
  const report = await readLogs(await ctx.click(), {
    inputs: [{ ...input, open: () => hashed(input.open(), { hash, bytes }) }],
    sourceOf: () => source,
    ...(ways.format ? { format: ways.format } : {}),
    zone: ways.zone,
    now: ctx.clock.now(),
    folder: folder.path,
    progress: ctx.progress,
    signal: ctx.signal,
  });
  const [read] = report.sources;
  if (read)
    await record(subrequest(ctx, `log/${source}`), {
      read,
      ways,
      sha256: hash.digest("hex"),
      bytes: bytes.packed,
    });
  return report;
}

async function* hashed(
  chunks: AsyncIterable<Buffer>,
  { hash, bytes }: { hash: Hash; bytes: { packed: number } },
): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    hash.update(chunk);
    bytes.packed += chunk.length;
    yield chunk;
  }
}

type Recorded = {
  readonly read: ReadSource;
  readonly ways: Ways;
  readonly sha256: string;
  readonly bytes: number;
};

async function record(ctx: Context, { read, ways, sha256, bytes }: Recorded): Promise<void> {
  const { source, format, records, broken, repaired, timeless } = read;
  await write<void>(ctx, "events:write", async (tx) => {
    await tx`
      insert into log_sources (source, log, format, zone, bytes, sha256, records, broken, repaired, timeless, first, last, damage, read_at, read_by)
      values (${source}, ${ways.log ?? null}, ${format}, ${ways.zone}, ${bytes}, ${sha256}, ${records}, ${broken}, ${repaired}, ${timeless},
        ${read.first ?? null}, ${read.last ?? null}, ${read.damage ?? null}, ${ctx.clock.now()}, ${ctx.actor.name})
      on conflict (source) do update set log = excluded.log, format = excluded.format, zone = excluded.zone, bytes = excluded.bytes,
        sha256 = excluded.sha256, records = excluded.records, broken = excluded.broken, repaired = excluded.repaired, timeless = excluded.timeless,
        first = excluded.first, last = excluded.last, damage = excluded.damage, read_at = excluded.read_at, read_by = excluded.read_by,
        looked_at = case when (log_sources.sha256, log_sources.format, log_sources.zone) = (excluded.sha256, excluded.format, excluded.zone)
          then log_sources.looked_at end`;
    const body = {
      source,
      log: ways.log ?? null,
      format,
      zone: ways.zone,
      bytes,
      sha256,
      records,
      broken,
      repaired,
      timeless,
      damage: read.damage ?? null,
    };
    return { result: undefined, entry: { kind: "log.ingested", body } };
  });
}
