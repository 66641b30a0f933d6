import { TocsinError } from "../core/errors.ts";
import { requireScope } from "../core/scope.ts";
import type { Context } from "../db/context.ts";
import type { Action } from "./action.ts";
import { openSqlFarSide, orThrow, sqlWork } from "./connectors/sql.ts";
import { fits } from "./connectors/sql-far-side.ts";

export type DryRun = {
  readonly asked: number;
  /** Of these the far side knows so many. Undefined where it cannot be asked without acting. */
  readonly found?: number;
  /** Keys that it does not know, or could not hold. */
  readonly missing: readonly string[];
  /** Of those found, so many are done already. */
  readonly already?: number;
  /** What was asked, in a person's words. */
  readonly how: string;
};

/**
 * What the far side says of these targets, without changing anything: `found` and `left` in transactions that cannot write.
 * @throws TocsinError `unavailable`, `forbidden` or `incompatible` as the database answers
 */
export async function dryRun(
  ctx: Context,
  action: Action,
  keys: readonly string[],
): Promise<DryRun> {
  requireScope(ctx.actor, "plans:read");
  const connector = ctx.organisation.connectors[action.connector];
  if (!connector)
    throw new TocsinError("not_found", `tocsin.yaml has no connector ${action.connector}`);
  const settings = "sql" in connector ? connector.actions[action.key] : undefined;
  if (!("sql" in connector) || !settings) {
    return { asked: keys.length, missing: [], how: "not asked: it cannot be asked without acting" };
  }
  await using farSide = openSqlFarSide(connector);
  const work = sqlWork(connector, settings);
  const type = orThrow(await farSide.describe(work.left));
  const found = new Set<string>();
  const left = new Set<string>();
  for (let from = 0; from < keys.length; from += BATCH) {
    const part = keys.slice(from, from + BATCH).filter((key) => fits(key, type));
    if (part.length === 0) continue;
    for (const key of work.found ? orThrow(await farSide.select(work.found, part)) : part)
      found.add(key);
    for (const key of orThrow(await farSide.select(work.left, part))) left.add(key);
  }
  return {
    asked: keys.length,
    found: found.size,
    missing: keys.filter((key) => !found.has(key)),
    already: [...found].filter((key) => !left.has(key)).length,
    how: work.found
      ? "the queries `found` and `left`"
      : "the query `left`; without `found`, every key counts as there",
  };
}

const BATCH = 5_000;
