// The durable cursor of a refresh, kept beside the rows that it speaks of. If we crash after a page's rows and before its line
// here, the page is dropped and read again; after the line, it is done.
import { z } from "zod";
import type { Json } from "../core/canonical.ts";
import type { Click } from "../db/click.ts";
import { layerOf } from "./layers.ts";

/** Lines from this page number on are steps of settling (settle-steps.ts). */
export const STEP_PAGES = 500_000;

export const Begun = z.object({
  mode: z.enum(["full", "changes"]),
  settings: z.string(),
  since: z.string().nullable(),
  startedAt: z.string(),
  versions: z.array(z.json().transform((value): Json => value)),
});
export type Begun = z.output<typeof Begun>;

export type Unfinished = {
  readonly refresh: number;
  readonly begun: Begun;
  /** Pages that are done. */
  readonly pages: number;
  readonly rows: number;
  /** Pages that were read from the first version: what changed since that version is what a later refresh must ask for. */
  readonly firstPages: number;
  readonly cursor: string | undefined;
};

const CursorRow = z.object({
  refresh: z.number(),
  page: z.number(),
  cursor: z.string(),
  rows: z.number(),
  detail: z.string(),
});

/** The refresh behind `after` that has begun and is not published. Its newest beginning stands. */
export async function unfinished(
  click: Click,
  registry: string,
  after: number,
): Promise<Unfinished | undefined> {
  const rows = await click.query(
    CursorRow,
    `select refresh, page, cursor, rows, detail from registry_pages
     where registry = {registry:String} and refresh > {after:UInt64} order by refresh, page, length(detail)`,
    { registry, after },
  );
  const refresh = rows.at(-1)?.refresh;
  const own = rows.filter((row) => row.refresh === refresh);
  const begun = own.findLast((row) => row.page === 0);
  if (refresh === undefined || !begun) return undefined;
  const done = own.filter((row) => row.page > 0 && row.page < STEP_PAGES);
  return {
    refresh,
    begun: Begun.parse(JSON.parse(begun.detail)),
    pages: done.length,
    rows: done.reduce((sum, row) => sum + row.rows, 0),
    firstPages: done.filter((row) => row.detail.includes('"version":0')).length,
    cursor: done.at(-1)?.cursor,
  };
}

/** A number that no refresh of any registry has. Under the lock (refresh-registry.ts). */
export async function nextRefresh(click: Click): Promise<number> {
  const [row] = await click.query(
    z.object({ last: z.number() }),
    `select greatest((select max(refresh) from registry_published), (select max(refresh) from registry_pages)) as last`,
  );
  return (row?.last ?? 0) + 1;
}

/** A refresh that goes on with another version of its source begins once more, with all versions so far. */
export async function noteBegun(
  click: Click,
  beginning: { readonly registry: string; readonly refresh: number; readonly begun: Begun },
): Promise<void> {
  const { registry, refresh, begun } = beginning;
  await notePage(click, { registry, refresh, page: 0, cursor: "", rows: 0, detail: begun });
}

export type PageLine = {
  readonly registry: string;
  readonly refresh: number;
  readonly page: number;
  readonly cursor: string;
  readonly rows: number;
  readonly detail?: Json;
};

export async function notePage(click: Click, line: PageLine): Promise<void> {
  await click.command(
    `insert into registry_pages (registry, refresh, page, layer, cursor, rows, detail)
     select {registry:String}, {refresh:UInt64}, {page:UInt32}, {layer:UInt64}, {cursor:String}, {rows:UInt64}, {detail:String}`,
    {
      ...line,
      layer: layerOf(line.refresh, line.page),
      detail: line.detail === undefined ? "" : JSON.stringify(line.detail),
    },
  );
}

/** What the registry's refreshes noted so far: they are published, or given up. */
export async function forgetPages(click: Click, registry: string): Promise<void> {
  const noted = await click.query(
    z.object({ refresh: z.number() }),
    `select distinct refresh from registry_pages where registry = {registry:String}`,
    { registry },
  );
  for (const { refresh } of noted) {
    await click.command(
      `alter table registry_pages drop partition ({registry:String}, {refresh:UInt64})`,
      { registry, refresh },
    );
  }
}
