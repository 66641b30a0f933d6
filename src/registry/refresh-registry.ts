// Reads a registry's source into its mirror. Pages of the source become layers that nobody sees; when all are in and settled, one
// insert shows them. Killed anywhere, the next call goes on: pages that are done stay, all else is made again.
import { z } from "zod";
import { TocsinError } from "../core/errors.ts";
import { parse } from "../core/parse.ts";
import { requireScope } from "../core/scope.ts";
import type { RegistrySource } from "../config/registry-schema.ts";
import { Key } from "../config/words.ts";
import type { Context } from "../db/context.ts";
import { refreshOne, type Refreshed } from "./refresh-one.ts";
import { withSessionLock } from "../db/session-lock.ts";

export const RefreshInput = z.strictObject({
  registry: Key.optional().describe("by default every one of them"),
  full: z
    .boolean()
    .default(false)
    .describe("reads everything, also where a column marks changes: finds what was deleted"),
  shrink: z.boolean().default(false).describe("it is right that many accounts are gone"),
});

// One refresh at a time, of whatever registry and whoever runs it: their numbers are never the same then.
const LOCK = { name: "registry refresh", busy: "a registry is being refreshed already" };

/**
 * Every registry, or one, one after the other. What was seen before is seen until a refresh is whole.
 * @throws TocsinError `refused` where more accounts would be closed than `may_shrink_by` allows; `unavailable`, `invalid` as
 * the source fails: the pages that are in stay, and the next refresh goes on behind them
 */
export async function refreshRegistry(
  ctx: Context,
  input: z.input<typeof RefreshInput>,
): Promise<Refreshed[]> {
  requireScope(ctx.actor, "registry:write");
  const { registry, full, shrink } = parse(RefreshInput, input);
  const done: Refreshed[] = [];
  for (const [name, source] of chosen(ctx, registry)) {
    done.push(
      await withSessionLock(
        ctx.db,
        LOCK,
        async () => await refreshOne(ctx, { name, source, full, shrink }),
      ),
    );
  }
  return done;
}

function chosen(ctx: Context, registry: string | undefined): [string, RegistrySource][] {
  const all = Object.entries(ctx.organisation.registry);
  if (all.length === 0) throw new TocsinError("not_found", "tocsin.yaml describes no registry");
  const some = all.filter(([name]) => registry === undefined || name === registry);
  if (some.length === 0) {
    throw new TocsinError(
      "not_found",
      `tocsin.yaml has no registry ${registry}; it has ${all.map(([name]) => name).join(", ")}`,
    );
  }
  return some;
}
