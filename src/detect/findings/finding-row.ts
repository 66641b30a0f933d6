import { z } from "zod";
import type { Reader } from "../../db/postgres.ts";
import { LEVELS } from "../sigma/rule.ts";

export const FINDING_STATES = ["open", "closed", "suppressed"] as const;

const Place = z.object({ source: z.string(), place: z.number(), time: z.string() });
const Entity = z.object({ name: z.string(), value: z.string() });

/** A finding as it is kept. Times are ISO 8601 in UTC with microseconds. */
export const FindingRow = z.object({
  uid: z.string(),
  rule: z.string(),
  title: z.string(),
  level: z.enum(LEVELS),
  tags: z.array(z.string()),
  file: z.string(),
  entities: z.array(Entity),
  state: z.enum(FINDING_STATES),
  first: z.string(),
  last: z.string(),
  count: z.coerce.number(),
  value: z.number().nullable(),
  events: z.array(Place),
  incident: z.string().nullable(),
  evidence: z.string().nullable(),
  foundAt: z.string(),
  changedAt: z.string(),
  closedBy: z.string().nullable(),
  closedBecause: z.string().nullable(),
});
export type FindingRow = z.output<typeof FindingRow>;

/** The columns of `findings`, under the names above. */
export function findingColumns(sql: Reader) {
  const time = (column: string) =>
    sql`to_char(${sql(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
  return sql`uid, rule, title, level, tags, file, entities, state, ${time("first")} as first, ${time("last")} as last, count, value,
    events, incident, evidence, ${time("found_at")} as "foundAt", ${time("changed_at")} as "changedAt", closed_by as "closedBy",
    closed_because as "closedBecause"`;
}
