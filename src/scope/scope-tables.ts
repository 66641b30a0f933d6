// Tables of a dump or of documents into exposures, a slice of rows at a time. Needs nothing but ClickHouse.
import { z } from "zod";
import { sha256Hex } from "../core/digest.ts";
import type { Progress } from "../core/progress.ts";
import type { Click } from "../db/click.ts";
import type { DumpTable } from "../evidence/dump/dump.ts";
import { HITS_COLUMNS, hitsSql, matchSql } from "./match.sql.ts";
import type { RecognisedColumn } from "./recognise-columns.ts";
import {
  kindsOf,
  MENTIONED_KINDS,
  mentionedSql,
  STAGED,
  STAGED_COLUMNS,
  stageProseSql,
  stageSql,
  structureOf,
} from "./stage.sql.ts";

export type Tables = {
  readonly staged: string;
  readonly mentioned: string;
  readonly hits: string;
  readonly made: string;
};

export type ScopeTablesInput = {
  readonly tables: Tables;
  readonly columns: ReadonlyMap<DumpTable, readonly RecognisedColumn[]>;
  readonly incident: string;
  readonly evidence: string;
  readonly act: string;
  readonly sure: string;
  /** The only one to match with; all of them where it is undefined. */
  readonly registry: string | undefined;
  readonly progress: Progress;
  /** Is called while rows are staged, before they are replaced by the next ones. */
  readonly staged?: (tables: Tables) => Promise<void>;
};

/** Rows staged in memory at once: 500,000 take 75 MB, and their join 125 MB (bench/scope.ts). */
const SLICE = 500_000;

/** Writes into `tables.made`. Small tables are matched together: a statement costs more than their rows. */
export async function scopeTables(click: Click, input: ScopeTablesInput): Promise<void> {
  const { tables } = input;
  const pending = { rows: 0, kinds: new Set<string>() };
  const flush = async (): Promise<void> => {
    if (pending.rows > 0) await matchStaged(click, input, [...pending.kinds]);
    for (const one of [tables.staged, tables.mentioned])
      await click.command(`truncate table ${one}`);
    pending.rows = 0;
    pending.kinds.clear();
  };
  for (const [table, columns] of input.columns) {
    for (let after = table.before; after < table.last; after += SLICE) {
      const rows = Math.min(SLICE, table.last - after);
      if (pending.rows + rows > SLICE) await flush();
      report(input, table, after);
      await stage(click, tables, { table, columns, after });
      pending.rows += rows;
      if (!table.prose) for (const kind of kindsOf(columns)) pending.kinds.add(kind);
    }
  }
  await flush();
}

function report({ evidence, progress }: ScopeTablesInput, table: DumpTable, after: number): void {
  progress({
    what: `scope ${evidence}`,
    done: after - table.before,
    of: table.last - table.before,
    unit: table.prose ? "texts" : "rows",
  });
}

type Slice = {
  readonly table: DumpTable;
  readonly columns: readonly RecognisedColumn[];
  readonly after: number;
};

async function stage(
  click: Click,
  { staged }: Tables,
  { table, columns, after }: Slice,
): Promise<void> {
  const slice = { after, limit: SLICE };
  await click.load({
    into: `${staged} (${STAGED})`,
    select: table.prose ? stageProseSql(table, slice) : stageSql({ table, columns }, slice),
    path: table.path,
    format: table.format,
    structure: structureOf(table),
    // Rows are numbered as they come, so they must come in order: one stream out of the parallel parsers.
    settings: { ...table.settings, parallelize_output_from_storages: 0 },
  });
}

async function matchStaged(
  click: Click,
  input: ScopeTablesInput,
  kinds: readonly string[],
): Promise<void> {
  const { staged, mentioned } = input.tables;
  await click.command(`insert into ${mentioned} (${STAGED}) ${mentionedSql(staged)}`);
  await match(click, input, { from: staged, kinds });
  if (await hasRows(click, mentioned))
    await match(click, input, { from: mentioned, kinds: MENTIONED_KINDS });
  await input.staged?.(input.tables);
}

type Match = { readonly from: string; readonly kinds: readonly string[] };

async function match(
  click: Click,
  { tables, incident, evidence, act, sure, registry }: ScopeTablesInput,
  { from, kinds }: Match,
): Promise<void> {
  await click.command(`truncate table ${tables.hits}`);
  const hits = hitsSql({ staged: from, into: tables.hits, registry: registry !== undefined });
  await click.command(hits, { registry: registry ?? "", kinds });
  const made = matchSql({ staged: from, hits: tables.hits, into: tables.made });
  await click.command(made, { incident, evidence, act, sure });
}

async function hasRows(click: Click, table: string): Promise<boolean> {
  const rows = await click.query(
    z.object({ locator: z.number() }),
    `select locator from ${table} limit 1`,
  );
  return rows.length > 0;
}

/** What was made becomes the evidence's exposures, in one step. ClickHouse refuses to replace a partition with none. */
export async function putExposures(
  click: Click,
  { made }: Tables,
  { incident, evidence }: { incident: string; evidence: string },
): Promise<void> {
  const [first] = await click.query(
    z.object({ locator: z.number() }),
    `select locator from ${made} limit 1`,
  );
  const partition = "({incident:String}, {evidence:String})";
  const change = first
    ? `replace partition ${partition} from ${made}`
    : `drop partition ${partition}`;
  await click.command(`alter table exposures ${change}`, { incident, evidence });
}

/** The same names for the same evidence: what a crash left is dropped by the next scoping. */
export function tableNames(incident: string, evidence: string): Tables {
  const id = sha256Hex(incident, "\0", evidence).slice(0, 16);
  return {
    staged: `scoping_rows_${id}`,
    mentioned: `scoping_mentions_${id}`,
    hits: `scoping_hits_${id}`,
    made: `scoping_exposures_${id}`,
  };
}

export async function makeTables(click: Click, tables: Tables): Promise<void> {
  await dropTables(click, tables);
  await click.command(`create table ${tables.staged} ${STAGED_COLUMNS}`);
  await click.command(`create table ${tables.mentioned} ${STAGED_COLUMNS}`);
  await click.command(`create table ${tables.hits} ${HITS_COLUMNS}`);
  await click.command(`create table ${tables.made} as exposures`);
}

export async function dropTables(click: Click, tables: Tables): Promise<void> {
  for (const table of Object.values(tables)) await click.command(`drop table if exists ${table}`);
}
