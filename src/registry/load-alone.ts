// A registry from a file into a ClickHouse that nobody else has: no tocsin.yaml, no Postgres, read once.
import { open } from "node:fs/promises";
import { RegistrySource } from "../config/registry-schema.ts";
import { type CategoryKey, columnWords, factsOf } from "../core/categories.ts";
import { TocsinError } from "../core/errors.ts";
import { parse } from "../core/parse.ts";
import type { Progress } from "../core/progress.ts";
import type { Click } from "../db/click.ts";
import { readColumns } from "./columns.ts";
import { layerOf } from "./layers.ts";
import { loadPage } from "./load-page.ts";
import { oneAhead } from "./one-ahead.ts";
import type { PagesFolder } from "./pages-folder.ts";
import { publish } from "./published.ts";
import { openCsv } from "./read-csv.ts";
import { openNdjson } from "./read-ndjson.ts";
import { openParquet } from "./read-parquet.ts";
import { refuseUnknownColumns } from "./refuse-unknown-columns.ts";
import { settle } from "./settle.ts";
import type { Source } from "./source.ts";

export type LoadAloneInput = {
  readonly name: string;
  readonly path: string;
  /** The column of the account's id, where it is not to be found by its name. */
  readonly key: string | undefined;
  readonly pages: PagesFolder;
  readonly now: Date;
  readonly progress: Progress;
  readonly signal: AbortSignal;
};

export type LoadedAlone = { readonly source: RegistrySource; readonly accounts: number };

const REFRESH = 1;

/** @throws TocsinError `invalid` where no column is the key, `not_found` */
export async function loadAlone(click: Click, input: LoadAloneInput): Promise<LoadedAlone> {
  const { name } = input;
  await using opened = await openFile(click, input.path);
  const columns = await opened.columns();
  const source = guessed(columns, input);
  refuseUnknownColumns(name, source, columns);
  const { pages, rows } = await readPages(click, { ...input, source, opened });
  const settled = await settle(click, {
    registry: name,
    refresh: REFRESH,
    mode: "full",
    pages,
    rows,
    seen: undefined,
    newest: false,
    mayShrinkBy: 1,
    mostLayers: Number.MAX_SAFE_INTEGER,
  });
  const at = input.now.toISOString();
  const figures = {
    mode: "full" as const,
    accounts: settled.accounts,
    added: settled.added,
    changed: 0,
    closed: 0,
    rows,
    setAside: {},
    versions: [],
    consistent: true,
    newest: "",
    settings: "",
    fullAt: at,
    seconds: 0,
  };
  await publish(click, name, { refresh: REFRESH, layers: settled.layers, at, figures });
  return { source, accounts: settled.accounts };
}

type ReadPages = LoadAloneInput & { readonly source: RegistrySource; readonly opened: Source };

async function readPages(click: Click, input: ReadPages): Promise<{ pages: number; rows: number }> {
  const { name, source, opened, signal } = input;
  const { write } = input.pages;
  const minorAfter = String(
    Number(input.now.toISOString().slice(0, 10).replaceAll("-", "")) - 18_00_00,
  );
  let [pages, rows] = [0, 0];
  let plans = false;
  const asked = {
    from: undefined,
    since: undefined,
    columns: readColumns(source),
    key: source.key,
    changed: undefined,
    pageRows: undefined,
    write,
    signal,
  };
  for await (const page of oneAhead(opened.pages(asked))) {
    signal.throwIfAborted();
    pages += 1;
    const layer = layerOf(REFRESH, pages);
    plans = await loadPage(click, {
      registry: name,
      source,
      page,
      layer,
      minorAfter,
      write,
      plans,
    });
    rows += page.lines;
    input.progress({ what: `read ${name}`, done: rows, unit: "rows" });
  }
  return { pages, rows };
}

async function openFile(click: Click, path: string): Promise<Source> {
  await using file = await open(path, "r").catch((cause: unknown) => {
    throw new TocsinError("not_found", `there is no file ${path}`, { cause });
  });
  const { buffer, bytesRead } = await file.read(Buffer.alloc(64), 0, 64, 0);
  const start = buffer.toString("latin1", 0, bytesRead);
  if (start.startsWith("PAR1")) return openParquet(click, path);
  return /^(?:\xef\xbb\xbf)?\s*\{/.test(start) ? openNdjson(path) : openCsv(path);
}

function guessed(columns: readonly string[], { name, path, key }: LoadAloneInput): RegistrySource {
  const named = (category: CategoryKey): string | undefined =>
    columns.find((column) => factsOf(category)?.columns?.test(columnWords(column)) === true);
  const email = named("user.contact.email");
  const username = named("user.account.username");
  const phone = named("user.contact.phone_number");
  const own = key ?? named("user.unique_id") ?? username ?? email;
  if (own === undefined)
    throw new TocsinError(
      "invalid",
      `no column of ${path} is named like an account's id: name it with --key COLUMN; it has ${columns.slice(0, 50).join(", ")}`,
    );
  const country = columns.find((column) => /^country(_code)?$/.test(columnWords(column)));
  return parse(RegistrySource, {
    from: { csv: name },
    key: own,
    identifiers: {
      ...(email && { email }),
      ...(username && { username }),
      ...(phone && { phone }),
    },
    ...(country && { country }),
  });
}
