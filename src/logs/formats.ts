// Every format that Tocsin knows by itself. A new one is a file in formats/, an import and an entry here.
import type { Format } from "./format.ts";
import { json } from "./formats/json.ts";
import { otlp } from "./formats/otlp.ts";
import { SERVICE_FORMATS } from "./service-formats.ts";

/** Names are unique. The order says nothing: `claims` and `rank` decide. */
export const FORMATS: readonly Format[] = [json, otlp, ...SERVICE_FORMATS];

/** The one of that name. */
export function formatOf(name: string): Format | undefined {
  return FORMATS.find((format) => format.name === name);
}
