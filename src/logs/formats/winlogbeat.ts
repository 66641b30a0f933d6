import type { Format } from "../format.ts";
import { has, inJson, jsonReads } from "../json-reads.ts";
import { anyTime } from "../time.sql.ts";
import { DATA_NAMES, windowsFields, windowsParts } from "../windows-shape.ts";

const reads = jsonReads({
  time: ["@timestamp", "event.created"],
  Channel: "winlog.channel",
  EventID: ["winlog.event_id", "event.code"],
  EventRecordID: "winlog.record_id",
  Computer: "winlog.computer_name",
  ...Object.fromEntries(DATA_NAMES.map((name) => [name, `winlog.event_data.${name}`])),
});

const parts = windowsParts((name) => (reads.at as Readonly<Record<string, string>>)[name] ?? "''");

/** Windows events as Winlogbeat and Elastic Agent ship them. */
export const winlogbeat: Format = {
  ...parts,
  name: "winlogbeat",
  about: "Windows events as Winlogbeat and Elastic Agent ship them",
  records: { by: "json" },
  json: true,
  claims: has("winlog", "channel"),
  rank: 80,
  steps: { ...reads.steps, ...parts.steps },
  time: anyTime("told"),
  fieldPlaces: windowsFields(
    [
      ["winlog", "event_data"],
      ["winlog", "user_data"],
    ],
    (field) => {
      const own = SYSTEM[field];
      return own === undefined ? [] : [inJson("winlog", own)];
    },
  ),
};

const SYSTEM: Readonly<Record<string, string>> = {
  EventID: "event_id",
  Channel: "channel",
  Provider_Name: "provider_name",
  Computer: "computer_name",
  Level: "level",
  Task: "task",
  Opcode: "opcode",
};
