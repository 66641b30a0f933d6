import { z } from "zod";
import { IngestSettings } from "./ingest-schema.ts";
import { Key, Path } from "./words.ts";

const Attribute = z
  .string()
  .regex(
    /^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$/,
    "write an OCSF attribute such as src_endpoint.ip",
  );

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
  time: z
    .string()
    .min(1)
    .optional()
    .describe("your field that holds the time, of a log in json or csv"),
  map: z
    .record(Attribute, z.string().min(1))
    .optional()
    .describe(
      "OCSF attribute: your field that holds it, of a log in json or csv; docs/logs.md lists the attributes",
    ),
  set: z
    .record(Attribute, z.union([z.string(), z.number(), z.boolean()]))
    .optional()
    .describe(
      "OCSF attribute: what it is in every record, as class_uid: 3002 for a log of sign-ins",
    ),
  product: z.string().optional().describe("of Sigma's log source, for the rules that apply"),
  category: z.string().optional().describe("of Sigma's log source"),
  service: z.string().optional().describe("of Sigma's log source"),
  ingest: IngestSettings.optional().describe("it also takes records over HTTP"),
});

export const Logs = z.record(Key, Log);
export type Logs = z.output<typeof Logs>;
export type LogSettings = z.output<typeof Log>;
