import { z } from "zod";
import { Name } from "../config/words.ts";
import { parse } from "../core/parse.ts";
import { requireScope } from "../core/scope.ts";
import type { Context } from "../db/context.ts";
import { write } from "../ledger/write.ts";
import { cohortSql, standingExposuresSql } from "../scope/cohort-sql.ts";
import { readIncident } from "./incident.ts";

export const ListPeopleInput = z.strictObject({
  incident: Name,
  cohort: z.string().min(1).optional().describe("a cohort or an expression; everybody by default"),
  only: z.enum(["do-not-contact", "ambiguous", "unregistered"]).optional(),
  limit: z.int().min(1).max(100_000).default(100),
});

const Row = z.object({
  registry: z.string(),
  account: z.string(),
  subject: z.string(),
  email: z.string(),
  username: z.string(),
  name: z.string(),
  country: z.string(),
  language: z.string(),
  contact_address: z.string(),
  do_not_contact: z.string(),
  minor: z.boolean(),
  estate: z.boolean(),
  categories: z.array(z.string()),
  evidence: z.string(),
  row: z.coerce.number(),
  is_ambiguous: z.coerce.boolean(),
});

export type AffectedPerson = Readonly<
  Omit<z.output<typeof Row>, "contact_address" | "do_not_contact" | "is_ambiguous"> & {
    contactAddress: string;
    doNotContact: string;
    ambiguous: boolean;
  }
>;

/**
 * Accounts with an exposure that stands, and what was exposed of each. Whoever is in no registry is there with the place in the
 * evidence instead: their data are nowhere but in it. Personal data: that somebody looked is in the ledger, also when nobody is found.
 */
export async function listPeople(
  ctx: Context,
  input: z.input<typeof ListPeopleInput>,
): Promise<AffectedPerson[]> {
  requireScope(ctx.actor, "people:read");
  const { incident, cohort, only, limit } = parse(ListPeopleInput, input);
  const { file } = await readIncident(ctx, incident);
  const conditions = [
    ...(cohort === undefined ? [] : [`(registry, account, subject) in ${cohortSql(file, cohort)}`]),
    ...(only === undefined ? [] : [ONLY[only]]),
  ];
  const click = await ctx.click();
  const found = await click.query(Row, peopleSql(standingExposuresSql(file), conditions), {
    limit,
  });
  await write(ctx, "people:read", async () => ({
    result: undefined,
    entry: {
      kind: "people.read",
      incident,
      body: { cohort: cohort ?? null, only: only ?? null, found: found.length },
    },
  }));
  return found.map(({ contact_address, do_not_contact, is_ambiguous, ...one }) => ({
    ...one,
    contactAddress: contact_address,
    doNotContact: do_not_contact,
    ambiguous: is_ambiguous,
  }));
}

const ONLY = {
  "do-not-contact": "subject in (select subject from current_accounts where do_not_contact != '')",
  ambiguous: "startsWith(matched_by, 'ambiguous')",
  unregistered: "registry = ''",
} as const;

// The accounts are chosen first and looked up then: a join with the whole registry would hold all of it.
function peopleSql(standing: string, conditions: readonly string[]): string {
  const where = conditions.length === 0 ? "" : `where ${conditions.join(" and ")}`;
  return `
with chosen as (
  select registry, account, toString(subject) as subject, arraySort(groupUniqArray(category)) as categories,
    min(evidence) as evidence, min(locator) as row, max(startsWith(matched_by, 'ambiguous')) as is_ambiguous
  from ${standing} ${where}
  group by registry, account, subject
  order by registry, account, subject limit {limit:UInt32})
select c.registry as registry, c.account as account, c.subject as subject, a.email as email, a.username as username,
  a.name as name, a.country as country, a.language as language, a.contact_address as contact_address,
  a.do_not_contact as do_not_contact, a.minor as minor, a.estate as estate, c.categories as categories,
  c.evidence as evidence, c.row as row, c.is_ambiguous as is_ambiguous
from chosen as c
left join (
  select registry, account, email, username, name, country, language, contact_address, do_not_contact, minor, estate
  from current_accounts where (registry, account) in (select registry, account from chosen)) as a
on a.registry = c.registry and a.account = c.account
order by registry, account, subject`;
}
