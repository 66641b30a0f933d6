// The one door to a write: scope, one transaction, its ledger entry inside it, and an answer that can be asked for again.
import { requireScope, type Scope } from "../core/scope.ts";
import type { Json } from "../core/canonical.ts";
import type { Context } from "../db/context.ts";
import type { Tx } from "../db/postgres.ts";
import { appendEntry } from "./append.ts";

export type Entry = {
  /** Past tense, `noun.verb`: `plan.approved`. */
  readonly kind: string;
  readonly incident?: string;
  /** What happened, as ids, counts and digests. Personal data may stand here: the leaf is a salted commitment, and the body can be erased. */
  readonly body: Json;
};

export type Written<Result> = { readonly result: Result; readonly entry: Entry | readonly Entry[] };

/**
 * Runs `work` in one transaction and appends its entries to the ledger in the same one. With `ctx.requestKey`, a repeated
 * call returns the first answer and writes nothing. If we crash before the commit, nothing happened; after it, all did.
 * @throws TocsinError `forbidden` without the scope
 */
export async function write<Result extends Json | void>(
  ctx: Context,
  scope: Scope,
  work: (tx: Tx) => Promise<Written<Result>>,
): Promise<Result> {
  requireScope(ctx.actor, scope);
  return (await ctx.db.write.begin(async (tx) => {
    const { result, entry } = await work(tx);
    for (const one of Array.isArray(entry) ? entry : [entry]) await appendEntry(tx, ctx, one);
    return result;
  })) as Result;
}
