// One process, put together: the organisation's file, the stores, the routes. The only place that knows all parts.
import { access } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { loadOrganisation } from "../config/load-organisation.ts";
import { TocsinError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { actorWithAllScopes } from "../core/scope.ts";
import { Secret } from "../core/secret.ts";
import { dataFolder, type DataFolder } from "../db/folder.ts";
import { removeLeftovers } from "../evidence/private-folder.ts";
import { openContext, type OpenContext, type Stores } from "../db/open-context.ts";

export type ComposeInput = {
  readonly folder: DataFolder;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What this process is, for whoever waits for one of its locks: `tocsin serve`. */
  readonly who: string;
  readonly actor: string;
  readonly log: Log;
  readonly signal: AbortSignal;
};

/** @throws TocsinError `invalid` with every problem of tocsin.yaml; `unavailable` where a store does not open */
export async function compose(input: ComposeInput): Promise<OpenContext> {
  const { folder, environment, who, log, signal } = input;
  const organisation = await loadOrganisation(join(folder.root, "tocsin.yaml"), environment);
  const actor = actorWithAllScopes(input.actor, "cli");
  await removeLeftovers(folder); // what a process that was killed had unsealed
  return await openContext({
    organisation,
    folder,
    actor,
    log,
    who,
    signal,
    stores: storesOf(environment),
  });
}

function storesOf(environment: ComposeInput["environment"]): Stores {
  const databaseUrl = environment["DATABASE_URL"];
  const clickhouseUrl = environment["CLICKHOUSE_URL"];
  return {
    ...(databaseUrl === undefined ? {} : { databaseUrl: new Secret(databaseUrl) }),
    ...(clickhouseUrl === undefined ? {} : { clickhouseUrl: new Secret(clickhouseUrl) }),
  };
}

/** The folder of tocsin.yaml: `from`, or the nearest above it. @throws TocsinError `not_found` */
export async function findFolder(from: string, data: string | undefined): Promise<DataFolder> {
  for (let at = resolve(from); ; at = dirname(at)) {
    const found = await access(join(at, "tocsin.yaml")).then(
      () => true,
      () => false,
    );
    if (found) return dataFolder(at, data === undefined ? undefined : resolve(data));
    if (at === dirname(at))
      throw new TocsinError(
        "not_found",
        `no tocsin.yaml in ${resolve(from)} or above: tocsin init`,
      );
  }
}
