import type { Finding } from "../finding.ts";
import type { FindingRow } from "./finding-row.ts";

/** A finding that is kept nowhere, as if it had been kept at `at` (ISO 8601). */
export function freshRow({ rule, value, ...finding }: Finding, at: string): FindingRow {
  return {
    uid: finding.uid,
    rule: rule.id,
    title: rule.title,
    level: rule.level,
    tags: [...rule.tags],
    file: rule.file,
    entities: [...finding.entities],
    state: "open",
    first: finding.first,
    last: finding.last,
    count: finding.count,
    value: value ?? null,
    events: [...finding.events],
    incident: null,
    evidence: null,
    foundAt: at,
    changedAt: at,
    closedBy: null,
    closedBecause: null,
  };
}
