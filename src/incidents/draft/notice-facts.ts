// What is true of the people whom a notice of a draft goes to, counted: the texts are reviewed against it.
import { z } from "zod";
import type { Context } from "../../db/context.ts";
import type { CohortFacts } from "../../notices/review-templates.ts";

const People = z.object({
  people: z.coerce.number(),
  without_name: z.coerce.number(),
  several: z.coerce.number(),
});
const Named = z.object({ name: z.string(), people: z.coerce.number() });

export async function noticeFacts(
  ctx: Context,
  of: { draft: string; step: number; hasWindow: boolean; correction: boolean },
): Promise<CohortFacts> {
  const click = await ctx.click();
  const params = { draft: of.draft, step: of.step };
  const mine = "from plan_targets where draft = {draft:UUID} and step = {step:UInt16}";
  const [people] = await click.query(
    People,
    `select count() as people, countIf(JSONExtractString(payload, 'name') = '') as without_name,
       countIf(JSONLength(payload, 'accounts') > 1) as several ${mine}`,
    params,
  );
  const languages = await click.query(
    Named,
    `select JSONExtractString(payload, 'language') as name, count() as people ${mine} group by name`,
    params,
  );
  const categories = await click.query(
    Named,
    `select category as name, uniqExact(subject) as people from plan_exposures
     where draft = {draft:UUID} and step = {step:UInt16} and category != '' and subject in (select subject ${mine})
     group by name`,
    params,
  );
  return {
    people: people?.people ?? 0,
    withoutName: people?.without_name ?? 0,
    withSeveralAccounts: people?.several ?? 0,
    languages: Object.fromEntries(languages.map((one) => [one.name, one.people])),
    categories: Object.fromEntries(categories.map((one) => [one.name, one.people])),
    hasWindow: of.hasWindow,
    correction: of.correction,
  };
}

/** People of a notice whose only address is in one of these mail domains. */
export async function peopleAtDomains(
  ctx: Context,
  of: { draft: string; step: number; domains: readonly string[] },
): Promise<number> {
  const click = await ctx.click();
  const [row] = await click.query(
    z.object({ people: z.coerce.number() }),
    `select count() as people from plan_targets
     where draft = {draft:UUID} and step = {step:UInt16}
       and has({domains:Array(String)}, lower(arrayElement(splitByChar('@', JSONExtractString(payload, 'to')), -1)))`,
    { ...of, domains: of.domains.map((domain) => domain.toLowerCase()) },
  );
  return row?.people ?? 0;
}
