// What the shapes of Windows events as JSON share: where a field stands, and what an event says in terms of OCSF.
import { quote } from "../db/click-bind.ts";
import type { FieldPlace, Format } from "./format.ts";
import { inJson } from "./json-reads.ts";
import { kind, kindColumns, kindOf } from "./kinds.ts";
import { CATEGORIES, OTHER_NAMES, SERVICES } from "./windows-channels.ts";

/** SQL, String, of a field by Windows' own name; empty where it is missing. */
type Read = (name: string) => string;

const SIGN_IN = {
  logon: ["4624", "4625", "4648", "4776"],
  logoff: ["4634", "4647"],
  ticket: ["4768", "4771"],
  "service-ticket": ["4769", "4770"],
  "account-create": ["4720"],
  "account-enable": ["4722"],
  "password-change": ["4723"],
  "password-reset": ["4724"],
  "account-disable": ["4725"],
  "account-delete": ["4726"],
  "account-lock": ["4740"],
  "account-unlock": ["4767"],
  "group-add": ["4728", "4732", "4756"],
  "group-remove": ["4729", "4733", "4757"],
} as const;

const FAILED = ["4625", "4771"];

/** Steps and columns over `Read`, which each shape gives. */
export function windowsParts(
  read: Read,
): Pick<Format, "steps" | "product" | "category" | "service" | "columns"> {
  const channels = Object.keys(SERVICES).map(quote).join(", ");
  const services = Object.values(SERVICES).map(quote).join(", ");
  const keys = Object.entries(CATEGORIES).flatMap(([service, ids]) =>
    Object.entries(ids).map(([id, category]) => [`${service} ${id}`, category] as const),
  );
  const status = `multiIf(channel != 'security', 0, event_id in (${FAILED.map(quote).join(", ")}), 2,
    event_id in ('4776', '4768') and ${read("Status")} not in ('', '0x0', '0x00000000'), 2, event_id != '', 1, 0)`;
  return {
    steps: {
      channel: `lower(${read("Channel")})`,
      event_id: read("EventID"),
      of_service: `transform(channel, [${channels}], [${services}], '')`,
      of_category: `multiIf(of_service = 'sysmon' and event_id = '12' and startsWith(${read("EventType")}, 'Delete'), 'registry_delete',
        transform(concat(of_service, ' ', event_id), [${keys.map(([key]) => quote(key)).join(", ")}], [${keys.map(([, category]) => quote(category)).join(", ")}], ''))`,
      what: `if(of_service = 'security', ${kindOf("event_id", SIGN_IN, kind("other"))}, ${kind("other")})`,
      their_name: `multiIf(${read("TargetUserName")} != '', ${read("TargetUserName")}, '')`,
      address: `replaceRegexpOne(multiIf(${read("IpAddress")} != '', ${read("IpAddress")}, ${read("SourceIp")}), '^-$', '')`,
    },
    product: "windows",
    category: "sql:of_category",
    service: "sql:of_service",
    columns: {
      ...kindColumns("what"),
      class_uid: `if(of_category = 'process_creation', 1007, ${kindColumns("what").class_uid})`,
      activity_id: `if(of_category = 'process_creation', 1, ${kindColumns("what").activity_id})`,
      activity_name: `if(of_category = 'process_creation', 'Launch', ${kindColumns("what").activity_name})`,
      status_id: status,
      status_detail: read("SubStatus"),
      metadata_uid: read("EventRecordID"),
      actor_user_name: `multiIf(${read("SubjectUserName")} not in ('', '-'), ${read("SubjectUserName")}, ${read("User")})`,
      actor_user_uid: read("SubjectUserSid"),
      user_name: "if(their_name = '-', '', their_name)",
      user_uid: read("TargetUserSid"),
      session_uid: read("TargetLogonId"),
      auth_protocol: read("AuthenticationPackageName"),
      src_endpoint_ip: "address",
      src_endpoint_port: `multiIf(${read("IpPort")} != '', ${read("IpPort")}, ${read("SourcePort")})`,
      src_endpoint_hostname: `replaceRegexpOne(multiIf(${read("WorkstationName")} != '', ${read("WorkstationName")}, ${read("SourceHostname")}), '^-$', '')`,
      dst_endpoint_ip: read("DestinationIp"),
      dst_endpoint_port: read("DestinationPort"),
      dst_endpoint_hostname: read("DestinationHostname"),
      device_hostname: read("Computer"),
      process_name: `multiIf(${read("Image")} != '', ${read("Image")}, ${read("NewProcessName")})`,
      process_pid: `if(match(${read("ProcessId")}, '^[0-9]+$'), ${read("ProcessId")}, '0')`,
      process_cmd_line: read("CommandLine"),
    },
  };
}

/** Names that the parts above read, beside those that each shape finds in its own place. */
export const DATA_NAMES = [
  "TargetUserName",
  "TargetUserSid",
  "TargetLogonId",
  "SubjectUserName",
  "SubjectUserSid",
  "Status",
  "SubStatus",
  "IpAddress",
  "IpPort",
  "SourceIp",
  "SourcePort",
  "SourceHostname",
  "WorkstationName",
  "AuthenticationPackageName",
  "DestinationIp",
  "DestinationPort",
  "DestinationHostname",
  "User",
  "Image",
  "NewProcessName",
  "ProcessId",
  "CommandLine",
  "EventType",
] as const;

/** A field of a rule below each of the roots, in order, by its own name and then by what 4688 calls it. */
export function windowsFields(
  roots: readonly (readonly string[])[],
  system: (field: string) => readonly FieldPlace[],
): Format["fieldPlaces"] {
  return (field) => {
    const names = [field, ...(OTHER_NAMES[field] ?? [])];
    return [
      ...names.flatMap((name) => roots.map((root) => inJson(...root, name))),
      ...system(field),
    ];
  };
}
