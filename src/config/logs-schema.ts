import { z } from "zod";
import { IngestSettings } from "./ingest-schema.ts";
import { Key, Path } from "./words.ts";

/** A log of the organisation: where its records come from and how they are read. */
const Log = z.strictObject({
  files: z
    .union([Path, z.array(Path).min(1)])
    .optional()
    .describe("files, folders and globs, also s3://BUCKET/PREFIX"),
  format: Key.optional().describe(
    "docs/logs.md lists them; found by itself for files, json for what comes over HTTP",
  ),
  zone: z
    .string()
    .min(1)
    .optional()
    .describe("of times that name none: Europe/Paris; UTC by default"),
  ingest: IngestSettings.optional().describe("it also takes records over HTTP"),
});

export const Logs = z.record(Key, Log);
export type Logs = z.output<typeof Logs>;
export type LogSettings = z.output<typeof Log>;
