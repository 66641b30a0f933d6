// `tocsin scope` stands alone: no tocsin.yaml, no Postgres. Its ClickHouse lives in a folder of its own that goes with it.
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { parse as parseYaml } from "yaml";
import { z } from "zod";
import { TocsinError } from "../../core/errors.ts";
import { parse } from "../../core/parse.ts";
import { noProgress, type Progress } from "../../core/progress.ts";
import type { Click } from "../../db/click.ts";
import { dataFolder } from "../../db/folder.ts";
import { migrateClickAlone } from "../../db/migrate.ts";
import { openClick } from "../../db/open-click.ts";
import { listInputs } from "../../logs/list-inputs.ts";
import { type LoadedAlone, loadAlone } from "../../registry/load-alone.ts";
import { pagesFolder } from "../../registry/pages-folder.ts";
import { foundAlone, foundPeople } from "../../scope/found-people.ts";
import { type FileInput, scopeFiles } from "../../scope/scope-files.ts";
import type { Cli } from "../cli.ts";
import { type Run, text, type Typed } from "../command.ts";
import { scopeReport, type ScopeReport } from "../render-scope.ts";
import { progressBars } from "../terminal.ts";

const CLICK_MEMORY_BYTES = 1_200_000_000;

export const run: Run = async (cli, typed) => {
  const registry = text(typed.options["registry"]);
  if (registry === undefined)
    throw new TocsinError("invalid", "say who your customers are: --registry customers.csv");
  if (typed.rest.length === 0)
    throw new TocsinError("invalid", "name the files: files, folders or patterns");
  const folder = mkdtempSync(join(tmpdir(), "tocsin-scope-"));
  chmodSync(folder, 0o700);
  try {
    const click = await openClick({
      path: join(folder, "clickhouse"),
      database: "scope",
      memoryBytes: CLICK_MEMORY_BYTES,
      who: "tocsin scope",
    });
    try {
      await migrateClickAlone(click);
      return await scopeIn(cli, typed, { click, folder, registry });
    } finally {
      await click.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

type In = { readonly click: Click; readonly folder: string; readonly registry: string };

async function scopeIn(cli: Cli, typed: Typed, { click, folder, registry }: In): Promise<number> {
  const bars = progressBars(process.stderr);
  const progress = cli.quiet ? noProgress : bars.progress;
  const values = typed.options["show-values"] === true;
  const files = await filesOf(cli, typed.rest);
  const loaded = await registryOf(cli, typed, { click, folder, registry, progress });
  const parts = join(folder, "documents");
  mkdirSync(parts, { mode: 0o700 });
  const report = scopeReport(cli, { values, accounts: loaded.accounts });
  const registries = [loaded.source];
  const corrections = await correctionsOf(cli, text(typed.options["columns"]));
  const { signal } = cli;
  for await (const batch of scopeFiles(click, {
    files,
    registries,
    corrections,
    values,
    folder: parts,
    progress,
    signal,
  }))
    report.batch(batch);
  bars.end();
  return await answer(click, report, values);
}

async function answer(click: Click, report: ScopeReport, values: boolean): Promise<number> {
  if (!report.someRead()) {
    report.end();
    throw new TocsinError("invalid", "none of the files can be read");
  }
  for await (const people of foundPeople(click, values)) report.people(people);
  report.alone(await foundAlone(click));
  report.end();
  return 0;
}

async function registryOf(
  cli: Cli,
  typed: Typed,
  { click, folder, registry, progress }: In & { readonly progress: Progress },
): Promise<LoadedAlone> {
  using pages = pagesFolder(dataFolder(folder), "registry");
  return await loadAlone(click, {
    name: "customers",
    path: resolve(cli.folder, registry),
    key: text(typed.options["key"]),
    pages,
    now: new Date(),
    progress,
    signal: cli.signal,
  });
}

async function filesOf(cli: Cli, paths: readonly string[]): Promise<FileInput[]> {
  const { inputs, unread } = await listInputs({
    paths,
    from: cli.folder,
    standardInput: () => process.stdin,
  });
  if (unread.length > 0)
    throw new TocsinError("not_found", `${unread[0]?.name}: ${unread[0]?.reason}`, {
      problems: unread.map(({ name, reason }) => ({ at: name, message: reason })),
    });
  const files: FileInput[] = [];
  for (const { name, path } of inputs) {
    if (path === undefined)
      throw new TocsinError("invalid", "standard input cannot be scoped: write it into a file");
    files.push({ name: name === "" ? basename(path) : name, path, bytes: (await stat(path)).size });
  }
  return files;
}

const Corrections = z.record(z.string(), z.string());

async function correctionsOf(
  cli: Cli,
  file: string | undefined,
): Promise<Readonly<Record<string, string>>> {
  if (file === undefined) return {};
  const path = resolve(cli.folder, file);
  const content = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new TocsinError("not_found", `there is no file ${path}`, { cause });
  });
  return parse(Corrections, parseYaml(content));
}
