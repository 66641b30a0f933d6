import type { IncidentFile } from "../config/incident-file.ts";
import { quote } from "../db/click-bind.ts";

const COLUMNS =
  "evidence, registry, account, subject, category, act, sureness, locator, matched_by, detail, grade, mark";

/**
 * The exposures of an incident, less what `withdraws` evidence took back, as a subquery in parentheses. Whoever is in such
 * evidence was wrongly in the other one: all of that account's exposures there fall, whatever columns the withdrawal has.
 * A withdrawing row that is ambiguous takes back only what was ambiguous itself.
 */
export function standingExposuresSql(incident: IncidentFile): string {
  const own = Object.keys(incident.evidence).filter(
    (key) => incident.evidence[key]?.withdraws === undefined,
  );
  const withdrawals = Object.entries(incident.evidence).flatMap(([key, { withdraws }]) =>
    withdraws === undefined ? [] : [{ by: key, of: withdraws }],
  );
  const conditions = [
    `incident = ${quote(incident.incident)}`,
    own.length === 0 ? "false" : `evidence in (${own.map(quote).join(", ")})`,
    ...withdrawals.map(({ by, of }) => standing({ incident: incident.incident, by, of })),
  ];
  return `(select ${COLUMNS} from exposures where ${conditions.join(" and ")})`;
}

const PERSON = "registry, account, subject";
const AMBIGUOUS = "startsWith(matched_by, 'ambiguous')";

function standing({ incident, by, of }: { incident: string; by: string; of: string }): string {
  const withdrawn = `select ${PERSON} from exposures where incident = ${quote(incident)} and evidence = ${quote(by)}`;
  return (
    `not (evidence = ${quote(of)} and ((${PERSON}) in (${withdrawn} and not ${AMBIGUOUS})` +
    ` or ${AMBIGUOUS} and (${PERSON}) in (${withdrawn})))`
  );
}
