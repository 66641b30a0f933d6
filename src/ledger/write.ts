// The one door to a write: scope, one transaction, its ledger entry inside it, and an answer that can be asked for again.
import type { Json } from "../core/canonical.ts";
import { TocsinError } from "../core/errors.ts";
import { requireScope, type Scope } from "../core/scope.ts";
import type { Context } from "../db/context.ts";
import { asStoreFailure, isCollision, isRolledBack } from "../db/postgres-failure.ts";
import type { Tx } from "../db/postgres.ts";
import { nextSlot, storeAnswer, storedAnswer, type AnswerSlot } from "./answers.ts";
import { appendEntry } from "./append.ts";

export type Entry = {
  /** Past tense, `noun.verb`: `plan.approved`. */
  readonly kind: string;
  readonly incident?: string;
  /** What happened, as ids, counts and digests. Personal data may stand here: the leaf is a salted commitment, and the body can be erased. */
  readonly body: Json;
};

export type Written<Result> = { readonly result: Result; readonly entry: Entry | readonly Entry[] };

type Work<Result> = (tx: Tx) => Promise<Written<Result>>;

/** `repeatable`: the work does nothing but SQL and consumes no stream, so it may run again after a deadlock. */
export type WriteScope = Scope | { readonly scope: Scope; readonly repeatable: true };

const MOST_TRIES = 5;

/**
 * Runs `work` in one transaction and appends its entries to the ledger in the same one. With `ctx.requestKey`, a repeated
 * call returns the first answer and writes nothing. If we crash before the commit, nothing happened; after it, all did.
 * @throws TocsinError `forbidden` without the scope; `conflict` for a key that was used for something else; `unavailable`
 *   where the store fails. It is retryable where nothing was written. Where the connection was lost during the commit it
 *   is not known whether all or nothing was written, and it is retryable only under a request key, which settles that.
 */
export async function write<Result extends Json | void>(
  ctx: Context,
  scope: WriteScope,
  work: Work<Result>,
): Promise<Result> {
  const { name, tries } =
    typeof scope === "string"
      ? { name: scope, tries: 1 }
      : { name: scope.scope, tries: MOST_TRIES };
  requireScope(ctx.actor, name);
  const slot = nextSlot(ctx, name);
  for (let tried = 1; ; tried += 1) {
    try {
      return await once(ctx, slot, work);
    } catch (error) {
      if (!isCollision(error)) throw error;
      if (tried >= tries) throw asStoreFailure(error);
      await ctx.clock.sleep(Math.random() * 10 * 2 ** tried, ctx.signal);
    }
  }
}

async function once<Result extends Json | void>(
  ctx: Context,
  slot: AnswerSlot | undefined,
  work: Work<Result>,
): Promise<Result> {
  // Set by the transaction's last statement before its commit.
  let answer: { readonly result: Result } | undefined;
  try {
    await ctx.db.write.begin(async (tx) => {
      const stored = slot && (await storedAnswer(tx, ctx, slot));
      // The stored request is this one (its verb and input are compared), so its answer has the shape of this one.
      answer = { result: stored ? JSON.parse(stored.text) : await perform(tx, ctx, work) };
      if (slot && !stored)
        await storeAnswer(tx, ctx, { ...slot, text: JSON.stringify(answer.result ?? null) });
    });
  } catch (error) {
    if (isCollision(error)) throw error;
    throw answer && !isRolledBack(error)
      ? lostCommit(error, slot !== undefined)
      : asStoreFailure(error);
  }
  if (!answer) throw new Error("the transaction ended without an answer");
  return answer.result;
}

async function perform<Result>(tx: Tx, ctx: Context, work: Work<Result>): Promise<Result> {
  const { result, entry } = await work(tx);
  for (const one of isMany(entry) ? entry : [entry]) await appendEntry(tx, ctx, one);
  return result;
}

function isMany(entry: Entry | readonly Entry[]): entry is readonly Entry[] {
  return Array.isArray(entry);
}

function lostCommit(cause: unknown, settled: boolean): TocsinError {
  const advice = settled
    ? "repeat it with the same idempotency key"
    : "look whether it happened before you repeat it";
  return new TocsinError(
    "unavailable",
    `the connection to postgres was lost during the commit: ${advice}`,
    {
      retryable: settled,
      cause,
    },
  );
}
