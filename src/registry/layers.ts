// The numbering of layers, and their removal.
import { z } from "zod";
import type { Click } from "../db/click.ts";

const PER_REFRESH = 1_000_000;
/** The page number of what a refresh adds of itself: the list of duplicates. */
export const FINISHING = 999_999;
/** Accounts that are gone, one layer a slice. */
export const CARRIED = 950_000;
/** Where an incremental refresh gathers many layers into one. */
export const GATHERED = 900_000;

export function layerOf(refresh: number, page: number): number {
  return refresh * PER_REFRESH + page;
}

const LAYERED = ["accounts", "identifiers", "registry_set_aside", "registry_phones"] as const;

/** Removes a layer from every table, if it is there. */
export async function dropLayer(click: Click, registry: string, layer: number): Promise<void> {
  for (const table of LAYERED) {
    await click.command(`alter table ${table} drop partition ({registry:String}, {layer:UInt64})`, {
      registry,
      layer,
    });
  }
}

export async function dropSuperseded(
  click: Click,
  registry: string,
  refresh: number,
): Promise<void> {
  await click.command(
    `alter table registry_superseded drop partition ({registry:String}, {refresh:UInt64})`,
    { registry, refresh },
  );
}

/** Removes every layer of the registry but these, and what refreshes without a layer noted. */
export async function keepOnly(
  click: Click,
  registry: string,
  layers: readonly number[],
): Promise<void> {
  const params = { registry, layers };
  for (const table of LAYERED) {
    const stray = await click.query(
      z.object({ layer: z.number() }),
      `select distinct layer from ${table} where registry = {registry:String} and layer not in {layers:Array(UInt64)}`,
      params,
    );
    for (const { layer } of stray) {
      await click.command(
        `alter table ${table} drop partition ({registry:String}, {layer:UInt64})`,
        { registry, layer },
      );
    }
  }
  const refreshes = [...new Set(layers.map((layer) => Math.floor(layer / PER_REFRESH)))];
  const stray = await click.query(
    z.object({ by: z.number() }),
    `select distinct by from registry_superseded where registry = {registry:String} and by not in {refreshes:Array(UInt64)}`,
    { registry, refreshes },
  );
  for (const { by } of stray) await dropSuperseded(click, registry, by);
}
