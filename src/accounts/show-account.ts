// One account over all logs: what it did, where from, with what, and where nothing is known of it. Not a judgement: rules make those.
import { z } from "zod";
import { parse } from "../core/parse.ts";
import { requireScope } from "../core/scope.ts";
import type { Click, Params } from "../db/click.ts";
import type { Context } from "../db/context.ts";
import { write } from "../ledger/write.ts";
import { type Place, placesOf } from "../logs/places/places-of.ts";
import { type AccountEvents, accountEvents, type SpellingFound } from "./account-events.ts";
import { linesSql, ROLES } from "./account-lines.sql.ts";
import { FAMILY_NAMES } from "./families.ts";
import { type Identifier, resolveAccount } from "./resolve-account.ts";
import { type Searched, searchedIn } from "./searched.ts";
import { inSpanSql, Instant, type Span, spanOf } from "./span.ts";
import { newSince, type Trait, TRAIT_KINDS, type TraitKind, traitKey, traitsOf } from "./traits.ts";

export const ShowAccountInput = z.strictObject({
  who: z
    .string()
    .trim()
    .min(1)
    .max(500)
    .describe("any identifier of an account, REGISTRY/ACCOUNT, or a name as the logs have it"),
  from: Instant.optional().describe("from this moment on; from the first event by default"),
  to: Instant.optional().describe("before this moment; until now by default"),
  after: z
    .string()
    .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z_\d{1,20}$/, "write it as next was given")
    .optional()
    .describe("lines after this one: what next held"),
  limit: z
    .string()
    .regex(/^[1-9]\d{0,3}$/, "write a number up to 9999")
    .transform(Number)
    .default(200)
    .describe("lines; 200 by default"),
  why: z.string().max(500).optional().describe("for the ledger"),
});

const Line = z.object({
  first: z.string(),
  last: z.string(),
  events: z.number(),
  /** Of them, without a time of their own. */
  timeless: z.number(),
  source: z.string(),
  first_place: z.number(),
  family: z.enum(FAMILY_NAMES),
  class_uid: z.number(),
  activity_id: z.number(),
  activity_name: z.string(),
  status_id: z.number(),
  status_detail: z.string(),
  operation: z.string(),
  method: z.string(),
  role: z.enum(ROLES),
  /** To whom it did it, or who did it to the account. */
  other: z.string(),
  address: z.string(),
  session: z.string(),
  agent: z.string(),
  second_factor: z.enum(["", "yes", "no"]),
  /** Documents, paths or whatever it was on: how many, and one of them. */
  things: z.number(),
  thing: z.string(),
});
const FoundLine = z.object({ ...Line.shape, id_text: z.string() });
type FoundLine = z.output<typeof FoundLine>;

export type AccountLine = z.output<typeof Line> & {
  /** What the account was never seen with before, though it was with others of the kind. */
  readonly isNew: readonly TraitKind[];
};

const Figures = z.object({
  events: z.number(),
  timeless: z.number(),
  first: z.string(),
  last: z.string(),
  sources: z.record(z.string(), z.number()),
});

export type AccountShown = {
  readonly who: string;
  /** Undefined where the registry knows nobody of that name: then what the logs call so is shown. */
  readonly registry: string | undefined;
  readonly account: string | undefined;
  readonly identifiers: readonly Identifier[];
  /** As what the logs name it, at any time; the most frequent twenty. */
  readonly spellings: readonly SpellingFound[];
  readonly from: string;
  readonly to: string;
  /** Of the span. */
  readonly events: number;
  readonly timeless: number;
  readonly first: string | undefined;
  readonly last: string | undefined;
  /** Source → events of the account in the span. */
  readonly sources: Readonly<Record<string, number>>;
  readonly traits: readonly Trait[];
  /** Of each address that stands in traits or lines. */
  readonly places: Readonly<Record<string, Place>>;
  readonly lines: readonly AccountLine[];
  /** For `after`, where there are more lines. */
  readonly next: string | undefined;
  readonly searched: Searched;
};

const SHOWN_SPELLINGS = 20;

/** In order of time. Personal data: that somebody looked is in the ledger, whoever or nobody was found. */
export async function showAccount(
  ctx: Context,
  input: z.input<typeof ShowAccountInput>,
): Promise<AccountShown> {
  requireScope(ctx.actor, "events:read");
  const { who, from, to, after, limit, why } = parse(ShowAccountInput, input);
  const span = spanOf({ from, to, now: ctx.clock.now() });
  // Before anything is told of it, be it that there are several.
  await write(ctx, "events:read", async () => ({
    result: undefined,
    entry: {
      kind: "account.read",
      body: { who, from: from ?? null, to: span.to.toISOString(), why: why ?? null },
    },
  }));
  const click = await ctx.click();
  const { registry, account, identifiers, looked } = await resolveAccount(click, who);
  const of = await accountEvents(click, looked);
  const params = { from: span.from, to: span.to };
  const figures = await figuresOf(click, { of, span, params });
  const { lines, next } = await linesOf(click, { of, span, params, after, limit });
  const traits = await traitsOf(click, { where: of.where, span, params });
  const places = await placesOf(click, addressesIn(traits, lines));
  const searched = await searchedIn(click, span);
  return {
    who,
    registry,
    account,
    identifiers,
    spellings: of.spellings.slice(0, SHOWN_SPELLINGS),
    from: searched.from,
    to: searched.to,
    ...figures,
    traits,
    places: Object.fromEntries(places),
    lines,
    next,
    searched,
  };
}

function addressesIn(traits: readonly Trait[], lines: readonly AccountLine[]): string[] {
  const seenWith = traits.filter(({ kind }) => kind === "address").map(({ value }) => value);
  const all = new Set([...seenWith, ...lines.map(({ address }) => address)]);
  return [...all].filter((address) => address !== "");
}

type Of = { readonly of: AccountEvents; readonly span: Span; readonly params: Params };

async function figuresOf(
  click: Click,
  { of, span, params }: Of,
): Promise<Pick<AccountShown, "events" | "timeless" | "first" | "last" | "sources">> {
  const [row] = await click.query(
    Figures,
    `select sum(n) as events, sum(without) as timeless, min(earliest) as first, max(latest) as last,
       mapFromArrays(groupArray(source), groupArray(n)) as sources
     from (
       select toString(source) as source, count() as n, countIf(not time_known) as without, min(time) as earliest, max(time) as latest
       from events where ${of.where} and ${inSpanSql(span)} group by source)`,
    params,
  );
  const seen = row !== undefined && row.events > 0;
  return {
    events: row?.events ?? 0,
    timeless: row?.timeless ?? 0,
    first: seen ? row.first : undefined,
    last: seen ? row.last : undefined,
    sources: row?.sources ?? {},
  };
}

type Page = { readonly after: string | undefined; readonly limit: number };

async function linesOf(
  click: Click,
  { of, span, params, after, limit }: Of & Page,
): Promise<Pick<AccountShown, "lines" | "next">> {
  const [afterTime = "", afterId = "0"] = after?.split("_") ?? [];
  const cursor =
    after === undefined
      ? {}
      : { afterTime, afterId, afterHour: Math.floor(Date.parse(afterTime) / 3_600_000) };
  const found = await click.query(
    FoundLine,
    linesSql({ where: of.where, roles: of.roles, span, paged: after !== undefined }),
    { ...params, ...cursor, limit: limit + 1 },
  );
  const lines = found.slice(0, limit);
  const fresh = await newSince(click, { where: of.where, params, values: valuesOf(lines) });
  const end = lines.at(-1);
  return {
    lines: lines.map((line) => ({ ...Line.parse(line), isNew: newOn(line, fresh) })),
    next: found.length > limit && end ? `${end.first}_${end.id_text}` : undefined,
  };
}

const COLUMN = {
  address: "address",
  token: "session",
  agent: "agent",
} as const satisfies Record<TraitKind, keyof FoundLine>;

function valuesOf(lines: readonly FoundLine[]): Record<TraitKind, string[]> {
  const of = (kind: TraitKind): string[] =>
    [...new Set(lines.map((line) => line[COLUMN[kind]]))].filter((value) => value !== "");
  return { address: of("address"), token: of("token"), agent: of("agent") };
}

function newOn(line: Omit<FoundLine, "id_text">, fresh: ReadonlyMap<string, string>): TraitKind[] {
  return TRAIT_KINDS.filter((kind) => fresh.get(traitKey(kind, line[COLUMN[kind]])) === line.first);
}
