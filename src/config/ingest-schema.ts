import { z } from "zod";
import { Key, Path } from "./words.ts";

/** Of a log of tocsin.yaml: it takes records over HTTP. */
export const IngestSettings = z.strictObject({
  token_file: Path.describe(
    "what its senders know, 16 characters or more: authorization: Bearer TOKEN",
  ),
  otlp: Key.optional().describe(
    "how bodies of OTLP log records are read; the log's format by default, or the whole record where it has none",
  ),
});
export type IngestSettings = z.output<typeof IngestSettings>;
