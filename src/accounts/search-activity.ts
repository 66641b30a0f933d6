// Whether any of many accounts, or of many resources, was active in a span. What is not seen is told with where it could not be seen.
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { Name } from "../config/words.ts";
import { plainJson } from "../core/canonical.ts";
import { sha256Hex } from "../core/digest.ts";
import { TocsinError } from "../core/errors.ts";
import { parse } from "../core/parse.ts";
import { requireScope } from "../core/scope.ts";
import type { Click } from "../db/click.ts";
import type { Context } from "../db/context.ts";
import { incidentRow, readIncident } from "../incidents/incident.ts";
import { note } from "../incidents/note.ts";
import { write } from "../ledger/write.ts";
import { cohortSql } from "../scope/cohort-sql.ts";
import { type Activity, noteOf, verdictOf } from "./activity.ts";
import { FAMILY_NAMES } from "./families.ts";
import { accountFinder, hitsSql, resourceFinder } from "./hits.sql.ts";
import { type Looked, lookForMembers, lookForNames, lookForResources } from "./looked-for.ts";
import { type Searched, searchedIn } from "./searched.ts";
import { Instant, type Span, spanOf } from "./span.ts";

const MOST_LISTED = 250_000;
const List = z
  .array(
    z
      .string()
      .trim()
      .min(1)
      .max(500)
      .regex(/^[^\n\r\0]*$/),
  )
  .min(1, "the list is empty")
  .max(MOST_LISTED);

export const SearchActivityInput = z.strictObject({
  cohort: z
    .string()
    .min(1)
    .optional()
    .describe("a cohort of the incident, or an expression over its cohorts"),
  accounts: List.optional().describe(
    "identifiers of accounts, REGISTRY/ACCOUNT, or names as the logs have them",
  ),
  resources: List.optional().describe("servers, buckets, documents, as the logs name them"),
  after: Instant.describe("from this moment on"),
  before: Instant.optional().describe("until this moment; until now by default"),
  incident: Name.optional().describe("gets a note of what was searched and found"),
  limit: z
    .string()
    .regex(/^[1-9]\d{0,3}$/, "write a number up to 9999")
    .transform(Number)
    .default(100)
    .describe("of those seen; 100 by default"),
});
type Input = z.output<typeof SearchActivityInput>;

/**
 * Ends with a result that is kept, a ledger entry and, for an incident, a note. Personal data.
 * If we crash before the end, nothing is kept; between the two, the note is missing and the result is there.
 * @throws TocsinError `invalid` where not exactly one of cohort, accounts and resources is given
 */
export async function searchActivity(
  ctx: Context,
  input: z.input<typeof SearchActivityInput>,
): Promise<Activity> {
  requireScope(ctx.actor, "events:read");
  const asked = parse(SearchActivityInput, input);
  const given = [asked.cohort, asked.accounts, asked.resources].filter((one) => one !== undefined);
  if (given.length !== 1)
    throw new TocsinError(
      "invalid",
      "give one of a cohort, a list of accounts, a list of resources",
    );
  if (asked.incident !== undefined) {
    requireScope(ctx.actor, "incidents:write");
    await incidentRow(ctx, asked.incident);
  }
  const now = ctx.clock.now();
  const span = spanOf({ from: asked.after, to: asked.before, now });
  const click = await ctx.click();
  const { unregistered, start } = await lookingFor(ctx, click, asked);
  await using looked = await start();
  const finder =
    asked.resources === undefined ? accountFinder(looked.table) : resourceFinder(looked.table);
  const searched = trimmed(await searchedIn(click, span, finder.says));
  const found = await hitsOf(click, { sql: hitsSql(finder, span), span, limit: asked.limit });
  const activity: Activity = {
    id: randomUUID(),
    at: now.toISOString(),
    by: ctx.actor.name,
    ...(asked.incident === undefined ? {} : { incident: asked.incident }),
    lookedFor: {
      as: asked.cohort !== undefined ? "cohort" : asked.accounts ? "accounts" : "resources",
      ...(asked.cohort === undefined ? {} : { cohort: asked.cohort }),
      count: looked.things,
      plain: looked.plain,
      ambiguous: looked.ambiguous,
      unregistered,
    },
    searched,
    ...found,
  };
  return await keep(ctx, activity, asked);
}

const Count = z.object({ n: z.number() });

type Looking = { readonly unregistered: number; readonly start: () => Promise<Looked> };

async function lookingFor(ctx: Context, click: Click, asked: Input): Promise<Looking> {
  const { cohort, accounts, resources, incident } = asked;
  if (accounts !== undefined)
    return {
      unregistered: 0,
      start: async () => await lookForNames(click, [...new Set(accounts)]),
    };
  if (resources !== undefined)
    return { unregistered: 0, start: async () => await lookForResources(click, resources) };
  if (incident === undefined || cohort === undefined)
    throw new TocsinError("invalid", "a cohort is one of an incident: say which, --incident NAME");
  const { file } = await readIncident(ctx, incident);
  const members = cohortSql(file, cohort);
  const [outside] = await click.query(
    Count,
    `select uniqExact(subject) as n from ${members} where account = ''`,
  );
  return {
    unregistered: outside?.n ?? 0,
    start: async () => await lookForMembers(click, members),
  };
}

const MOST_GAPS_OF_A_SOURCE = 10;

/** The longest gaps of each source: the result is kept, and a thousand sources may have a hundred thousand. */
function trimmed(searched: Searched): Searched {
  const sources = searched.sources.map((one) => ({
    ...one,
    gaps: one.gaps
      .toSorted((a, b) => b.hours - a.hours)
      .slice(0, MOST_GAPS_OF_A_SOURCE)
      .toSorted((a, b) => (a.from < b.from ? -1 : 1)),
  }));
  return { ...searched, sources };
}

const Hit = z.object({
  of: z.enum(["thing", "family", "address", "all"]),
  thing: z.string(),
  /** By its place. */
  family: z.number().transform((place) => FAMILY_NAMES[place] ?? "other"),
  in_source: z.string(),
  address: z.string(),
  /** Events, each once; `times` counts one for each thing that it names. */
  each: z.number(),
  times: z.number(),
  things: z.number(),
  first: z.string(),
  last: z.string(),
  did: z.number(),
  timeless: z.number(),
  signIns: z.number(),
  /** A bit a place. */
  families: z.number().transform((bits) => FAMILY_NAMES.filter((_, place) => (bits >> place) & 1)),
  addresses: z.array(z.string()),
  others: z.array(z.string()),
});
type Hit = z.output<typeof Hit>;

const MOST_ADDRESSES = 100;
const MOST_FAMILIES = 1_000;

type Found = Pick<Activity, "seen" | "events" | "timeless" | "things" | "families" | "addresses">;

async function hitsOf(
  click: Click,
  { sql, span, limit }: { sql: string; span: Span; limit: number },
): Promise<Found> {
  const hits = await click.query(Hit, sql, {
    from: span.from,
    to: span.to,
    most: Math.max(limit, MOST_FAMILIES),
  });
  const of = (kind: Hit["of"]): Hit[] => hits.filter((hit) => hit.of === kind);
  const [all] = of("all");
  return {
    seen: all?.things ?? 0,
    events: all?.each ?? 0,
    timeless: all?.timeless ?? 0,
    things: of("thing")
      .slice(0, limit)
      .map((hit) => ({
        thing: hit.thing,
        events: hit.times,
        first: hit.first,
        last: hit.last,
        did: hit.did,
        signIns: hit.signIns,
        families: hit.families,
        addresses: hit.addresses.filter((address) => address !== ""),
        others: hit.others.filter((other) => other !== ""),
      })),
    families: of("family").map(({ family, in_source, each, things, first, last }) => ({
      family,
      source: in_source,
      events: each,
      things,
      first,
      last,
    })),
    addresses: of("address")
      .filter(({ address }) => address !== "")
      .slice(0, MOST_ADDRESSES)
      .map(({ address, each, things, first, last }) => ({
        address,
        events: each,
        things,
        first,
        last,
      })),
  };
}

async function keep(ctx: Context, activity: Activity, asked: Input): Promise<Activity> {
  const { id, incident, lookedFor, searched, seen, events } = activity;
  const list = asked.accounts ?? asked.resources;
  const body = plainJson({
    search: id,
    lookedFor,
    // Whoever has the list can show that it was this one.
    list: list === undefined ? null : sha256Hex(list.join("\n")),
    from: searched.from,
    to: searched.to,
    searched: searched.events,
    hours: searched.hours,
    covered: searched.covered,
    sources: searched.sources.map((one) => ({
      source: one.source,
      events: one.events,
      hours: one.covered,
    })),
    seen,
    events,
  });
  const text = await write(ctx, "events:read", async (tx) => {
    const result = JSON.stringify(activity);
    await tx`
      insert into activity_searches (id, incident, span_from, span_to, verdict, result, searched_at, searched_by)
      values (${id}, ${incident ?? null}, ${searched.from}, ${searched.to}, ${verdictOf(activity)}, ${result}, ${activity.at}, ${activity.by})`;
    return {
      result,
      entry: {
        kind: "activity.searched",
        ...(incident === undefined ? {} : { incident }),
        body,
      },
    };
  });
  // Under a request key a repeated search keeps the first one's result.
  const kept: Activity = JSON.parse(text);
  if (kept.incident !== undefined) await note(ctx, { incident: kept.incident, says: noteOf(kept) });
  return kept;
}
