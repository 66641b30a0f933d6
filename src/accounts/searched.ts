// Where was looked, and where nothing could be seen: whoever does not find something must know what could have shown it.
import { z } from "zod";
import type { Click, Params } from "../db/click.ts";
import { coverage } from "../logs/sources/coverage.ts";
import { FAMILIES, FAMILY_NAMES, FAMILY_SQL } from "./families.ts";
import { SAYS_WHOSE } from "./identity.sql.ts";
import { inSpanSql, type Span } from "./span.ts";

const MOST_SOURCES = 1_000;
const MOST_SILENT = 100;
const MOST_GAPS = 100;
const HOUR_MS = 3_600_000;

const Gap = z.object({ from: z.string(), to: z.string(), hours: z.number() });

const hoursShape = {
  hours: z.number(),
  covered: z.number(),
  gapCount: z.number(),
  /** The longest hundred, in order of time. */
  gaps: z.array(Gap),
};
/** Hours of the span, whole ones, that hold a record, and runs of those that hold none. */
export type Hours = z.output<z.ZodObject<typeof hoursShape>>;

const SearchedSource = z.object({
  ...hoursShape,
  source: z.string(),
  events: z.number(),
  /** That say whose they are: only in these can anybody be seen. */
  named: z.number(),
  broken: z.number(),
  /** Without a time of their own: they stand at the time of the record before them. */
  timeless: z.number(),
});

/** What one who had the account could have caused, and whether the sources would show it. */
const FamilySearched = z.object({
  family: z.enum(FAMILY_NAMES),
  about: z.string(),
  /** Sources with such an event in the span. */
  sources: z.number(),
  events: z.number(),
  named: z.number(),
  /** Sources with such an event at any time. */
  sourcesEver: z.number(),
});
export type FamilySearched = z.output<typeof FamilySearched>;

export const Searched = z.object({
  ...hoursShape,
  from: z.string(),
  to: z.string(),
  events: z.number(),
  named: z.number(),
  broken: z.number(),
  timeless: z.number(),
  /** With a record in the span, most events first; at most 1,000. */
  sources: z.array(SearchedSource),
  sourceCount: z.number(),
  /** Sources that have records, but none in the span; the first hundred. */
  silent: z.array(z.string()),
  silentCount: z.number(),
  /** Every kind of event that access could have caused. */
  families: z.array(FamilySearched),
});
export type Searched = z.output<typeof Searched>;

const Figure = z.object({
  source: z.string(),
  family: z.enum(FAMILY_NAMES),
  all: z.number(),
  events: z.number(),
  named: z.number(),
  factors: z.number(),
  factorsNamed: z.number(),
  factorsEver: z.number(),
});
type Figure = z.output<typeof Figure>;

/**
 * Everything that the span holds, in all sources. `says`: SQL, Bool, that an event names what is looked for, or could.
 * Three passes over times and classes: 2 s at 10 million events.
 */
export async function searchedIn(
  click: Click,
  span: Span,
  says: string = SAYS_WHOSE,
): Promise<Searched> {
  const params: Params = { from: span.from, to: span.to };
  const inSpan = inSpanSql(span);
  const figures = await click.query(
    Figure,
    `select toString(source) as source, ${FAMILY_SQL} as family, count() as all, countIf(${inSpan}) as events,
       countIf(${inSpan} and ${says}) as named, countIf(${inSpan} and isNotNull(is_mfa)) as factors,
       countIf(${inSpan} and isNotNull(is_mfa) and ${says}) as factorsNamed, countIf(isNotNull(is_mfa)) as factorsEver
     from events group by source, family order by events desc limit 100000`,
    params,
  );
  const covered = await coverage(click, {
    ...(span.from === undefined ? {} : { from: span.from }),
    to: span.to,
  });
  const from = span.from ?? earliestOf(covered.flatMap(({ first }) => first ?? [])) ?? span.to;
  const named = Map.groupBy(figures, ({ source }) => source);
  const sources = covered
    .map((one) => ({
      source: one.source,
      events: one.events,
      named: sum(named.get(one.source) ?? [], "named"),
      broken: one.broken,
      timeless: one.timeless,
      ...withEdges({ from, to: span.to }, one),
    }))
    .toSorted((a, b) => b.events - a.events || (a.source < b.source ? -1 : 1));
  const searched = new Set(covered.map(({ source }) => source));
  const silent = [...named.keys()].filter((source) => !searched.has(source)).toSorted();
  return {
    from: from.toISOString(),
    to: span.to.toISOString(),
    events: sum(sources, "events"),
    named: sum(sources, "named"),
    broken: sum(sources, "broken"),
    timeless: sum(sources, "timeless"),
    ...(await hoursOfAny(click, { from, to: span.to })),
    sources: sources.slice(0, MOST_SOURCES),
    sourceCount: sources.length,
    silent: silent.slice(0, MOST_SILENT),
    silentCount: silent.length,
    families: familiesOf(figures),
  };
}

function familiesOf(figures: readonly Figure[]): FamilySearched[] {
  return FAMILY_NAMES.flatMap((family) => {
    const about = FAMILIES[family].access;
    if (about === undefined) return [];
    const own = figures.filter((one) => one.family === family);
    // A sign-in that tells whether a second factor was part of it records that too.
    const also = family === "second-factor" ? figures.filter((one) => one.factorsEver > 0) : [];
    const within = own.filter(({ events }) => events > 0);
    const alsoWithin = also.filter(({ factors }) => factors > 0);
    return [
      {
        family,
        about,
        sources: new Set([...sourcesOf(within), ...sourcesOf(alsoWithin)]).size,
        events: sum(own, "events") + sum(also, "factors"),
        named: sum(own, "named") + sum(also, "factorsNamed"),
        sourcesEver: new Set([...sourcesOf(own), ...sourcesOf(also)]).size,
      },
    ];
  });
}

function sourcesOf(figures: readonly Figure[]): string[] {
  return figures.map(({ source }) => source);
}

type Covered = {
  readonly first: string | undefined;
  readonly last: string | undefined;
  readonly hours: number;
  readonly gapCount: number;
  readonly gaps: readonly Gap[];
};
type Gap = z.output<typeof Gap>;
type Bounds = { readonly from: Date; readonly to: Date };

/** The hours before its first record and after its last one are gaps too. */
function withEdges({ from, to }: Bounds, of: Covered): Hours {
  const [start, end] = [hourOf(from), Math.ceil(to.getTime() / HOUR_MS) * HOUR_MS];
  const hours = Math.max(1, (end - start) / HOUR_MS);
  if (of.first === undefined || of.last === undefined)
    return { hours, covered: 0, gapCount: 1, gaps: [gap(start, start + hours * HOUR_MS)] };
  const [first, last] = [hourOf(new Date(of.first)), hourOf(new Date(of.last)) + HOUR_MS];
  const before = first > start ? [gap(start, first)] : [];
  const after = last < end ? [gap(last, end)] : [];
  return {
    hours,
    covered: of.hours,
    gapCount: of.gapCount + before.length + after.length,
    gaps: [...before, ...of.gaps, ...after].slice(-MOST_GAPS),
  };
}

function hourOf(at: Date): number {
  return Math.floor(at.getTime() / HOUR_MS) * HOUR_MS;
}

function gap(from: number, to: number): Gap {
  return {
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    hours: (to - from) / HOUR_MS,
  };
}

const Union = z.object({
  hours: z.number(),
  first: z.string(),
  last: z.string(),
  gapCount: z.number(),
  gaps: z.array(z.tuple([z.string(), z.string(), z.number()])),
});

/** Hours in which any source has a record, and those in which none has. */
async function hoursOfAny(click: Click, bounds: Bounds): Promise<Hours> {
  const [row] = await click.query(
    Union,
    `select count() as hours, ${isoSql("min(hour)")} as first, ${isoSql("max(hour)")} as last, countIf(gap > 1) as gapCount,
       arraySort(arraySlice(arrayReverseSort(one -> one.3, groupArrayIf((${isoSql("previous + 1")}, ${isoSql("hour")}, gap - 1), gap > 1)), 1, ${MOST_GAPS})) as gaps
     from (
       select hour, previous, if(isNull(previous), 1, assumeNotNull(hour - previous)) as gap
       from (
         select hour, lagInFrame(toNullable(hour)) over (order by hour rows between 1 preceding and current row) as previous
         from (
           select intDiv(toUnixTimestamp64Micro(time), 3600000000) as hour from events
           where time_known and time >= {from:DateTime64(6)} and time < {to:DateTime64(6)} group by hour)))`,
    bounds,
  );
  const none = row === undefined || row.hours === 0;
  return withEdges(bounds, {
    first: none ? undefined : row.first,
    last: none ? undefined : row.last,
    hours: row?.hours ?? 0,
    gapCount: row?.gapCount ?? 0,
    gaps: (row?.gaps ?? []).map(([from, to, hours]) => ({ from, to, hours })),
  });
}

/** Of an hour since 1970. */
function isoSql(hour: string): string {
  return `formatDateTime(fromUnixTimestamp64Micro((${hour}) * 3600000000, 'UTC'), '%Y-%m-%dT%H:%i:%SZ')`;
}

function earliestOf(times: readonly string[]): Date | undefined {
  const [first] = times.toSorted();
  return first === undefined ? undefined : new Date(first);
}

function sum<Name extends string>(
  rows: readonly Readonly<Record<Name, number>>[],
  name: Name,
): number {
  return rows.reduce((total, row) => total + row[name], 0);
}
