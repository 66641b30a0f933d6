import { z } from "zod";
import { TocsinError } from "../../core/errors.ts";
import type { Context } from "../../db/context.ts";
import { unsealForWork } from "../../evidence/seal-for-work.ts";

/** Key of a task → the exposed value that its action needs. In memory only. */
export type Secrets = ReadonlyMap<string, string>;

/** Reads chunks' sealed payloads, each once while it is in use. Empty where a chunk has none. */
export type SecretReader = (sealed: Uint8Array | undefined) => Promise<Secrets>;

/** What is read rejects with TocsinError `forbidden` without the key of this organisation's workers, `incompatible` for another form. */
export function secretReader(ctx: Context): SecretReader {
  const open = new WeakMap<Uint8Array, Promise<Secrets>>();
  return async (sealed) => {
    if (sealed === undefined) return NONE;
    const secrets = open.get(sealed) ?? unsealForWork(ctx, sealed).then(parsed);
    open.set(sealed, secrets);
    return await secrets;
  };
}

const NONE: Secrets = new Map();

const Sealed = z.record(z.string(), z.string());

function parsed(text: string): Secrets {
  try {
    return new Map(Object.entries(Sealed.parse(JSON.parse(text))));
  } catch {
    // Without the cause: a JSON error quotes the text around it, which is secret.
    throw new TocsinError(
      "incompatible",
      "the sealed payload of a chunk is not a JSON object of texts",
    );
  }
}
