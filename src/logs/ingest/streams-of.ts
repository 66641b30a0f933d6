import type { Organisation } from "../../config/organisation.ts";
import { TocsinError } from "../../core/errors.ts";
import type { Format } from "../format.ts";
import { formatOf } from "../formats.ts";
import type { Stream } from "./stream.ts";

/** The logs of tocsin.yaml that take records over HTTP. @throws TocsinError `invalid` for a format that there is none of */
export function streamsOf({ logs }: Pick<Organisation, "logs">): Stream[] {
  return Object.entries(logs).flatMap(([name, { format, zone = "UTC", ingest }]) => {
    if (ingest === undefined) return [];
    return [
      {
        name,
        format: theFormat(name, format ?? "json"),
        otlpFormat: theFormat(name, ingest.otlp ?? format ?? "otlp"),
        zone,
        tokenFile: ingest.token_file,
      },
    ];
  });
}

function theFormat(log: string, name: string): Format {
  const format = formatOf(name);
  if (format) return format;
  throw new TocsinError(
    "invalid",
    `logs.${log}: there is no format ${name}: docs/logs.md lists them`,
  );
}
