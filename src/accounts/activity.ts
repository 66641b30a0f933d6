// The result of a search for activity: what was looked for, where, what was seen, and what could not have been seen.
import { z } from "zod";
import { type FamilySearched, Searched } from "./searched.ts";

const Seen = {
  events: z.number(),
  first: z.string(),
  last: z.string(),
};

export const LOOKED_FOR = ["cohort", "accounts", "resources"] as const;

export const Activity = z.object({
  id: z.string(),
  at: z.string(),
  by: z.string(),
  incident: z.string().optional(),
  lookedFor: z.object({
    as: z.enum(LOOKED_FOR),
    cohort: z.string().optional(),
    /** Accounts, or resources: what `seen` is out of. */
    count: z.number(),
    /** Names that the registry does not know, looked for as they are. */
    plain: z.number(),
    /** Identifiers that are of several accounts: all of them are looked for. */
    ambiguous: z.number(),
    /** People of the cohort who are in no registry: there is nothing to look for. */
    unregistered: z.number(),
  }),
  searched: Searched,
  /** Of those looked for. */
  seen: z.number(),
  events: z.number(),
  timeless: z.number(),
  /** Those seen, most events first. */
  things: z.array(
    z.object({
      ...Seen,
      /** REGISTRY/ACCOUNT, a name, a resource. */
      thing: z.string(),
      /** Events that it did itself; the others were done to it. */
      did: z.number(),
      signIns: z.number(),
      families: z.array(z.string()),
      /** Ten of them at most. */
      addresses: z.array(z.string()),
      /** Of a resource: who. */
      others: z.array(z.string()),
    }),
  ),
  families: z.array(
    z.object({ ...Seen, family: z.string(), source: z.string(), things: z.number() }),
  ),
  addresses: z.array(z.object({ ...Seen, address: z.string(), things: z.number() })),
});
export type Activity = z.output<typeof Activity>;

export type Reach = {
  readonly searched: Searched;
  /** Of what was seen, without a time of their own. */
  readonly timeless: number;
  readonly of: "accounts" | "resources";
  readonly unregistered: number;
};

export function reachOf({ searched, timeless, lookedFor }: Activity): Reach {
  const of = lookedFor.as === "resources" ? "resources" : "accounts";
  return { searched, timeless, of, unregistered: lookedFor.unregistered };
}

/** Why what was not seen may have been: one sentence each. Empty where nothing is in the way. */
export function limitsOf({ searched, timeless, of, unregistered }: Reach): string[] {
  const named = of === "resources" ? "what they were on" : "whose they are";
  const nobody = searched.sources.filter((one) => one.named === 0);
  const never = searched.families.filter(({ sourcesEver }) => sourcesEver === 0);
  const elsewhere = searched.families.filter(
    ({ sourcesEver, sources }) => sourcesEver > 0 && sources === 0,
  );
  const nameless = searched.families.filter(
    ({ sources, named: naming }) => sources > 0 && naming === 0,
  );
  return [
    ...(searched.hours === searched.covered
      ? []
      : [
          `${number(searched.hours - searched.covered)} of ${number(searched.hours)} hours have no record in any source`,
        ]),
    ...(never.length === 0 ? [] : [`no source records: ${about(never)}`]),
    ...(elsewhere.length === 0
      ? []
      : [`recorded at other times, not in these hours: ${about(elsewhere)}`]),
    ...(nameless.length === 0 ? [] : [`recorded, but not ${named}: ${about(nameless)}`]),
    ...(nobody.length === 0
      ? []
      : [`${plural(nobody.length, "source does", "sources do")} not say of any record ${named}`]),
    ...(searched.silentCount === 0
      ? []
      : [
          `${plural(searched.silentCount, "source has", "sources have")} records at other times, none in these hours`,
        ]),
    ...(searched.broken === 0
      ? []
      : [`${plural(searched.broken, "record", "records")} could not be read: tocsin logs broken`]),
    ...(timeless === 0
      ? []
      : [
          `${plural(timeless, "event that was", "events that were")} seen tell no time of their own`,
        ]),
    ...(unregistered === 0
      ? []
      : [
          `${plural(unregistered, "person is", "people are")} in no registry and could not be looked for`,
        ]),
  ];
}

function about(families: readonly FamilySearched[]): string {
  return families.map((one) => one.about).join("; ");
}

function number(value: number): string {
  return value.toLocaleString("en-US");
}

/** `3 accounts`; for one, `1 account`. */
export function plural(count: number, one: string, many: string): string {
  return `${number(count)} ${count === 1 ? one : many}`;
}

/** What was found, in one sentence that claims no more than that. */
export function verdictOf({ seen, lookedFor, searched, events }: Activity): string {
  const all =
    lookedFor.as === "resources"
      ? plural(lookedFor.count, "resource", "resources")
      : plural(lookedFor.count, "account", "accounts");
  const where = `in ${plural(searched.sourceCount, "source", "sources")}, ${number(searched.covered)} of ${number(searched.hours)} hours`;
  if (lookedFor.count === 0) return "there was nothing to look for";
  if (searched.events === 0) return `nothing was searched: no source has a record in these hours`;
  return seen === 0
    ? `not seen ${where}: none of ${all}`
    : `seen ${where}: ${number(seen)} of ${all}, in ${plural(events, "event", "events")}`;
}

/** A note for an incident: what was looked for, where, and how far that goes. */
export function noteOf(activity: Activity): string {
  const { lookedFor, searched, id } = activity;
  const whose =
    lookedFor.as === "cohort"
      ? `of cohort ${lookedFor.cohort ?? ""}`
      : `of a list of ${lookedFor.as}`;
  return [
    `Activity ${whose} from ${minute(searched.from)} to ${minute(searched.to)}: ${verdictOf(activity)}.`,
    `Searched: ${plural(searched.events, "event", "events")} (search ${id.slice(0, 8)}).`,
    ...limitsOf(reachOf(activity)).map((limit) => `How far that goes: ${limit}.`),
  ].join("\n");
}

export function minute(at: string): string {
  return `${at.slice(0, 16).replace("T", " ")} UTC`;
}
