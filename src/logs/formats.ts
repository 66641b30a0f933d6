// Every format that Tocsin knows by itself. A new one is a file in one of the three folders, an import and an entry in its list.
import type { Format } from "./format.ts";
import { csv } from "./formats/csv.ts";
import { json } from "./formats/json.ts";
import { otlp } from "./formats/otlp.ts";
import { text } from "./formats/text.ts";
import { windowsEvent } from "./formats/windows-event.ts";
import { windowsFlat } from "./formats/windows-flat.ts";
import { windowsXml } from "./formats/windows-xml.ts";
import { winlogbeat } from "./formats/winlogbeat.ts";
import { SERVICE_FORMATS } from "./service-formats.ts";
import { TEXT_FORMATS } from "./text-formats.ts";

/** Names are unique. The order says nothing: `claims` and `rank` decide. */
export const FORMATS: readonly Format[] = [
  json,
  otlp,
  csv,
  text,
  windowsEvent,
  windowsFlat,
  windowsXml,
  winlogbeat,
  ...SERVICE_FORMATS,
  ...TEXT_FORMATS,
];

/** The one of that name. */
export function formatOf(name: string): Format | undefined {
  return FORMATS.find((format) => format.name === name);
}
