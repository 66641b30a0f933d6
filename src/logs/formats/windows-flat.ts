import type { Format } from "../format.ts";
import { has, inJson, jsonReads } from "../json-reads.ts";
import { anyTime } from "../time.sql.ts";
import { DATA_NAMES, windowsFields, windowsParts } from "../windows-shape.ts";

const reads = jsonReads({
  time: ["UtcTime", "@timestamp", "EventTime", "TimeCreated", "SystemTime", "timestamp"],
  Channel: ["Channel", "LogName", "channel"],
  EventID: ["EventID", "EventId", "event_id"],
  EventRecordID: ["RecordNumber", "EventRecordID"],
  Computer: ["Hostname", "Computer", "host.name"].slice(0, 2),
  ...Object.fromEntries(DATA_NAMES.map((name) => [name, name])),
});

// `EventID` may be a number: as a String member of the tuple it is its text.
const parts = windowsParts((name) => (reads.at as Readonly<Record<string, string>>)[name] ?? "''");

/** Windows events with all their fields on one level: nxlog, OTRF's data sets, KAPE. */
export const windowsFlat: Format = {
  ...parts,
  name: "windows-flat",
  about: "Windows events as JSON with all fields on one level: nxlog, Security-Datasets",
  records: { by: "json" },
  json: true,
  claims: `(${has("EventID")} or ${has("EventId")}) and (${has("Channel")} or ${has("LogName")})`,
  rank: 70,
  steps: { ...reads.steps, ...parts.steps },
  time: anyTime("told"),
  fieldPlaces: windowsFields([[]], (field) => {
    if (field === "EventID") return [inJson("EventId"), inJson("event_id")];
    if (field === "Provider_Name") return [inJson("SourceName"), inJson("ProviderName")];
    return field === "Computer" ? [inJson("Hostname")] : [];
  }),
};
