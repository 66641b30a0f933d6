// The composition of one process: its stores, opened, and what verbs are given.
import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../core/clock.ts";
import { systemClock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import { noProgress, type Progress } from "../core/progress.ts";
import type { Actor } from "../core/scope.ts";
import type { Secret } from "../core/secret.ts";
import type { Organisation } from "../config/organisation.ts";
import type { Click } from "./click.ts";
import type { Context } from "./context.ts";
import { type EmbeddedPostgres, startPostgres } from "./embedded-postgres.ts";
import type { DataFolder } from "./folder.ts";
import { migrateClick, migratePostgres } from "./migrate.ts";
import { openClick } from "./open-click.ts";
import { openPools } from "./open-postgres.ts";
import type { Postgres } from "./postgres.ts";

/** Where they are set, the given stores; else the embedded ones in the data folder. */
export type Stores = {
  readonly databaseUrl?: Secret;
  readonly clickhouseUrl?: Secret;
  /** Database of ClickHouse. */
  readonly clickhouseDatabase?: string;
  /** Ceiling of the embedded ClickHouse's own allocations. */
  readonly clickhouseMemoryBytes?: number;
  /** Connections of each of the two Postgres pools. */
  readonly connections?: number;
};

export type OpenContextInput = {
  readonly organisation: Organisation;
  readonly folder: DataFolder;
  readonly actor: Actor;
  readonly log: Log;
  readonly clock?: Clock;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
  readonly stores?: Stores;
  /** For whoever waits for a lock and for pg_stat_activity: `serve`, `work`. */
  readonly who: string;
};

export type OpenContext = Context & AsyncDisposable;

const CLICK_MEMORY_BYTES = 600_000_000;

/**
 * Opens Postgres and brings its schema up to date; ClickHouse follows when it is first asked for. Disposing closes what
 * was opened, the embedded Postgres too where nobody else uses it.
 * @throws TocsinError `unavailable`, `incompatible`
 */
export async function openContext(input: OpenContextInput): Promise<OpenContext> {
  const stores = input.stores ?? {};
  makeDataFolder(input.folder);
  await using opened = new AsyncDisposableStack();
  const address =
    stores.databaseUrl?.reveal() ?? (await startEmbedded(opened, input.folder)).address("tocsin");
  const db = await openPools({
    address,
    who: input.who,
    ...(stores.connections === undefined ? {} : { connections: stores.connections }),
  });
  opened.defer(async () => await db.close());
  await migratePostgres(db);
  const click = lazyClick(input, db);
  opened.defer(async () => await click.close());
  const held = opened.move();
  return {
    actor: input.actor,
    clock: input.clock ?? systemClock,
    log: input.log,
    progress: input.progress ?? noProgress,
    signal: input.signal ?? new AbortController().signal,
    organisation: input.organisation,
    folder: input.folder,
    db,
    click: click.open,
    [Symbol.asyncDispose]: async () => await held.disposeAsync(),
  };
}

/** 0700, but as root 0711: the embedded Postgres runs as another user, and passes through to its own folder, 0700. */
export function makeDataFolder({ data }: DataFolder): void {
  const mode = process.getuid?.() === 0 ? 0o711 : 0o700;
  mkdirSync(data, { recursive: true, mode });
  chmodSync(data, mode);
}

async function startEmbedded(
  opened: AsyncDisposableStack,
  { data }: DataFolder,
): Promise<EmbeddedPostgres> {
  const embedded = opened.use(await startPostgres({ folder: data }));
  await embedded.ensureDatabase("tocsin");
  return embedded;
}

type LazyClick = { readonly open: () => Promise<Click>; readonly close: () => Promise<void> };

function lazyClick({ folder, stores = {}, who }: OpenContextInput, db: Postgres): LazyClick {
  let opening: Promise<Click> | undefined;
  const open = async (): Promise<Click> => {
    const click = await openClick({
      ...(stores.clickhouseUrl ? { url: stores.clickhouseUrl } : {}),
      path: join(folder.data, "clickhouse"),
      database: stores.clickhouseDatabase ?? "tocsin",
      memoryBytes: stores.clickhouseMemoryBytes ?? CLICK_MEMORY_BYTES,
      who,
    });
    try {
      await migrateClick(db, click);
      return click;
    } catch (error) {
      await click.close();
      throw error;
    }
  };
  return {
    open: async () => {
      opening ??= open();
      try {
        return await opening;
      } catch (error) {
        opening = undefined; // the next caller tries again
        throw error;
      }
    },
    close: async () => {
      const click = await opening?.catch(() => undefined);
      await click?.close();
    },
  };
}
