// The end of a refresh: duplicates out, what changed counted, accounts that are gone kept by id. All of it is unseen until it is
// published.
import { z } from "zod";
import { TocsinError } from "../core/errors.ts";
import type { Click } from "../db/click.ts";
import { dropLayer, dropSuperseded, CARRIED, FINISHING, GATHERED, layerOf } from "./layers.ts";
import { loadIdentifiers } from "./load-page.ts";
import type { Published } from "./published.ts";
import { openSteps, type Steps } from "./settle-steps.ts";
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
  const own = Array.from({ length: pages }, (_, index) => layerOf(refresh, index + 1));
  const steps = await openSteps(click, registry, refresh);
  if (steps.fresh) await dropSuperseded(click, registry, refresh);
  const work = { click, input, own, steps };
  await leaveOutDuplicates(work);
  if (mode === "changes") await eachSlice(work, "unchanged", sql.SUPERSEDE_UNCHANGED);
  const changes = await countChanges(work);
  refuseShrinking(input, changes);
  if (mode === "changes") await eachSlice(work, "replaced", sql.SUPERSEDE_REPLACED);
  const carried = mode === "full" && seen ? await carryClosed(work) : [];
  const before = mode === "full" ? [] : await gathered(work);
  return {
    ...changes,
    layers: [...before, ...own, ...carried, layerOf(refresh, FINISHING)],
    accounts: changes.before + changes.added - changes.closed,
  };
}

type Work = {
  readonly click: Click;
  readonly input: SettleInput;
  /** The layers of the pages. */
  readonly own: readonly number[];
  readonly steps: Steps;
};

/** Rows that are noted twice, because we crashed behind the statement, are one row to every reader of registry_superseded. */
async function eachSlice(work: Work, step: string, statement: string): Promise<void> {
  const { click, input, own, steps } = work;
  for (const slice of slicesOf(input)) {
    await steps.once(`${step}/${slice.slice}`, async () => {
      await click.command(statement, { ...paramsOf(input, own), ...slice });
    });
  }
}

const Twice = z.object({ twice: z.coerce.boolean() });

async function leaveOutDuplicates({ click, input, own, steps }: Work): Promise<void> {
  const { registry, refresh } = input;
  for (const slice of slicesOf(input)) {
    await steps.once(`duplicates/${slice.slice}`, async () => {
      const params = { ...paramsOf(input, own), ...slice };
      const [found] = await click.query(Twice, sql.HAS_DUPLICATES, params);
      if (found?.twice === true) await click.command(sql.SUPERSEDE_DUPLICATES, params);
    });
  }
  await steps.once("list duplicates", async () => {
    const finishing = layerOf(refresh, FINISHING);
    await dropLayer(click, registry, finishing);
    await click.command(sql.LIST_DUPLICATES, { ...paramsOf(input, own), finishing });
  });
}

async function carryClosed({ click, input, own, steps }: Work): Promise<number[]> {
  const slices = slicesOf(input);
  const layers = slices.map(({ slice }) => layerOf(input.refresh, CARRIED + slice));
  for (const [index, layer] of layers.entries()) {
    await steps.once(`closed/${index}`, async () => {
      await dropLayer(click, input.registry, layer);
      await click.command(sql.CARRY_CLOSED, {
        ...paramsOf(input, own),
        ...slices[index],
        carried: layer,
      });
    });
  }
  return layers;
}

type Slice = { readonly slices: number; readonly slice: number };

function slicesOf({ rows, seen }: SettleInput): Slice[] {
  const slices = sql.slicesFor(Math.max(rows, seen?.figures.accounts ?? 0));
  return Array.from({ length: slices }, (_, slice) => ({ slices, slice }));
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
async function gathered({ click, input, own, steps }: Work): Promise<readonly number[]> {
  const { registry, refresh, seen, mostLayers } = input;
  if (!seen || seen.layers.length + own.length < mostLayers) return seen?.layers ?? [];
  const slices = slicesOf(input);
  const layers = slices.map(({ slice }) => layerOf(refresh, GATHERED + slice));
  for (const [index, layer] of layers.entries()) {
    await steps.once(`gathered/${index}`, async () => {
      const params = { ...paramsOf(input, own), ...slices[index], gathered: layer };
      await dropLayer(click, registry, layer);
      await click.command(sql.GATHER_ACCOUNTS, params);
      await loadIdentifiers(click, registry, layer);
      await click.command(sql.GATHER_SET_ASIDE, params);
    });
  }
  return layers;
}

async function countChanges({ click, input, own, steps }: Work): Promise<Changes> {
  const sum = { added: 0, changed: 0, closed: 0, before: 0 };
  const statement = input.seen ? sql.COUNT_CHANGES : sql.COUNT_FIRST;
  for (const slice of slicesOf(input)) {
    const result = await steps.once(`count/${slice.slice}`, async () => {
      const [part] = await click.query(Changes, statement, { ...paramsOf(input, own), ...slice });
      return part ?? null;
    });
    const part = Changes.parse(result);
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
