import type { Format } from "../format.ts";
import { has, inJson, jsonReads } from "../json-reads.ts";
import { anyTime } from "../time.sql.ts";
import { DATA_NAMES, windowsFields, windowsParts } from "../windows-shape.ts";

const reads = jsonReads({
  time: ["Event.System.TimeCreated.#attributes.SystemTime", "Event.System.TimeCreated.SystemTime"],
  Channel: "Event.System.Channel",
  EventID: ["Event.System.EventID.#text", "Event.System.EventID.Value"],
  EventRecordID: "Event.System.EventRecordID",
  Computer: "Event.System.Computer",
  ...Object.fromEntries(DATA_NAMES.map((name) => [name, `Event.EventData.${name}`])),
});

// EventID is a number, or an object where it has qualifiers: read as a number it is empty then.
const EVENT_ID = `if(${reads.at.EventID} = '', JSONExtractString(raw, 'Event', 'System', 'EventID'), ${reads.at.EventID})`;

function read(name: string): string {
  if (name === "EventID")
    return `multiIf(JSONType(raw, 'Event', 'System', 'EventID') = 'Object', ${EVENT_ID}, toString(JSONExtractUInt(raw, 'Event', 'System', 'EventID')))`;
  return (reads.at as Readonly<Record<string, string>>)[name] ?? "''";
}

const parts = windowsParts(read);

/** Windows events in the shape of their XML: what evtx readers, Hayabusa and Chainsaw write. */
export const windowsEvent: Format = {
  ...parts,
  name: "windows-event",
  about: "Windows events as JSON in the shape of their XML: Event.System, Event.EventData",
  records: { by: "json" },
  json: true,
  claims: `${has("Event", "System")} and (${has("Event", "System", "EventID")} or ${has("Event", "System", "Provider")})`,
  rank: 80,
  steps: { ...reads.steps, ...parts.steps },
  time: anyTime("told"),
  fieldPlaces: windowsFields(
    [
      ["Event", "EventData"],
      ["Event", "UserData"],
    ],
    (field) => {
      if (field === "EventID")
        return [
          inJson("Event", "System", "EventID", "#text"),
          inJson("Event", "System", "EventID"),
        ];
      const [tag = "", attribute] = field.split("_", 2);
      return attribute === undefined
        ? [inJson("Event", "System", tag)]
        : [
            inJson("Event", "System", tag, "#attributes", attribute),
            inJson("Event", "System", tag, attribute),
            inJson("Event", "System", field),
          ];
    },
  ),
};
