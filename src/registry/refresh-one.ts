// One registry, from its source's first row to its publication.
import { TocsinError } from "../core/errors.ts";
import type { RegistrySource } from "../config/registry-schema.ts";
import type { Click } from "../db/click.ts";
import type { Context } from "../db/context.ts";
import { beginRefresh } from "./begin-refresh.ts";
import { readColumns } from "./columns.ts";
import { figuresOf } from "./figures-of.ts";
import { dropLayer, keepOnly, layerOf } from "./layers.ts";
import { loadPage } from "./load-page.ts";
import { oneAhead } from "./one-ahead.ts";
import { openSource } from "./open-source.ts";
import { pagesFolder, type PagesFolder } from "./pages-folder.ts";
import { publish, published, type Figures } from "./published.ts";
import { recordPublished } from "./record-published.ts";
import { forgetPages, notePage, type Unfinished } from "./refresh-cursor.ts";
import { refuseUnknownColumns } from "./refuse-unknown-columns.ts";
import { settle, type SettleInput, type Settled } from "./settle.ts";
import type { Source } from "./source.ts";

export type RefreshOne = {
  readonly name: string;
  readonly source: RegistrySource;
  readonly full: boolean;
  readonly shrink: boolean;
  /** Rows to a page, where it is not the usual number. */
  readonly pageRows?: number;
  /** Layers that readers may have to look at, where it is not the usual number. */
  readonly mostLayers?: number;
};

const MOST_LAYERS = 150;

export type Refreshed = { readonly registry: string; readonly refresh: number } & Figures;

/** Called by one process at a time (refresh-registry.ts). */
export async function refreshOne(ctx: Context, input: RefreshOne): Promise<Refreshed> {
  const { name, source } = input;
  const click = await ctx.click();
  await recordPublished(ctx, click, name);
  await using opened = await openSource(ctx, name, source);
  refuseUnknownColumns(name, source, await opened.columns());
  const [seen] = await published(click, name);
  const begun = await beginRefresh(ctx, click, { ...input, opened, seen });
  using folder = pagesFolder(ctx.folder, name);
  const state = await readPages(ctx, click, { ...input, opened, begun, folder });
  const settled = await settleOrForget(click, {
    registry: name,
    refresh: state.refresh,
    mode: state.begun.mode,
    pages: state.pages,
    rows: state.rows,
    seen,
    newest: source.changed !== undefined,
    mayShrinkBy: input.shrink ? 1 : source.may_shrink_by,
    mostLayers: input.mostLayers ?? MOST_LAYERS,
  });
  const figures = await figuresOf(ctx, click, { name, state, settled, seen });
  const at = ctx.clock.now().toISOString();
  await publish(click, name, { refresh: state.refresh, layers: settled.layers, at, figures });
  await forgetPages(click, name);
  await recordPublished(ctx, click, name);
  return { registry: name, refresh: state.refresh, ...figures };
}

type ReadPages = RefreshOne & {
  readonly opened: Source;
  readonly begun: Unfinished;
  readonly folder: PagesFolder;
};

async function readPages(ctx: Context, click: Click, input: ReadPages): Promise<Unfinished> {
  const { name, source, opened, begun, folder } = input;
  const { refresh } = begun;
  let [pages, rows] = [begun.pages, begun.rows];
  let plans = false;
  const progress = (): void => ctx.progress({ what: `read ${name}`, done: rows, unit: "rows" });
  progress();
  const asked = {
    from: begun.cursor === undefined ? undefined : { cursor: begun.cursor, rows },
    since: begun.begun.since ?? undefined,
    columns: readColumns(source),
    key: source.key,
    changed: source.changed,
    pageRows: input.pageRows,
    write: folder.write,
    signal: ctx.signal,
  };
  for await (const page of oneAhead(opened.pages(asked))) {
    ctx.signal.throwIfAborted();
    const layer = layerOf(refresh, pages + 1);
    await dropLayer(click, name, layer);
    const load = {
      registry: name,
      source,
      page,
      layer,
      minorAfter: minorAfter(ctx.clock.now()),
      write: folder.write,
      plans,
    };
    plans = await loadPage(click, load);
    pages += 1;
    rows += page.lines;
    const version = begun.begun.versions.length - 1;
    await notePage(click, {
      registry: name,
      refresh,
      page: pages,
      cursor: page.cursor,
      rows: page.lines,
      detail: { version },
    });
    progress();
  }
  const firstPages = begun.begun.versions.length === 1 ? pages : begun.firstPages;
  return { ...begun, pages, rows, firstPages };
}

/** Whoever was born after this day is under eighteen. */
function minorAfter(now: Date): string {
  const day = now.toISOString().slice(0, 10).replaceAll("-", "");
  return String(Number(day) - 18_00_00);
}

async function settleOrForget(click: Click, input: SettleInput): Promise<Settled> {
  try {
    return await settle(click, input);
  } catch (error) {
    if (error instanceof TocsinError && error.code === "refused") {
      await forgetPages(click, input.registry);
      await keepOnly(click, input.registry, input.seen?.layers ?? []);
    }
    throw error;
  }
}
