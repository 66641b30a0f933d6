// Where exposures stand, in words.
import type { Click } from "../db/click.ts";

export type PutPlacesInput = {
  readonly incident: string;
  readonly evidence: string;
  /** As the documents' reader wrote it; undefined for a dump, whose rows are numbered by themselves. */
  readonly path: string | undefined;
};

/** Replaces the places of a piece of evidence. Those of exposures that are replaced afterwards are the newer ones already. */
export async function putPlaces(click: Click, input: PutPlacesInput): Promise<void> {
  const { incident, evidence, path } = input;
  await click.command(
    "alter table evidence_places drop partition ({incident:String}, {evidence:String})",
    { incident, evidence },
  );
  if (path === undefined) return;
  await click.load({
    into: "evidence_places (incident, evidence, first, at, unit, number)",
    select: (source) =>
      `select {incident:String}, {evidence:String}, first, at, unit, number from ${source}`,
    path,
    format: "TSV",
    structure: "first UInt64, at String, unit String, number UInt64",
    params: { incident, evidence },
  });
}

/** Exposures of an incident, each with `stands`: `payments.xlsx › sheet "Q3" (hidden) › row 17`. */
export const PLACED_EXPOSURES = `
select e.evidence as evidence, e.registry as registry, e.account as account, e.subject as subject, e.category as category,
  e.sureness as sureness, e.matched_by as matched_by, e.detail as detail, e.grade as grade, e.locator as locator,
  if(p.first = 0, concat(e.evidence, ' › row ', toString(e.locator)), concat(p.at, ' › ', p.unit, ' ', toString(p.number + e.locator - p.first))) as stands
from (select evidence, registry, account, subject, category, sureness, matched_by, detail, grade, locator from exposures where incident = {incident:String}) as e
asof left join (select evidence, first, at, unit, number from evidence_places where incident = {incident:String}) as p
on p.evidence = e.evidence and p.first <= e.locator`;
