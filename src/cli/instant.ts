import { TocsinError } from "../core/errors.ts";

/** `2019-04-25T18:00Z`, or what else names one moment with its zone; undefined stays so. @throws TocsinError `invalid` */
export function instant(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const zoned = /(?:Z|[+-]\d{2}:?\d{2})$/.test(text);
  const at = new Date(text);
  if (!zoned || Number.isNaN(at.getTime()))
    throw new TocsinError("invalid", `${text}: write a time with its zone, 2019-04-25T18:00:00Z`);
  return at.toISOString();
}
