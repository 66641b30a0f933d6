// The schema as text, made from the catalogs of a migrated database, so that a review sees what a migration changes.
import { z } from "zod";
import type { Click } from "./click.ts";
import type { Reader } from "./postgres.ts";

/** Postgres: tables with columns, constraints, indexes, then views, functions and triggers, each in order of name. */
export async function dumpPostgres(read: Reader): Promise<string> {
  const tables = await read<{ oid: number; name: string; options: string[] | null }[]>`
    select c.oid::int as oid, c.relname as name, c.reloptions as options
    from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname <> 'schema_migrations'
    order by c.relname collate "C"`;
  const parts: string[] = [];
  for (const table of tables) parts.push(await dumpTable(read, table));
  const others = await read<{ text: string }[]>`
    select pg_get_functiondef(oid) as text, proname as name from pg_proc
    where pronamespace = 'public'::regnamespace and prokind in ('f', 'p')
    union all
    select format('create view %I as%s%s', relname, chr(10), pg_get_viewdef(oid)), relname from pg_class
    where relnamespace = 'public'::regnamespace and relkind = 'v'
    union all
    select pg_get_triggerdef(t.oid), t.tgname from pg_trigger t join pg_class c on c.oid = t.tgrelid
    where c.relnamespace = 'public'::regnamespace and not t.tgisinternal
    order by 2, 1`;
  return [...parts, ...others.map(({ text }) => `${text.trim()}\n`)].join("\n");
}

type Table = { readonly oid: number; readonly name: string; readonly options: string[] | null };

async function dumpTable(read: Reader, { oid, name, options }: Table): Promise<string> {
  const columns = await read<{ line: string }[]>`
    select format('%I %s%s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
        case when a.attnotnull then ' not null' else '' end,
        case when a.attidentity <> '' then ' generated as identity'
             when a.attgenerated <> '' then ' generated as (' || pg_get_expr(d.adbin, d.adrelid) || ')'
             when d.adbin is not null then ' default ' || pg_get_expr(d.adbin, d.adrelid)
             else '' end,
        case when a.attcompression <> '' then ' compression ' || a.attcompression::text else '' end) as line
    from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where a.attrelid = ${oid} and a.attnum > 0 and not a.attisdropped
    order by a.attnum`;
  const constraints = await read<{ line: string }[]>`
    select format('constraint %I %s', conname, pg_get_constraintdef(oid)) as line
    from pg_constraint where conrelid = ${oid} and contype <> 'n' order by conname collate "C"`;
  const indexes = await read<{ line: string }[]>`
    select pg_get_indexdef(i.indexrelid) as line
    from pg_index i join pg_class c on c.oid = i.indexrelid
    where i.indrelid = ${oid} and not exists (select from pg_constraint k where k.conindid = i.indexrelid)
    order by c.relname collate "C"`;
  const body = [...columns, ...constraints].map(({ line }) => `  ${line}`).join(",\n");
  const end = options ? ` with (${options.join(", ")})` : "";
  return [
    `create table ${name} (\n${body}\n)${end};`,
    ...indexes.map(({ line }) => `${line};`),
    "",
  ].join("\n");
}

const Created = z.object({ create_table_query: z.string() });

/** ClickHouse: tables and views of the current database, in order of name, without the database's own name. */
export async function dumpClick(click: Click): Promise<string> {
  const rows = await click.query(
    Created,
    `select replaceAll(formatQuery(create_table_query), currentDatabase() || '.', '') as create_table_query
     from system.tables where database = currentDatabase() and name <> 'schema_migrations' and not startsWith(name, '.')
     order by name`,
  );
  return rows.map((row) => `${row.create_table_query};\n`).join("\n");
}
