// The small words that both files share: names, durations, paces, secrets, categories.
import { z } from "zod";
import { Secret } from "../core/secret.ts";

/** A name in a file, a path and a command: lower case, digits, dashes. */
export const Name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "use lower-case letters, digits and dashes, at most 63");

/** Identifiers that a file gives to its own things (`dump`, `affected`). */
export const Key = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,62}$/, "start with a letter; use a-z, 0-9, - and _");

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
type Unit = keyof typeof UNIT_MS;

/** `90s`, `15m`, `72h`, `30d` → milliseconds. */
export const Duration = z
  .string()
  .regex(/^\d+(ms|s|m|h|d)$/, "write a number and a unit: 90s, 15m, 72h, 30d")
  .transform((text) => Number.parseInt(text, 10) * UNIT_MS[unitOf(text)]);

export type Pace = { readonly count: number; readonly perMs: number };

/** `2000/s`, `60/h` → so many a period. */
export const PaceText = z
  .string()
  .regex(/^\d+\/(s|m|h|d)$/, "write a number a unit: 2000/s, 60/h")
  .transform((text): Pace => ({ count: Number.parseInt(text, 10), perMs: UNIT_MS[unitOf(text)] }));

function unitOf(text: string): Unit {
  const unit = /[a-z]+$/.exec(text)?.[0];
  if (unit === "ms" || unit === "s" || unit === "m" || unit === "h" || unit === "d") return unit;
  throw new RangeError(`no unit in ${text}`); // the patterns above leave no other
}

/** A string that is never printed. In the file: literal, or with `${VARIABLE}` from the environment. */
export const SecretText = z.string().transform((value) => new Secret(value));

/** A fideslang key, or one of Tocsin's extensions: `user.contact.email`, `token.github`. */
export const Category = z
  .string()
  .regex(
    /^[a-z_]+(\.[a-z_]+)*$/,
    "write a data category such as user.contact.email or token.github",
  );

/** A path, relative to the file that it stands in. */
export const Path = z.string().min(1);
