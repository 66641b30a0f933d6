// Who was found in files, each person with the fields and where they stand.
import { z } from "zod";
import type { Click } from "../db/click.ts";
import { PLACED_EXPOSURES } from "./places.sql.ts";
import { FILES } from "./scope-files.ts";

const Field = z.object({
  category: z.string(),
  sureness: z.string(),
  detail: z.string(),
  grade: z.string(),
  /** Times it was found, */
  count: z.number(),
  /** … and the first places. */
  places: z.array(z.string()),
});

export const FoundPerson = z.object({
  /** Certain where nothing contradicts; ambiguous where an identifier has several owners; unmatched outside the registry. */
  match: z.enum(["certain", "ambiguous", "unmatched"]),
  registry: z.string(),
  /** The account's id in the registry, '' outside it. */
  account: z.string(),
  subject: z.string(),
  matchedBy: z.array(z.string()),
  fields: z.array(Field),
  /** '' unless values are shown. */
  address: z.string(),
});
export type FoundPerson = z.output<typeof FoundPerson>;

const PLACES_KEPT = 5;

/** Registered people first, by account. `values` adds their address. */
export function foundPeople(click: Click, values: boolean): AsyncIterable<FoundPerson[]> {
  return click.stream(FoundPerson, peopleSql(values), { incident: FILES });
}

function peopleSql(values: boolean): string {
  const address = values
    ? "if(f.registry = '', any(a.address), any(r.address)) as address"
    : "'' as address";
  const joins = values
    ? `left join (select subject, address from found_addresses final) as a on a.subject = f.subject
left join (select registry, account, address from current_accounts) as r on r.registry = f.registry and r.account = f.account`
    : "";
  return `
select
  multiIf(f.registry = '', 'unmatched', min(f.ambiguous), 'ambiguous', 'certain') as match,
  f.registry as registry, f.account as account, toString(f.subject) as subject,
  arraySort(groupUniqArrayArray(f.matched)) as matchedBy,
  arraySort(x -> x.category, groupArray(cast((f.category, f.sureness, f.detail, f.grade, f.count, f.places),
    'Tuple(category String, sureness String, detail String, grade String, count UInt64, places Array(String))'))) as fields,
  ${address}
from (
  select registry, account, subject, category, sureness, detail, grade, count() as count,
    groupUniqArray(${PLACES_KEPT})(stands) as places, groupUniqArray(matched_by) as matched,
    min(startsWith(matched_by, 'ambiguous')) as ambiguous
  from (${PLACED_EXPOSURES})
  group by registry, account, subject, category, sureness, detail, grade
) as f ${joins}
group by f.registry, f.account, f.subject
order by f.registry = '', f.registry, f.account, f.subject`;
}

const Alone = z.object({ category: z.string(), count: z.number(), places: z.array(z.string()) });

/** Cards, tokens and the like in texts that mention nobody, or several people. */
export async function foundAlone(click: Click): Promise<z.output<typeof Alone>[]> {
  return await click.query(
    Alone,
    `select f.category as category, count() as count,
       groupUniqArray(${PLACES_KEPT})(concat(p.at, ' › ', p.unit, ' ', toString(p.number + f.locator - p.first))) as places
     from found_alone as f
     asof left join (select evidence, first, at, unit, number from evidence_places where incident = {incident:String}) as p
     on p.evidence = f.evidence and p.first <= f.locator
     group by category order by category`,
    { incident: FILES },
  );
}
