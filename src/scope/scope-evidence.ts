// "Who is in this?": a dump becomes exposures, set by set in ClickHouse. Not findings in logs, nor documents.
import { z } from "zod";
import type { IncidentFile } from "../config/incident-file.ts";
import { Key, Name } from "../config/words.ts";
import { sha256Hex } from "../core/digest.ts";
import { TocsinError } from "../core/errors.ts";
import { parse } from "../core/parse.ts";
import { requireScope } from "../core/scope.ts";
import type { Click } from "../db/click.ts";
import type { Context } from "../db/context.ts";
import { privateFolder } from "../evidence/private-folder.ts";
import { theEvidence } from "../evidence/find-evidence.ts";
import { write } from "../ledger/write.ts";
import { countExposures, exposureCount } from "./count-exposures.ts";
import type { Dump, DumpTable } from "../evidence/dump/dump.ts";
import { HITS_COLUMNS, hitsSql, matchSql } from "./match.sql.ts";
import { prepareDump } from "../evidence/dump/prepare-dump.ts";
import {
  checkCorrections,
  labelOf,
  type RecognisedColumn,
  recogniseColumns,
} from "./recognise-columns.ts";
import { scopingInputs } from "./scoping-inputs.ts";
import { type Scoped, Scoping } from "./scoping.ts";
import { kindsOf, STAGED_COLUMNS, stageSql, structureOf } from "./stage.sql.ts";
import { scopingLock } from "./scoping-lock.ts";

const Names = z.object({ incident: Name, key: Key });

export type ScopeEvidenceInput = {
  readonly incident: string;
  readonly key: string;
  /** As it was read. */ readonly file: IncidentFile;
};

/** Rows staged in memory at once: 500,000 take 75 MB, and their join 125 MB (bench/scope.ts). */
const SLICE = 500_000;

type Settings = IncidentFile["evidence"][string];
type Tables = { readonly staged: string; readonly hits: string; readonly made: string };

/**
 * Reads the evidence and replaces its exposures as a whole: until the last step readers see the former ones, and a crash
 * leaves those. What was scoped from the same inputs before is answered as it was (`fresh` is false).
 * @throws TocsinError `not_found`, `invalid` (not a dump, or `columns:` names none of its columns), `conflict` (being scoped already)
 */
export async function scopeEvidence(ctx: Context, input: ScopeEvidenceInput): Promise<Scoped> {
  requireScope(ctx.actor, "evidence:write");
  const { incident, key } = parse(Names, input);
  const settings = input.file.evidence[key];
  if (!settings)
    throw new TocsinError("not_found", `incident.yaml of ${incident} names no evidence ${key}`);
  const { sha256 } = await theEvidence(ctx, { incident, key });
  await using held = new AsyncDisposableStack();
  held.use(await scopingLock(ctx, { incident, key }));
  const inputs = await scopingInputs(ctx, { sha256, settings });
  const known = await lastScoping(ctx, { incident, key, inputs });
  if (known) return { ...known, fresh: false };
  const folder = held.use(await privateFolder(ctx.folder));
  const dump = await prepareDump(ctx, { incident, key, why: "scope it" }, folder.path);
  checkCorrections(dump.tables, settings.columns, key);
  const columns = new Map(dump.tables.map((table) => [table, columnsOf(ctx, table, settings)]));
  const counts = await replaceExposures(ctx, { incident, key, settings, dump, columns });
  const scoping = {
    key,
    sha256,
    format: dump.format,
    rows: rowsOf(dump),
    setAside: dump.setAside.map((one) => ({ ...one, rows: [...one.rows] })),
    columns: [...columns].flatMap(([table, found]) => found.map((one) => reported(table, one))),
    ...counts,
  };
  return { ...(await record(ctx, { incident, inputs }, scoping)), fresh: true };
}

// The two stores are not one: figures without their exposures (ClickHouse restored from a backup) are worth nothing.
async function lastScoping(
  ctx: Context,
  of: { incident: string; key: string; inputs: string },
): Promise<Scoping | undefined> {
  const [row] = await ctx.db.read<{ figures: unknown }[]>`
    select figures from scopings where incident = ${of.incident} and evidence = ${of.key} and inputs = ${of.inputs}`;
  if (!row) return undefined;
  const scoping = Scoping.parse(row.figures);
  const there = await exposureCount(await ctx.click(), { incident: of.incident, evidence: of.key });
  return there === scoping.exposures ? scoping : undefined;
}

function rowsOf({ tables, setAside }: Dump): number {
  return [...tables.map((table) => table.rows), ...setAside.map((one) => one.count)].reduce(
    (sum, rows) => sum + rows,
    0,
  );
}

function reported(
  table: DumpTable,
  { column, category, how, also }: RecognisedColumn,
): Scoping["columns"][number] {
  return { column: labelOf(table, column), category: category ?? null, how, also: [...also] };
}

function columnsOf(ctx: Context, table: DumpTable, settings: Settings): RecognisedColumn[] {
  const { registry } = ctx.organisation;
  const registries =
    settings.registry === undefined ? Object.values(registry) : [registry[settings.registry]];
  return recogniseColumns({
    table,
    corrections: settings.columns,
    registries: registries.filter((one) => one !== undefined),
  });
}

type Replace = {
  readonly incident: string;
  readonly key: string;
  readonly settings: Settings;
  readonly dump: Dump;
  readonly columns: ReadonlyMap<DumpTable, readonly RecognisedColumn[]>;
};

async function replaceExposures(
  ctx: Context,
  input: Replace,
): Promise<ReturnType<typeof countExposures>> {
  const click = await ctx.click();
  const tables = tableNames(input);
  try {
    await makeTables(click, tables);
    for (const [table, columns] of input.columns)
      await scopeTable(ctx, input, { table, columns, tables });
    await replacePartition(click, tables, input);
    return await countExposures(click, {
      incident: input.incident,
      evidence: input.key,
      tables: input.dump.tables,
    });
  } finally {
    await dropTables(click, tables);
  }
}

// ClickHouse refuses to replace a partition with none.
async function replacePartition(
  click: Click,
  { made }: Tables,
  { incident, key }: Replace,
): Promise<void> {
  const [first] = await click.query(
    z.object({ locator: z.number() }),
    `select locator from ${made} limit 1`,
  );
  const partition = "({incident:String}, {evidence:String})";
  const change = first
    ? `replace partition ${partition} from ${made}`
    : `drop partition ${partition}`;
  await click.command(`alter table exposures ${change}`, { incident, evidence: key });
}

type OneTable = {
  readonly table: DumpTable;
  readonly columns: readonly RecognisedColumn[];
  readonly tables: Tables;
};

async function scopeTable(
  ctx: Context,
  { incident, key, settings }: Replace,
  { table, columns, tables }: OneTable,
): Promise<void> {
  const click = await ctx.click();
  const into = tables.hits;
  const hits = hitsSql({ ...tables, into, registry: settings.registry !== undefined });
  const match = matchSql({ ...tables, into: tables.made });
  for (let after = table.before; after < table.last; after += SLICE) {
    ctx.progress({ what: `scope ${key}`, done: after, of: table.last, unit: "rows" });
    await click.command(`truncate table ${tables.staged}`);
    await click.command(`truncate table ${tables.hits}`);
    await click.load({
      into: `${tables.staged} (locator, ids, address, facts)`,
      select: stageSql({ table, columns }, { after, limit: SLICE }),
      path: table.path,
      format: table.format,
      structure: structureOf(table),
      // Rows are numbered as they come, so they must come in order: one stream out of the parallel parsers.
      settings: { ...table.settings, parallelize_output_from_storages: 0 },
    });
    await click.command(hits, { registry: settings.registry ?? "", kinds: kindsOf(columns) });
    const { act, sure } = settings;
    await click.command(match, { incident, evidence: key, act, sure });
  }
}

// The same names for the same evidence: what a crash left is dropped by the next scoping.
function tableNames({ incident, key }: { incident: string; key: string }): Tables {
  const id = sha256Hex(incident, "\0", key).slice(0, 16);
  return {
    staged: `scoping_rows_${id}`,
    hits: `scoping_hits_${id}`,
    made: `scoping_exposures_${id}`,
  };
}

async function makeTables(click: Click, tables: Tables): Promise<void> {
  await dropTables(click, tables);
  await click.command(`create table ${tables.staged} ${STAGED_COLUMNS}`);
  await click.command(`create table ${tables.hits} ${HITS_COLUMNS}`);
  await click.command(`create table ${tables.made} as exposures`);
}

async function dropTables(click: Click, { staged, hits, made }: Tables): Promise<void> {
  await click.command(`drop table if exists ${staged}`);
  await click.command(`drop table if exists ${hits}`);
  await click.command(`drop table if exists ${made}`);
}

async function record(
  ctx: Context,
  { incident, inputs }: { incident: string; inputs: string },
  scoping: Scoping,
): Promise<Scoping> {
  const { columns: _columns, setAside: _setAside, ...figures } = scoping;
  return await write<Scoping>(ctx, "evidence:write", async (tx) => {
    await tx`
      insert into scopings (incident, evidence, inputs, figures, at)
      values (${incident}, ${scoping.key}, ${inputs}, ${tx.json(scoping)}, ${ctx.clock.now()})
      on conflict (incident, evidence) do update set inputs = excluded.inputs, figures = excluded.figures, at = excluded.at`;
    return { result: scoping, entry: { kind: "evidence.scoped", incident, body: figures } };
  });
}
