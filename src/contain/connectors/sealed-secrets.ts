import { z } from "zod";
import { TocsinError } from "../../core/errors.ts";

/** Key of a task → the exposed value that its action needs. In memory only. */
export type Secrets = ReadonlyMap<string, string>;

const Sealed = z.record(z.string(), z.string());

/** Reads a chunk's sealed payload, a JSON object. Empty where the chunk has none. @throws TocsinError `incompatible` */
export function sealedSecrets(sealed: Uint8Array | undefined): Secrets {
  if (sealed === undefined) return new Map();
  try {
    return new Map(Object.entries(Sealed.parse(JSON.parse(Buffer.from(sealed).toString("utf8")))));
  } catch {
    // Without the cause: a JSON error quotes the text around it, which is secret.
    throw new TocsinError(
      "incompatible",
      "the sealed payload of a chunk is not a JSON object of texts",
    );
  }
}
