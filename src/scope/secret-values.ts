import { z } from "zod";
import type { IncidentFile } from "../config/incident-file.ts";
import { sha256Hex } from "../core/digest.ts";
import { requireScope } from "../core/scope.ts";
import type { Click } from "../db/click.ts";
import type { Context } from "../db/context.ts";
import { readEvidence } from "../documents/read-evidence.ts";
import { privateFolder } from "../evidence/private-folder.ts";
import type { DumpTable } from "../evidence/dump/dump.ts";
import { labelOf } from "./recognise-columns.ts";
import { type Scoping, scopingOf } from "./scoping.ts";
import { scopingLock } from "./scoping-lock.ts";
import { emptySql, structureOf, trimmedSql } from "./stage.sql.ts";
import { standingExposuresSql } from "./standing-exposures-sql.ts";
import { markSql } from "./token.sql.ts";

export type SecretValuesInput = {
  readonly incident: string;
  readonly file: IncidentFile;
  /** One whose exposures have marks: `token.github`. */
  readonly category: string;
  /** For the ledger. */
  readonly why: string;
};

const SecretValue = z.object({
  mark: z.string(),
  registry: z.string(),
  account: z.string(),
  value: z.string(),
});
/** `value` is the secret itself: never to be logged, stored or put into an error. */
export type SecretValue = z.output<typeof SecretValue>;

/**
 * The values behind the standing exposures of a category, each mark once, out of the evidence unsealed for it. They pass
 * through a private file and a table in memory, both gone at the end.
 * @throws TocsinError `forbidden` without evidence:read
 */
export async function* secretValues(
  ctx: Context,
  input: SecretValuesInput,
): AsyncGenerator<SecretValue[]> {
  requireScope(ctx.actor, "evidence:read");
  const { incident, file, category } = input;
  const table = `scoping_secrets_${sha256Hex(incident, "\0", category).slice(0, 16)}`;
  const click = await ctx.click();
  await using held = new AsyncDisposableStack();
  held.use(await scopingLock(ctx, { incident, key: `secrets of ${category}` }));
  try {
    await click.command(`drop table if exists ${table}`);
    await click.command(`create table ${table} (mark String, value String) engine = Memory`);
    for (const scoping of await scopingOf(ctx, incident)) {
      if (holds(file, scoping, category)) await collect(ctx, input, { scoping, table });
    }
    yield* click.stream(SecretValue, valuesSql(standingExposuresSql(file), table), { category });
  } finally {
    await click.command(`drop table if exists ${table}`);
  }
}

function holds(file: IncidentFile, scoping: Scoping, category: string): boolean {
  const evidence = Object.hasOwn(file.evidence, scoping.key)
    ? file.evidence[scoping.key]
    : undefined;
  if (!evidence || evidence.withdraws !== undefined) return false;
  return scoping.columns.some((column) => column.category === category);
}

type Collect = { readonly scoping: Scoping; readonly table: string };

async function collect(
  ctx: Context,
  { incident, category, why }: SecretValuesInput,
  { scoping, table }: Collect,
): Promise<void> {
  const click = await ctx.click();
  await using folder = await privateFolder(ctx.folder);
  const dump = await readEvidence(ctx, { incident, key: scoping.key, why }, folder.path);
  for (const one of dump.tables) {
    for (const at of columnsOf(one, scoping, category)) await loadColumn(click, one, { at, table });
  }
}

function columnsOf(table: DumpTable, scoping: Scoping, category: string): number[] {
  const labels = new Set(
    scoping.columns.filter((column) => column.category === category).map(({ column }) => column),
  );
  return table.columns.flatMap((column, at) => (labels.has(labelOf(table, column)) ? [at] : []));
}

async function loadColumn(
  click: Click,
  dump: DumpTable,
  { at, table }: { at: number; table: string },
): Promise<void> {
  await click.load({
    into: `${table} (mark, value)`,
    select: (source) =>
      `select ${markSql("v")}, v from (select ${trimmedSql(`c${at}`)} as v from ${source}) where not (${emptySql("v")})`,
    path: dump.path,
    format: dump.format,
    structure: structureOf(dump),
    settings: dump.settings,
  });
}

function valuesSql(standing: string, table: string): string {
  return `
select e.mark as mark, e.registry as registry, e.account as account, v.value as value
from (
  select mark, toString(min(registry)) as registry, min(account) as account
  from ${standing} where category = {category:String} and mark != '' group by mark
) as e
inner join (select mark, any(value) as value from ${table} group by mark) as v on v.mark = e.mark`;
}
