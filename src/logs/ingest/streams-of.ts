import type { Organisation } from "../../config/organisation.ts";
import { json } from "../formats/json.ts";
import { otlp } from "../formats/otlp.ts";
import { logFormat } from "../own-format.ts";
import type { Stream } from "./stream.ts";

/** The logs of tocsin.yaml that take records over HTTP. @throws TocsinError `invalid` for a format that there is none of */
export function streamsOf({ logs }: Pick<Organisation, "logs">): Stream[] {
  return Object.entries(logs).flatMap(([name, settings]) => {
    const { zone = "UTC", ingest } = settings;
    if (ingest === undefined) return [];
    const own = logFormat(name, settings);
    return [
      {
        name,
        format: own ?? json,
        otlpFormat: logFormat(name, { format: ingest.otlp }) ?? own ?? otlp,
        zone,
        tokenFile: ingest.token_file,
      },
    ];
  });
}
