import { EVENT_COLUMNS } from "../../logs/event-columns.ts";
import { PLACE_ATTRIBUTES } from "../../logs/places/places.sql.ts";

const ATTRIBUTES: readonly string[] = [...Object.keys(EVENT_COLUMNS), ...PLACE_ATTRIBUTES.keys()];

/** Why a rule of the taxonomy `ocsf` cannot name this field; undefined where it can. */
export function attributeProblem(field: string): string | undefined {
  if (ATTRIBUTES.includes(field)) return undefined;
  const last = field.split(".").at(-1) ?? field;
  const near = ATTRIBUTES.filter((one) => one.split(/[._]/).includes(last)).slice(0, 5);
  const advice = near.length > 0 ? `is it one of ${near.join(", ")}?` : "docs/rules.md lists them";
  return `no event has the attribute ${field.slice(0, 80)}: ${advice}`;
}
