// Answers under an Idempotency-Key: stored in the transaction of the write, so there is an answer exactly where there was a write.
import { TocsinError } from "../core/errors.ts";
import type { Context, RequestKey } from "../db/context.ts";
import type { Tx } from "../db/postgres.ts";

/** One write of one request. */
export type AnswerSlot = {
  readonly request: RequestKey;
  readonly number: number;
  readonly scope: string;
};

export function nextSlot(ctx: Context, scope: string): AnswerSlot | undefined {
  const request = ctx.requestKey;
  if (!request) return undefined;
  request.writes += 1;
  return { request, number: request.writes, scope };
}

/**
 * The stored answer, as JSON, or undefined where this write has not happened. Holds the slot until the
 * transaction ends: of two same requests at once one runs, the other waits here and is given the answer.
 * @throws TocsinError `conflict` where the key was used for something else
 */
export async function storedAnswer(
  tx: Tx,
  ctx: Context,
  slot: AnswerSlot,
): Promise<{ text: string } | undefined> {
  const { key, digest } = slot.request;
  await tx`select pg_advisory_xact_lock(hashtextextended(${`${ctx.actor.name}\n${key}\n${slot.number}`}, 7))`;
  const [row] = await tx<{ answer: string; request_digest: string; scope: string }[]>`
    select answer, request_digest, scope from ledger_answers
    where actor = ${ctx.actor.name} and key = ${key} and number = ${slot.number}`;
  if (!row) return undefined;
  if (row.request_digest !== digest || row.scope !== slot.scope) {
    throw new TocsinError(
      "conflict",
      "this idempotency key was used for another request: take a new one",
    );
  }
  return { text: row.answer };
}

export async function storeAnswer(
  tx: Tx,
  ctx: Context,
  slot: AnswerSlot & { text: string },
): Promise<void> {
  await tx`
    insert into ledger_answers (actor, key, number, scope, request_digest, answer, at)
    values (${ctx.actor.name}, ${slot.request.key}, ${slot.number}, ${slot.scope}, ${slot.request.digest}, ${slot.text},
      ${ctx.clock.now()})`;
}
