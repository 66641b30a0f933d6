import { z } from "zod";
import type { Click } from "../db/click.ts";
import type { DumpTable } from "../evidence/dump/dump.ts";
import { FIRST_TEXT } from "../documents/places.ts";
import type { Scoping } from "./scoping.ts";

type Counts = Pick<
  Scoping,
  | "matched"
  | "ambiguous"
  | "doubtful"
  | "unmatched"
  | "unregistered"
  | "accounts"
  | "people"
  | "exposures"
>;

const Row = z.object({
  matched: z.number(),
  ambiguous: z.number(),
  doubtful: z.number(),
  unregistered: z.number(),
  accounts: z.number(),
  people: z.number(),
  exposures: z.number(),
  texts: z.number(),
});

// Locators are looked at as numbers of 32 bits: a dump of more rows would first have to fit on this machine.
const COUNTS = `
select
  uniqExactIf(toUInt32(locator), registry != '' and not startsWith(matched_by, 'ambiguous')) as matched,
  uniqExactIf(toUInt32(locator), startsWith(matched_by, 'ambiguous')) as ambiguous,
  uniqExactIf(toUInt32(locator), endsWith(matched_by, 'other address')) as doubtful,
  uniqExactIf(subject, registry = '') as unregistered,
  uniqExactIf((registry, account), registry != '') as accounts,
  uniqExactIf(subject, registry != '') as people, count() as exposures,
  uniqExactIf(toUInt32(locator), locator >= ${FIRST_TEXT}) as texts
from exposures where incident = {incident:String} and evidence = {evidence:String}`;

export async function countExposures(
  click: Click,
  {
    incident,
    evidence,
    tables,
  }: { incident: string; evidence: string; tables: readonly DumpTable[] },
): Promise<Counts> {
  const [row] = await click.query(Row, COUNTS, { incident, evidence });
  const { texts, ...counts } = row ?? {
    matched: 0,
    ambiguous: 0,
    doubtful: 0,
    unregistered: 0,
    accounts: 0,
    people: 0,
    exposures: 0,
    texts: 0,
  };
  // Of texts, those count in which somebody is mentioned.
  const rows = tables.filter(({ prose }) => !prose);
  const whole = rows.reduce((sum, table) => sum + table.rows, 0) + texts;
  return { ...counts, unmatched: whole - counts.matched - counts.ambiguous };
}

/** Of one piece of evidence. A partition is counted without reading it. */
export async function exposureCount(
  click: Click,
  of: { incident: string; evidence: string },
): Promise<number> {
  const sql =
    "select count() as exposures from exposures where incident = {incident:String} and evidence = {evidence:String}";
  const [row] = await click.query(Row.pick({ exposures: true }), sql, of);
  return row?.exposures ?? 0;
}
