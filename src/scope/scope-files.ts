// `tocsin scope`: who is in these files, with a registry from a file and a ClickHouse that goes with the answer. Not evidence of an
// incident: nothing is sealed, nothing is kept.
import { closeSync, mkdirSync, openSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { RegistrySource } from "../config/registry-schema.ts";
import type { Progress } from "../core/progress.ts";
import type { Click } from "../db/click.ts";
import { readDocuments, type ReadDocuments } from "../documents/read-documents.ts";
import { oneAhead } from "../registry/one-ahead.ts";
import { putPlaces } from "./places.sql.ts";
import { labelOf, type RecognisedColumn, recogniseColumns } from "./recognise-columns.ts";
import { dropTables, makeTables, putExposures, scopeTables, tableNames } from "./scope-tables.ts";
import { subjectSql } from "./match.sql.ts";

export type FileInput = { readonly name: string; readonly path: string; readonly bytes: number };

export type ScopeFilesInput = {
  readonly files: readonly FileInput[];
  readonly registries: readonly RegistrySource[];
  /** By column: a data category, or `ignore`. */
  readonly corrections: Readonly<Record<string, string>>;
  /** Whether addresses outside the registry are kept beside their subjects, to be shown. */
  readonly values: boolean;
  /** Private, and empty. */
  readonly folder: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
};

export type ScopedFiles = Pick<ReadDocuments, "unread" | "unlisted" | "setAside" | "documents"> & {
  readonly files: readonly { readonly name: string; readonly kind: string | null }[];
  readonly columns: readonly (Omit<RecognisedColumn, "column"> & {
    readonly column: string;
    readonly rows: number;
  })[];
  readonly rows: number;
  readonly texts: number;
};

/** Exposures lie under it in `exposures`. */
export const FILES = "files";

/** What stands in a text without anybody it could be of, and addresses of people outside the registry. */
export const FOUND_TABLES = [
  "create table found_alone (evidence LowCardinality(String), locator UInt64, category LowCardinality(String)) engine = MergeTree order by category",
  "create table found_addresses (subject UUID, address String) engine = ReplacingMergeTree order by subject",
];

/** Yields as it goes; everything is in ClickHouse when it ends. */
export async function* scopeFiles(
  click: Click,
  input: ScopeFilesInput,
): AsyncGenerator<ScopedFiles> {
  for (const sql of FOUND_TABLES) await click.command(sql);
  for await (const { batch, number, read, folder } of oneAhead(readBatches(input))) {
    input.signal.throwIfAborted();
    yield await scopeBatch(click, input, { batch, number, read });
    rmSync(folder, { recursive: true, force: true });
  }
}

// One child reads so many: it takes 0.1 s to start, and what it read lies on the disk until it is matched.
const MOST_FILES = 200;
const MOST_BYTES = 256 << 20;

type Batch = {
  readonly batch: readonly FileInput[];
  readonly number: number;
  readonly read: ReadDocuments;
};

async function* readBatches(input: ScopeFilesInput): AsyncGenerator<Batch & { folder: string }> {
  let done = 0;
  const of = input.files.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const [index, batch] of batches(input.files).entries()) {
    input.progress({ what: "read documents", done, of, unit: "bytes" });
    const number = index + 1;
    const folder = join(input.folder, `batch-${number}`);
    mkdirSync(folder, { mode: 0o700 });
    const fds = batch.map(({ path }) => openSync(path, "r"));
    try {
      const documents = batch.map(({ name, bytes }, at) => ({ name, bytes, open: fds[at] ?? -1 }));
      const read = await readDocuments({ documents, folder, signal: input.signal });
      yield { batch, number, read, folder };
    } finally {
      for (const fd of fds) closeSync(fd);
    }
    done += batch.reduce((sum, { bytes }) => sum + bytes, 0);
  }
}

function batches(files: readonly FileInput[]): FileInput[][] {
  const found: FileInput[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const file of files) {
    const last = found.at(-1);
    bytes += file.bytes;
    if (last && last.length < MOST_FILES && bytes <= MOST_BYTES) last.push(file);
    else {
      found.push([file]);
      bytes = file.bytes;
    }
  }
  return found;
}

async function scopeBatch(
  click: Click,
  input: ScopeFilesInput,
  { batch, number, read }: Batch,
): Promise<ScopedFiles> {
  const evidence = `batch-${number}`;
  const { corrections, registries } = input;
  const columns = new Map(
    read.tables.map((table) => [
      table,
      table.prose ? [] : recogniseColumns({ table, corrections, registries }),
    ]),
  );
  const tables = tableNames(FILES, evidence);
  await makeTables(click, tables);
  try {
    await putPlaces(click, { incident: FILES, evidence, path: read.places });
    await scopeTables(click, {
      tables,
      columns,
      incident: FILES,
      evidence,
      act: "exposed",
      sure: "confirmed",
      registry: undefined,
      progress: input.progress,
      staged: async () => await keepFound(click, { evidence, tables, values: input.values }),
    });
    await putExposures(click, tables, { incident: FILES, evidence });
  } finally {
    await dropTables(click, tables);
  }
  const { unread, unlisted, setAside, documents } = read;
  return {
    unread,
    unlisted,
    setAside,
    documents,
    files: batch.map(({ name }, at) => ({ name, kind: read.kinds[at] ?? null })),
    columns: [...columns].flatMap(([table, found]) =>
      found.map((one) => ({ ...one, column: labelOf(table, one.column), rows: table.rows })),
    ),
    rows: countOf(read, false),
    texts: countOf(read, true),
  };
}

function countOf({ tables }: ReadDocuments, prose: boolean): number {
  return tables.reduce(
    (sum, table) => sum + ((table.prose ?? false) === prose ? table.rows : 0),
    0,
  );
}

type Keep = {
  readonly evidence: string;
  readonly tables: ReturnType<typeof tableNames>;
  readonly values: boolean;
};

async function keepFound(click: Click, { evidence, tables, values }: Keep): Promise<void> {
  await click.command(
    `insert into found_alone select {evidence:String}, place, arrayJoin(beside).1 from ${tables.staged} where length(mentions) != 1 and empty(ids)`,
    { evidence },
  );
  if (!values) return;
  for (const from of [tables.staged, tables.mentioned])
    await click.command(
      `insert into found_addresses select distinct ${subjectSql("address")}, address from ${from} where address != ''`,
    );
}
