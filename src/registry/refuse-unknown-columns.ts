import type { RegistrySource } from "../config/registry-schema.ts";
import { TocsinError, type Problem } from "../core/errors.ts";
import { namedColumns } from "./columns.ts";

/** Each column that tocsin.yaml names and the source does not have. */
export function unknownColumns(
  registry: string,
  source: RegistrySource,
  has: readonly string[],
): Problem[] {
  return namedColumns(source)
    .filter(({ column }) => !has.includes(column))
    .map(({ at, column }) => ({
      at: `registry.${registry}.${at}`,
      message: `the source has no column ${column}; it has ${has.slice(0, 50).join(", ")}`,
    }));
}

/** @throws TocsinError `invalid`, one problem a column */
export function refuseUnknownColumns(
  registry: string,
  source: RegistrySource,
  has: readonly string[],
): void {
  const problems = unknownColumns(registry, source, has);
  const [first] = problems;
  if (first) throw new TocsinError("invalid", `${first.at}: ${first.message}`, { problems });
}
