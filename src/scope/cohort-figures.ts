import { z } from "zod";
import type { IncidentFile } from "../config/incident-file.ts";
import { sha256Hex } from "../core/digest.ts";
import { requireScope } from "../core/scope.ts";
import type { Click } from "../db/click.ts";
import type { Context } from "../db/context.ts";
import { cohortSql } from "./cohort-sql.ts";
import { standingExposuresSql } from "./standing-exposures-sql.ts";

const Category = z.object({
  category: z.string(),
  /** The surest word that any exposure of an account has. */
  sureness: z.string(),
  accounts: z.number(),
  details: z.array(z.object({ detail: z.string(), grade: z.string(), accounts: z.number() })),
});

const People = z.object({
  accounts: z.number(),
  people: z.number(),
  minors: z.number(),
  estates: z.number(),
  doNotContact: z.number(),
  severalAccounts: z.number(),
  withoutAddress: z.number(),
});

export type CohortFigure = z.output<typeof People> & {
  readonly name: string;
  /** People of the evidence who are not in the registry but have an address. */
  readonly unregistered: number;
  /** Rows whose identifiers point to several people. */
  readonly ambiguous: number;
  readonly categories: readonly z.output<typeof Category>[];
  /** Largest first; '' where it is not known. */
  readonly countries: readonly { readonly country: string; readonly accounts: number }[];
  readonly regions: readonly { readonly region: string; readonly people: number }[];
  readonly languages: readonly { readonly language: string; readonly people: number }[];
};

export type CohortFigures = {
  readonly incident: string;
  readonly file: IncidentFile;
  /** Exposures that one statement may count. */
  readonly atOnce?: number;
};

/** Gives the figure of that cohort: what it remembers of it, or what `make` makes. */
export type FigureOf = (name: string, make: () => Promise<CohortFigure>) => Promise<CohortFigure>;

/**
 * Of every cohort in incident.yaml, in its order. Counts only, so nobody's data leave ClickHouse. For one incident by one caller at a
 * time: their members stand in a table of the incident's, which what crashed before leaves empty and this drops.
 */
export async function cohortFigures(
  ctx: Context,
  { incident, file, atOnce = SLICE_EXPOSURES }: CohortFigures,
  figure: FigureOf = async (_, make) => await make(),
): Promise<CohortFigure[]> {
  requireScope(ctx.actor, "incidents:read");
  const names = Object.keys(file.cohorts);
  const click = await ctx.click();
  const table = `scoping_members_${sha256Hex(incident).slice(0, 16)}`;
  const drop = async (): Promise<void> => await click.command(`drop table if exists ${table}`);
  const [all] = await click.query(Count, EXPOSURES, { incident });
  const slices = Math.max(1, Math.ceil((all?.n ?? 0) / atOnce));
  let made: Promise<void> | undefined;
  const makeMembers = async (): Promise<void> => {
    await drop();
    await click.command(`create table ${table} ${MEMBER_COLUMNS}`);
    const cohorts = names.map((name) => cohortSql(file, name));
    for (let slice = 0; slice < slices; slice += 1)
      await click.command(membersSql(table, cohorts), { slices, slice });
  };
  try {
    const figures: CohortFigure[] = [];
    for (const [at, name] of names.entries()) {
      const members = `(select ${MEMBER} from ${table} where member[${at + 1}])`;
      const make = async (): Promise<CohortFigure> => {
        await (made ??= makeMembers());
        return await figureOf(click, file, { name, members, slices });
      };
      figures.push(await figure(name, make));
    }
    return figures;
  } finally {
    await drop();
  }
}

const Count = z.object({ n: z.coerce.number() });
const EXPOSURES = "select count() as n from exposures where incident = {incident:String}";
/** How many a statement may count at once: 2.7 million reached a ceiling of 600 MB. Slices have nobody in common, so counts add up. */
const SLICE_EXPOSURES = 1_000_000;
const PERSON_SLICE = "sipHash64(subject) % {slices:UInt16} = {slice:UInt16}";
const ACCOUNT_SLICE = "sipHash64(account) % {slices:UInt16} = {slice:UInt16}";

async function figureOf(
  click: Click,
  file: IncidentFile,
  { name, members, slices }: { name: string; members: string; slices: number },
): Promise<CohortFigure> {
  const cohort = cohortSql(file, name);
  const standing = standingExposuresSql(file);
  // One after the other: each takes what threads there are, and all at once their memory adds up.
  const groups = await click.query(Group, peopleSql(members));
  const countries = await click.query(Country, countriesSql(members));
  const outside = await click.query(Outside, outsideSql(cohort, standing));
  const categories: Detail[] = [];
  for (let slice = 0; slice < slices; slice += 1) {
    const some = await click.query(Detail, categoriesSql(cohort, standing), { slices, slice });
    categories.push(...some);
  }
  const of = (by: string): [string, number][] =>
    sorted(groups.filter((group) => group.by === by).map((group) => [group.value, group.people]));
  return {
    name,
    ...People.parse(groups.find((group) => group.by === "all") ?? NOBODY),
    ...(outside[0] ?? { unregistered: 0, ambiguous: 0 }),
    categories: grouped(summed(categories)),
    countries: sorted(countries.map((row) => [row.country, row.accounts])).map(
      ([country, accounts]) => ({ country, accounts }),
    ),
    regions: of("region").flatMap(([region, people]) =>
      region === "" ? [] : [{ region, people }],
    ),
    languages: of("language").map(([language, people]) => ({ language, people })),
  };
}

// One pass over the registry for all cohorts: a pass takes 2 s at 3.8 million accounts, a figure of the members 0.05.
const MEMBER = "subject, country, region, language, reachable, silent, minor, estate";
const MEMBER_COLUMNS = `(
  subject UUID, country LowCardinality(String), region LowCardinality(String), language LowCardinality(String),
  reachable Bool, silent Bool, minor Bool, estate Bool, member Array(Bool)
) engine = Memory`;

function membersSql(into: string, cohorts: readonly string[]): string {
  const member = cohorts.map(
    (cohort) =>
      `(registry, account) in (select registry, account from ${cohort} where ${ACCOUNT_SLICE})`,
  );
  // By the account alone first: 1.3 s instead of 4.2 for four cohorts, as sets of pairs are slow to ask for every account there is.
  const any = cohorts
    .map((cohort) => `select account from ${cohort} where ${ACCOUNT_SLICE}`)
    .join(" union all ");
  return `
insert into ${into} (subject, country, region, language, reachable, silent, minor, estate, member)
select subject, country, region, language, contact_address != '' as reachable, do_not_contact != '' as silent, minor, estate, [${member.join(", ")}] as member
from current_accounts
where account in (${any}) and has(member, true) and ${ACCOUNT_SLICE}`;
}

const NOBODY: z.output<typeof People> = {
  accounts: 0,
  people: 0,
  minors: 0,
  estates: 0,
  doNotContact: 0,
  severalAccounts: 0,
  withoutAddress: 0,
};

const Outside = z.object({ unregistered: z.number(), ambiguous: z.number() });

const Group = People.extend({ by: z.enum(["all", "region", "language"]), value: z.string() });
const Country = z.object({ country: z.string(), accounts: z.number() });

function countriesSql(members: string): string {
  return `select toString(country) as country, count() as accounts from ${members} group by country`;
}

function peopleSql(members: string): string {
  return `
select multiIf(grouping(one_region) = 0, 'region', grouping(one_language) = 0, 'language', 'all') as by,
  concat(one_region, one_language) as value,
  sum(n) as accounts, count() as people, countIf(is_minor) as minors, sum(of_estates) as estates,
  countIf(is_silent) as doNotContact, countIf(n > 1) as severalAccounts, countIf(not is_reachable) as withoutAddress
from (
  select subject, count() as n, max(minor) as is_minor, countIf(estate) as of_estates, max(silent) as is_silent,
    max(reachable) as is_reachable, toString(max(region)) as one_region, toString(max(language)) as one_language
  from ${members} group by subject
)
group by grouping sets ((), (one_region), (one_language))`;
}

function outsideSql(cohort: string, standing: string): string {
  return `
select uniqExactIf(subject, registry = '') as unregistered,
  uniqExactIf((evidence, locator), startsWith(matched_by, 'ambiguous')) as ambiguous
from ${standing}
where (registry, account, subject) in ${cohort} and (registry = '' or startsWith(matched_by, 'ambiguous'))`;
}

const Detail = z.object({
  category: z.string(),
  /** Null where the row counts the whole category. */
  kind: z.tuple([z.string(), z.string()]).nullable(),
  confirmed: z.number(),
  likely: z.number(),
  possible: z.number(),
});
type Detail = z.output<typeof Detail>;

// An account is counted under the surest word that it has: with that word, less those that have a surer one. Distinct counts
// over hashes of 64 bits: 70 times faster than grouping by account, and exact but for one chance in 10^6 at ten million.
const distinct = (condition: string): string =>
  `uniqExactIf(sipHash64(registry, account, subject), ${condition})`;

function categoriesSql(cohort: string, standing: string): string {
  return `
select category, if(whole, null, (toString(detail), toString(grade))) as kind, sure as confirmed, any_sure - sure as likely, every - any_sure as possible
from (
  select category, detail, grade, grouping(detail) = 1 as whole,
    ${distinct("sureness = 'confirmed'")} as sure, ${distinct("sureness != 'possible'")} as any_sure, ${distinct("true")} as every
  from ${standing}
  where (registry, account, subject) in (select registry, account, subject from ${cohort} where ${PERSON_SLICE}) and ${PERSON_SLICE}
  group by grouping sets ((category), (category, detail, grade))
)`;
}

function summed(rows: readonly Detail[]): Detail[] {
  const groups = Map.groupBy(rows, ({ category, kind }) => JSON.stringify([category, kind]));
  return [...groups.values()].map((same) =>
    same.reduce((sum, one) => ({
      ...sum,
      confirmed: sum.confirmed + one.confirmed,
      likely: sum.likely + one.likely,
      possible: sum.possible + one.possible,
    })),
  );
}

const SURENESS = ["confirmed", "likely", "possible"] as const;

function grouped(rows: readonly Detail[]): z.output<typeof Category>[] {
  const details = rows.filter((row) => row.kind !== null);
  return rows
    .filter((row) => row.kind === null)
    .flatMap((row) =>
      SURENESS.map((sureness) => ({ category: row.category, sureness, accounts: row[sureness] })),
    )
    .filter((one) => one.accounts > 0)
    .map((one) => ({
      ...one,
      details: detailsOf(
        details.filter((row) => row.category === one.category),
        one.sureness,
      ),
    }))
    .toSorted((a, b) => b.accounts - a.accounts || compare(a.category, b.category));
}

function detailsOf(
  rows: readonly Detail[],
  sureness: (typeof SURENESS)[number],
): z.output<typeof Category>["details"] {
  return rows
    .map((row) => ({
      detail: row.kind?.[0] ?? "",
      grade: row.kind?.[1] ?? "",
      accounts: row[sureness],
    }))
    .filter((one) => one.accounts > 0)
    .toSorted((a, b) => b.accounts - a.accounts || compare(a.detail, b.detail));
}

function sorted(counts: readonly [string, number][]): [string, number][] {
  return counts.toSorted((a, b) => b[1] - a[1] || compare(a[0], b[0]));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
