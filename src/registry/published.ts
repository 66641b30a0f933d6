// What readers see of a registry, and the words for it that the ledger, the status and the next refresh share.
import { z } from "zod";
import type { Json } from "../core/canonical.ts";
import type { Click } from "../db/click.ts";

/** What one refresh found and changed. Stored with its publication, so that a crash behind that loses nothing. */
export const Figures = z.object({
  mode: z.enum(["full", "changes"]),
  /** Current accounts after it. */
  accounts: z.number(),
  added: z.number(),
  changed: z.number(),
  closed: z.number(),
  /** Rows read from the source. */
  rows: z.number(),
  /** By reason: rows that are not in the mirror, or that are marked. */
  setAside: z.record(z.string(), z.number()),
  /** The source's own statement of what was read; one a process that read a part of it. */
  versions: z.array(z.json().transform((value): Json => value)),
  /** False where several versions were read and changes between them cannot be asked for. */
  consistent: z.boolean(),
  /** The newest change mark that was seen. */
  newest: z.string(),
  /** Digest of the registry's description: another one makes the next refresh a full one. */
  settings: z.string(),
  fullAt: z.string(),
  seconds: z.number(),
});
export type Figures = z.output<typeof Figures>;

export type Published = {
  readonly refresh: number;
  readonly layers: readonly number[];
  readonly at: string;
  readonly figures: Figures;
};

const PublishedRow = z.object({
  refresh: z.number(),
  layers: z.array(z.number()),
  at: z.string(),
  figures: z.string(),
});

/** Each refresh that readers saw, the newest first, at most `limit`. */
export async function published(click: Click, registry: string, limit = 1): Promise<Published[]> {
  const rows = await click.query(
    PublishedRow,
    `select refresh, layers, toString(at) as at, figures from registry_published
     where registry = {registry:String} order by refresh desc limit {limit:UInt32}`,
    { registry, limit },
  );
  return rows.map((row) => ({ ...row, figures: Figures.parse(JSON.parse(row.figures)) }));
}

/** Far more refreshes without a change than this are taken for a change. */
const REFRESHES = 100;

/** The last refresh that changed something: those since left the mirror as it was. 0 where it was never read. */
export async function lastChange(click: Click, registry: string): Promise<number> {
  const refreshes = await published(click, registry, REFRESHES);
  const last = refreshes.find(
    ({ figures }) => figures.added + figures.changed + figures.closed > 0,
  );
  return (last ?? refreshes.at(-1))?.refresh ?? 0;
}

/** Readers see these layers from now on: one row, one insert. */
export async function publish(
  click: Click,
  registry: string,
  { refresh, layers, at, figures }: Published,
): Promise<void> {
  await click.command(
    `insert into registry_published (registry, refresh, layers, at, figures)
     select {registry:String}, {refresh:UInt64}, {layers:Array(UInt64)}, parseDateTime64BestEffort({at:String}, 3, 'UTC'), {figures:String}`,
    { registry, refresh, layers, at, figures: JSON.stringify(figures) },
  );
}
