// "Who is in this?": a dump becomes exposures, set by set in ClickHouse. Not findings in logs, nor documents.
import { z } from "zod";
import type { IncidentFile } from "../config/incident-file.ts";
import { Key, Name } from "../config/words.ts";
import { TocsinError } from "../core/errors.ts";
import { parse } from "../core/parse.ts";
import { requireScope } from "../core/scope.ts";
import type { Context } from "../db/context.ts";
import { type ReadEvidence, readEvidence } from "../documents/read-evidence.ts";
import { privateFolder } from "../evidence/private-folder.ts";
import { theEvidence } from "../evidence/find-evidence.ts";
import { write } from "../ledger/write.ts";
import { countExposures, exposureCount } from "./count-exposures.ts";
import type { Dump, DumpTable } from "../evidence/dump/dump.ts";
import {
  checkCorrections,
  labelOf,
  type RecognisedColumn,
  recogniseColumns,
} from "./recognise-columns.ts";
import { putPlaces } from "./places.sql.ts";
import { scopingInputs } from "./scoping-inputs.ts";
import { type Scoped, Scoping } from "./scoping.ts";
import { dropTables, makeTables, putExposures, scopeTables, tableNames } from "./scope-tables.ts";
import { scopingLock } from "./scoping-lock.ts";

const Names = z.object({ incident: Name, key: Key });

export type ScopeEvidenceInput = {
  readonly incident: string;
  readonly key: string;
  /** As it was read. */ readonly file: IncidentFile;
};

/** Kept with the scoping. */
const MOST_UNREAD = 1_000;

type Settings = IncidentFile["evidence"][string];

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
  const dump = await readEvidence(ctx, { incident, key, why: "scope it" }, folder.path);
  checkCorrections(
    dump.tables.filter(({ prose }) => !prose),
    settings.columns,
    key,
  );
  const columns = new Map(
    dump.tables.map((table) => [table, table.prose ? [] : columnsOf(ctx, table, settings)]),
  );
  const counts = await replaceExposures(ctx, { incident, key, settings, dump, columns });
  const scoping = {
    key,
    sha256,
    format: dump.format,
    rows: rowsOf(dump),
    setAside: dump.setAside.map((one) => ({ ...one, rows: [...one.rows] })),
    unread: dump.unread.slice(0, MOST_UNREAD),
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
  readonly dump: ReadEvidence;
  readonly columns: ReadonlyMap<DumpTable, readonly RecognisedColumn[]>;
};

async function replaceExposures(
  ctx: Context,
  input: Replace,
): Promise<ReturnType<typeof countExposures>> {
  const click = await ctx.click();
  const tables = tableNames(input.incident, input.key);
  try {
    await makeTables(click, tables);
    const { incident, key, settings, columns, dump } = input;
    await scopeTables(click, {
      tables,
      columns,
      incident,
      evidence: key,
      act: settings.act,
      sure: settings.sure,
      registry: settings.registry,
      progress: ctx.progress,
    });
    await putPlaces(click, { incident, evidence: key, path: dump.places });
    await putExposures(click, tables, { incident, evidence: key });
    return await countExposures(click, {
      incident: input.incident,
      evidence: input.key,
      tables: input.dump.tables,
    });
  } finally {
    await dropTables(click, tables);
  }
}

async function record(
  ctx: Context,
  { incident, inputs }: { incident: string; inputs: string },
  scoping: Scoping,
): Promise<Scoping> {
  const { columns: _columns, setAside: _setAside, unread, ...rest } = scoping;
  const figures = unread.length === 0 ? rest : { ...rest, unread: unread.length };
  return await write<Scoping>(ctx, "evidence:write", async (tx) => {
    await tx`
      insert into scopings (incident, evidence, inputs, figures, at)
      values (${incident}, ${scoping.key}, ${inputs}, ${tx.json(scoping)}, ${ctx.clock.now()})
      on conflict (incident, evidence) do update set inputs = excluded.inputs, figures = excluded.figures, at = excluded.at`;
    return { result: scoping, entry: { kind: "evidence.scoped", incident, body: figures } };
  });
}
