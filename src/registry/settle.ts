// The end of a refresh: duplicates out, what changed counted, accounts that are gone kept by id. All of it is unseen until it is
// published, and all of it is made again from the start after a crash.
import { z } from "zod";
import { TocsinError } from "../core/errors.ts";
import type { Click } from "../db/click.ts";
import { dropLayer, dropSuperseded, FINISHING, GATHERED, layerOf } from "./layers.ts";
import { loadIdentifiers } from "./load-page.ts";
import type { Published } from "./published.ts";
import * as sql from "./settle.sql.ts";

export type SettleInput = {
  readonly registry: string;
  readonly refresh: number;
  readonly mode: "full" | "changes";
  readonly pages: number;
  readonly rows: number;
  readonly seen: Published | undefined;
  /** The source marks changes: of two rows with one key the newer one counts. */
  readonly newest: boolean;
  /** Share of the accounts that may go at once. */
  readonly mayShrinkBy: number;
  /** More layers than this are gathered into few: each costs every reader a little. */
  readonly mostLayers: number;
};

export type Settled = Changes & { readonly layers: readonly number[]; readonly accounts: number };

const Changes = z.object({
  added: z.number(),
  changed: z.number(),
  closed: z.number(),
  before: z.number(),
});
type Changes = z.output<typeof Changes>;

/** @throws TocsinError `refused` where more accounts would go than may; nothing is published then */
export async function settle(click: Click, input: SettleInput): Promise<Settled> {
  const { registry, refresh, mode, pages, seen } = input;
  const finishing = layerOf(refresh, FINISHING);
  await dropLayer(click, registry, finishing);
  await dropSuperseded(click, registry, refresh);
  const layers = Array.from({ length: pages }, (_, index) => layerOf(refresh, index + 1));
  const each = slicer(click, input, { layers, finishing });
  await each(sql.SUPERSEDE_DUPLICATES);
  await each(sql.LIST_DUPLICATES);
  if (mode === "changes") await each(sql.SUPERSEDE_UNCHANGED);
  const changes = await countChanges(click, input, layers);
  refuseShrinking(input, changes);
  if (mode === "changes") await each(sql.SUPERSEDE_REPLACED);
  else if (seen) await each(sql.CARRY_CLOSED);
  const own = [...layers, finishing];
  const before = mode === "full" ? [] : await gathered(click, input, layers);
  return {
    ...changes,
    layers: [...before, ...own],
    accounts: changes.before + changes.added - changes.closed,
  };
}

type Layers = { readonly layers: readonly number[]; readonly finishing: number };

function slicer(
  click: Click,
  input: SettleInput,
  { layers, finishing }: Layers,
): (statement: string) => Promise<void> {
  const slices = slicesOf(input);
  return async (statement) => {
    for (let slice = 0; slice < slices; slice += 1) {
      const firstRow = 1_000_000_000_000 * (slice + 1); // behind every row of the source, and apart from other slices
      await click.command(statement, {
        ...paramsOf(input, layers),
        finishing,
        slices,
        slice,
        firstRow,
      });
    }
  };
}

function slicesOf({ rows, seen }: SettleInput): number {
  return sql.slicesFor(Math.max(rows, seen?.figures.accounts ?? 0));
}

function paramsOf(
  { registry, refresh, seen, newest, mode }: SettleInput,
  layers: readonly number[],
) {
  const seenLayers = seen?.layers ?? [];
  const seenBy = [...new Set(seenLayers.map((layer) => Math.floor(layer / layerOf(1, 0))))];
  return { registry, refresh, layers, seen: seenLayers, seenBy, newest, full: mode === "full" };
}

/** The layers that readers see now, or fewer ones with the same rows. */
async function gathered(
  click: Click,
  input: SettleInput,
  own: readonly number[],
): Promise<readonly number[]> {
  const { registry, refresh, seen, mostLayers } = input;
  if (!seen || seen.layers.length + own.length < mostLayers) return seen?.layers ?? [];
  const slices = slicesOf(input);
  const layers = Array.from({ length: slices }, (_, slice) => layerOf(refresh, GATHERED + slice));
  for (const [slice, layer] of layers.entries()) {
    const params = { ...paramsOf(input, own), gathered: layer, slices, slice };
    await dropLayer(click, registry, layer);
    await click.command(sql.GATHER_ACCOUNTS, params);
    await loadIdentifiers(click, registry, layer);
    await click.command(sql.GATHER_SET_ASIDE, params);
  }
  return layers;
}

async function countChanges(
  click: Click,
  input: SettleInput,
  layers: readonly number[],
): Promise<Changes> {
  const slices = slicesOf(input);
  const sum = { added: 0, changed: 0, closed: 0, before: 0 };
  for (let slice = 0; slice < slices; slice += 1) {
    const [part] = await click.query(Changes, sql.COUNT_CHANGES, {
      ...paramsOf(input, layers),
      slices,
      slice,
    });
    if (!part) throw new RangeError("a count without a row");
    sum.added += part.added;
    sum.changed += part.changed;
    sum.closed += part.closed;
    sum.before += part.before;
  }
  return sum;
}

function refuseShrinking(
  { registry, mayShrinkBy }: SettleInput,
  { closed, before }: Changes,
): void {
  if (closed === 0 || closed <= before * mayShrinkBy) return;
  throw new TocsinError(
    "refused",
    `registry ${registry} would lose ${closed} of ${before} accounts; nothing was changed. ` +
      `Look whether the source was read whole; if it is right, refresh with shrink`,
  );
}
