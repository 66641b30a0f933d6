// A finding as an OCSF Detection Finding (class 2004), as OCSF 1.3 describes it: https://schema.ocsf.io/1.3.0/classes/detection_finding
import type { Json } from "../../core/canonical.ts";
import type { Level } from "../sigma/rule.ts";
import type { FindingRow } from "./finding-row.ts";
import type { FindingLine } from "./show-finding.ts";

const OCSF_VERSION = "1.3.0";
const CLASS_UID = 2004;

const SEVERITY = {
  informational: [1, "Informational"],
  low: [2, "Low"],
  medium: [3, "Medium"],
  high: [4, "High"],
  critical: [5, "Critical"],
} as const satisfies Record<Level, readonly [number, string]>;

const ACTIVITY = {
  create: [1, "Create"],
  update: [2, "Update"],
  close: [3, "Close"],
} as const;

const STATUS = {
  open: [1, "New"],
  suppressed: [3, "Suppressed"],
  closed: [4, "Resolved"],
} as const satisfies Record<FindingRow["state"], readonly [number, string]>;

export type OcsfFinding = { readonly [key: string]: Json };

/** `lines`: of its events, where somebody may read them; they become its evidences. */
export function ocsfFinding(finding: FindingRow, lines: readonly FindingLine[] = []): OcsfFinding {
  const [severityId, severity] = SEVERITY[finding.level];
  const [activityId, activityName] = ACTIVITY[activityOf(finding)];
  const [statusId, status] = STATUS[finding.state];
  const attacks = attacksOf(finding.tags);
  const evidences = evidencesOf(finding, lines);
  return {
    class_uid: CLASS_UID,
    class_name: "Detection Finding",
    category_uid: 2,
    category_name: "Findings",
    type_uid: CLASS_UID * 100 + activityId,
    type_name: `Detection Finding: ${activityName}`,
    activity_id: activityId,
    activity_name: activityName,
    severity_id: severityId,
    severity,
    status_id: statusId,
    status,
    is_alert: finding.state === "open",
    time: ms(finding.foundAt),
    start_time: ms(finding.first),
    end_time: ms(finding.last),
    count: finding.count,
    message: finding.title,
    metadata: {
      version: OCSF_VERSION,
      uid: finding.uid,
      product: { name: "Tocsin", vendor_name: "Tocsin" },
      ...(finding.evidence === null ? {} : { log_name: finding.evidence }),
    },
    finding_info: {
      uid: finding.uid,
      title: finding.title,
      created_time: ms(finding.foundAt),
      modified_time: ms(finding.changedAt),
      first_seen_time: ms(finding.first),
      last_seen_time: ms(finding.last),
      related_events_count: finding.count,
      analytic: { uid: finding.rule, name: finding.title, type_id: 1, type: "Rule" },
      ...(attacks.length > 0 ? { attacks } : {}),
    },
    ...(evidences.length > 0 ? { evidences } : {}),
    observables: observablesOf(finding),
    unmapped: {
      rule_file: finding.file,
      tags: finding.tags,
      incident: finding.incident,
      value: finding.value,
      events: finding.events,
    },
  };
}

function activityOf({ state, foundAt, changedAt }: FindingRow): keyof typeof ACTIVITY {
  if (state !== "open") return "close";
  return foundAt === changedAt ? "create" : "update";
}

// Timestamps of OCSF are milliseconds since 1970.
function ms(at: string): number {
  return Date.parse(at);
}

/** ATT&CK's tactics by the names that Sigma's tags have. */
const TACTICS: Readonly<Record<string, string>> = {
  reconnaissance: "TA0043",
  "resource-development": "TA0042",
  "initial-access": "TA0001",
  execution: "TA0002",
  persistence: "TA0003",
  "privilege-escalation": "TA0004",
  "defense-evasion": "TA0005",
  "credential-access": "TA0006",
  discovery: "TA0007",
  "lateral-movement": "TA0008",
  collection: "TA0009",
  "command-and-control": "TA0011",
  exfiltration: "TA0010",
  impact: "TA0040",
};

function attacksOf(tags: readonly string[]): Json[] {
  return tags.flatMap((tag): Json[] => {
    const name = /^attack\.(.+)$/i.exec(tag)?.[1]?.toLowerCase().replaceAll("_", "-") ?? "";
    const [, technique, sub] = /^(t\d{4})(\.\d{3})?$/.exec(name) ?? [];
    if (technique !== undefined) {
      const uid = technique.toUpperCase();
      return [
        {
          technique: { uid },
          ...(sub === undefined ? {} : { sub_technique: { uid: `${uid}${sub}` } }),
        },
      ];
    }
    const tactic = TACTICS[name];
    return tactic === undefined
      ? []
      : [{ tactic: { uid: tactic, name: name.replaceAll("-", " ") } }];
  });
}

type Entities = FindingRow["entities"];

function valueOf(entities: Entities, name: string): string | undefined {
  return entities.find((entity) => entity.name === name)?.value;
}

// An evidence holds at least one of the objects that OCSF lists for it; each line is one, with who and where beside.
function evidencesOf({ entities }: FindingRow, lines: readonly FindingLine[]): Json[] {
  const actor = valueOf(entities, "actor.user.name");
  const user = valueOf(entities, "user.name");
  const ip = valueOf(entities, "src_endpoint.ip");
  const hostname = valueOf(entities, "device.hostname");
  const shared = {
    ...(actor === undefined ? {} : { actor: { user: { name: actor } } }),
    ...(user === undefined ? {} : { user: { name: user } }),
    ...(ip === undefined ? {} : { src_endpoint: { ip } }),
    ...(hostname === undefined ? {} : { device: { hostname, type_id: 0 } }),
  };
  if (lines.length > 0)
    return lines.map(({ source, place, time, raw }) => ({
      ...shared,
      data: { source, place, time, raw },
    }));
  return Object.keys(shared).length === 0 ? [] : [shared];
}

/** OCSF's observable types, by the attribute that names the value. */
const OBSERVABLES: readonly (readonly [ends: string, id: number, name: string])[] = [
  [".ip", 2, "IP Address"],
  [".hostname", 1, "Hostname"],
  [".email_addr", 5, "Email Address"],
  ["user.name", 4, "User Name"],
  ["process.name", 9, "Process Name"],
  [".uid", 10, "Resource UID"],
];

function observablesOf({ entities }: FindingRow): Json[] {
  return entities.map(({ name, value }) => {
    const [, id, type] = OBSERVABLES.find(([ends]) => name.endsWith(ends)) ?? ["", 99, "Other"];
    return { name, type_id: id, type, value };
  });
}
