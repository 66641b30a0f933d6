// Where a refresh starts: at the first row, or behind the pages that an interrupted one has done.
import type { Json } from "../core/canonical.ts";
import { sha256Hex } from "../core/digest.ts";
import type { RegistrySource } from "../config/registry-schema.ts";
import type { Click } from "../db/click.ts";
import type { Context } from "../db/context.ts";
import { keepOnly, layerOf } from "./layers.ts";
import type { Published } from "./published.ts";
import {
  forgetPages,
  noteBegun,
  nextRefresh,
  unfinished,
  type Begun,
  type Unfinished,
} from "./refresh-cursor.ts";
import type { Source } from "./source.ts";

export type BeginInput = {
  readonly name: string;
  readonly source: RegistrySource;
  readonly full: boolean;
  readonly opened: Source;
  readonly seen: Published | undefined;
};

/** Drops every layer that neither readers nor the interrupted refresh need. */
export async function beginRefresh(
  ctx: Context,
  click: Click,
  input: BeginInput,
): Promise<Unfinished> {
  const { name, opened, seen } = input;
  const layers = seen?.layers ?? [];
  const left = await unfinished(click, name, seen?.refresh ?? 0);
  const kind = kindOf(input);
  const version = await opened.version();
  if (left && (await mayGoOn(left, kind, opened))) {
    const begun = { ...left.begun, versions: withVersion(left.begun.versions, version) };
    await noteBegun(click, { registry: name, refresh: left.refresh, begun });
    await keepOnly(click, name, [...layers, ...pageLayers(left)]);
    return { ...left, begun };
  }
  const refresh = await nextRefresh(click);
  await forgetPages(click, name);
  await keepOnly(click, name, layers);
  const begun: Begun = { ...kind, startedAt: ctx.clock.now().toISOString(), versions: [version] };
  await noteBegun(click, { registry: name, refresh, begun });
  return { refresh, begun, pages: 0, rows: 0, firstPages: 0, cursor: undefined };
}

type Kind = Pick<Begun, "mode" | "settings" | "since">;

async function mayGoOn(left: Unfinished, kind: Kind, opened: Source): Promise<boolean> {
  const { mode, settings, versions } = left.begun;
  if (left.pages === 0 || mode !== kind.mode || settings !== kind.settings) return false;
  return await opened.goesOn(versions[0] ?? null);
}

function kindOf({ source, opened, full, seen }: BeginInput): Kind {
  const settings = settingsDigest(source);
  const since = seen?.figures.settings === settings ? seen.figures.newest : "";
  const changes = source.changed !== undefined && opened.incremental && !full && since !== "";
  return changes ? { mode: "changes", settings, since } : { mode: "full", settings, since: null };
}

function pageLayers({ refresh, pages }: Unfinished): number[] {
  return Array.from({ length: pages }, (_, index) => layerOf(refresh, index + 1));
}

function withVersion(versions: readonly Json[], version: Json): Json[] {
  const last = versions.at(-1);
  return JSON.stringify(last) === JSON.stringify(version) ? [...versions] : [...versions, version];
}

function settingsDigest(source: RegistrySource): string {
  const { may_shrink_by: _, ...settings } = source;
  return sha256Hex(JSON.stringify(settings)); // addresses print as [secret]
}
