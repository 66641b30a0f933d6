import type { Records } from "../format.ts";

/** The key below which a text of that beginning may hold its records; undefined where it shows none. */
export function keyInside(records: Records, head: Buffer): string | undefined {
  return "inside" in records
    ? records.inside.find((key) => head.includes(JSON.stringify(key)))
    : undefined;
}

/** The one to read by: the beginning may be a few bytes of a pipe, and then it is the first. */
export function keyToRead(records: Records, head: Buffer): string | undefined {
  return keyInside(records, head) ?? ("inside" in records ? records.inside[0] : undefined);
}
