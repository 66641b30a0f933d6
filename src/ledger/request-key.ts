import { canonicalJson, type Json } from "../core/canonical.ts";
import { sha256Hex } from "../core/digest.ts";
import { TocsinError } from "../core/errors.ts";
import type { Context, RequestKey } from "../db/context.ts";

/**
 * For `ctx.requestKey`. What a verb reads before its `write` is read again in a repetition: checks that the write itself
 * would make fail (it is approved already) belong inside the write.
 * @param key the Idempotency-Key header: 1 to 255 printable ASCII characters
 * @throws TocsinError `invalid`
 */
export function openRequest(key: string, verb: string, input: Json): RequestKey {
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new TocsinError(
      "invalid",
      "the idempotency key must be 1 to 255 printable ASCII characters without spaces",
    );
  }
  return { key, digest: sha256Hex(canonicalJson([verb, input])), writes: 0 };
}

/**
 * For a verb that calls others: the writes of each part are counted apart. A repetition after a crash finds some parts done
 * and leaves them out, and must not be given the answer of one for another.
 */
export function subrequest(ctx: Context, part: string): Context {
  if (!ctx.requestKey) return ctx;
  const { key, digest } = ctx.requestKey;
  return { ...ctx, requestKey: { key: `${key}/${part}`, digest, writes: 0 } };
}
