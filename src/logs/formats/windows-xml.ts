import { quote } from "../../db/click-bind.ts";
import type { Format } from "../format.ts";
import { inFields } from "../json-reads.ts";
import { anyTime } from "../time.sql.ts";
import { OTHER_NAMES } from "../windows-channels.ts";
import { windowsParts } from "../windows-shape.ts";

const read = (name: string): string => `d[${quote(name)}]`;
const parts = windowsParts(read);

const DATA = quote(String.raw`<Data Name=['"]([^'"]*)['"]\s*(?:/>|>([^<]*)</Data>)`);
const UNNAMED = quote(String.raw`<Data>([^<]*)</Data>`);
/** Elements that hold nothing but text: those of System, and of UserData whatever they are called. */
const ELEMENT = quote(String.raw`<([A-Za-z][\w.-]*)(?:\s[^<>]*)?>([^<]*)</`);
/** Sigma's names of attributes are the element's and the attribute's: Provider_Name. */
const ATTRIBUTES = {
  Provider_Name: String.raw`<Provider\s[^<>]*?\bName=['"]([^'"]*)`,
  Provider_Guid: String.raw`<Provider\s[^<>]*?\bGuid=['"]([^'"]*)`,
  TimeCreated_SystemTime: String.raw`<TimeCreated\s[^<>]*?\bSystemTime=['"]([^'"]*)`,
  Execution_ProcessID: String.raw`<Execution\s[^<>]*?\bProcessID=['"]([^'"]*)`,
  Security_UserID: String.raw`<Security\s[^<>]*?\bUserID=['"]([^'"]*)`,
} as const;

const attributes = Object.entries(ATTRIBUTES);

/** Lines of a pretty-printed event: everything but the start of another. */
const CONTINUES = String.raw`\s|</|<(?:System|EventData|UserData|RenderingInfo|Provider|EventID|Version|Level|Task|Opcode|Keywords|TimeCreated|EventRecordID|Correlation|Execution|Channel|Computer|Security|Data|Binary)\b`;

/** Windows events as their own XML, one a line or over several: what wevtutil and event forwarding give. */
export const windowsXml: Format = {
  ...parts,
  name: "windows-xml",
  about: "Windows events as XML: wevtutil, Get-WinEvent, event forwarding",
  records: { by: "line", continues: CONTINUES },
  json: false,
  claims: "match(raw, '^[^<]{0,3}<Event[ >]') and position(raw, '<System') > 0",
  rank: 80,
  steps: {
    data: `extractAllGroupsVertical(raw, ${DATA})`,
    elements: `arrayFilter(one -> one[1] != 'Data', extractAllGroupsVertical(raw, ${ELEMENT}))`,
    unnamed: `extractAll(raw, ${UNNAMED})`,
    names: `arrayConcat(arrayMap(one -> one[1], data), arrayMap(one -> one[1], elements), [${attributes.map(([name]) => quote(name)).join(", ")}, 'Data'])`,
    values: `arrayMap(one -> decodeXMLComponent(one), arrayConcat(arrayMap(one -> one[2], data), arrayMap(one -> one[2], elements),
      [${attributes.map(([, pattern]) => `extract(raw, ${quote(pattern)})`).join(", ")}, arrayStringConcat(unnamed, '\\n')]))`,
    // Of names that stand twice the first is meant: EventData comes before the others.
    firsts:
      "arrayFilter((at, name, value) -> indexOf(names, name) = at and value != '', arrayEnumerate(names), names, values)",
    d: "mapFromArrays(arrayMap(at -> names[at], firsts), arrayMap(at -> values[at], firsts))",
    ...parts.steps,
  },
  broken:
    "if(position(raw, '<Event') = 0 or position(raw, '</Event>') = 0, 'no whole <Event>', '')",
  time: anyTime(read("TimeCreated_SystemTime")),
  columns: { ...parts.columns, fields: "d" },
  fieldPlaces: (field) => [field, ...(OTHER_NAMES[field] ?? [])].map(inFields),
};
