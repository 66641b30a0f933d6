import type { IncidentFile } from "../config/incident-file.ts";
import { canonicalJson } from "../core/canonical.ts";
import { sha256Hex } from "../core/digest.ts";
import type { Context } from "../db/context.ts";
import { lastChange } from "../registry/published.ts";

/** Grows with every change of what a value is recognised as or how a row is matched: then everything is scoped again. */
const METHOD = 2;

/** Digest of all that decides the exposures of a piece of evidence. The same digest means the same exposures. */
export async function scopingInputs(
  ctx: Context,
  { sha256, settings }: { sha256: string; settings: IncidentFile["evidence"][string] },
): Promise<string> {
  const click = await ctx.click();
  const names =
    settings.registry === undefined
      ? Object.keys(ctx.organisation.registry).toSorted()
      : [settings.registry];
  const registries: Record<string, number> = {};
  for (const name of names) registries[name] = await lastChange(click, name);
  const sources = names
    .map((name) => ctx.organisation.registry[name])
    .map((one) => [one?.key ?? "", { ...one?.identifiers }]);
  const { columns, act, sure, registry } = settings;
  const what = {
    method: METHOD,
    sha256,
    columns,
    act,
    sure,
    registry: registry ?? null,
    registries,
    sources,
  };
  return sha256Hex(canonicalJson(JSON.parse(JSON.stringify(what))));
}
