import { randomUUID } from "node:crypto";
import type { Json } from "../../src/core/canonical.ts";
import type { Batch } from "../../src/work/handler.ts";

/** One batch as the engine would hand it over, with these keys. */
export function batchOf(
  keys: readonly string[],
  given: { run?: string; settings?: Json; sealed?: Uint8Array } = {},
): Batch {
  const at = { run: given.run ?? randomUUID(), step: 1, chunk: 0 };
  return {
    ...at,
    settings: given.settings ?? {},
    tasks: keys.map((key, n) => ({ ...at, n, key, payload: {} })),
    ...(given.sealed && { sealed: given.sealed }),
    signal: new AbortController().signal,
  };
}
