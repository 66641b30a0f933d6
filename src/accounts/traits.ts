// What an account was seen with: addresses, tokens, programs; since when, and whether that is new.
import { z } from "zod";
import type { Click, Params } from "../db/click.ts";
import { ADDRESS, shownSql } from "./account-lines.sql.ts";
import { setOf } from "./identity.sql.ts";
import { inSpanSql, type Span } from "./span.ts";

export const TRAIT_KINDS = ["address", "token", "agent"] as const;
export type TraitKind = (typeof TRAIT_KINDS)[number];

const MOST_OF_A_KIND = 100;

const TRAITS = `[('address', ${ADDRESS}), ('token', session_uid), ('agent', http_request_user_agent)]`;
const FROM = (where: string): string =>
  `(select time, class_uid, activity_id, status_id, arrayJoin(arrayMap(one -> (one.1, ${shownSql("one.2")}), ${TRAITS})) as trait from events where ${where})`;

const Row = z.object({
  kind: z.enum(TRAIT_KINDS),
  value: z.string(),
  /** Ever, before the span's end. */
  first: z.string(),
  last: z.string(),
  /** In the span. */
  events: z.number(),
  signIns: z.number(),
  refused: z.number(),
});

export type Trait = z.output<typeof Row> & {
  /** Not seen with the account before the span, though others of the kind were. Without a start nothing is. */
  readonly isNew: boolean;
};

type Of = { readonly where: string; readonly span: Span; readonly params: Params };

/** Those of the span's events, the most frequent hundred of a kind. */
export async function traitsOf(click: Click, { where, span, params }: Of): Promise<Trait[]> {
  const inSpan = inSpanSql(span);
  const rows = await click.query(
    Row,
    `select trait.1 as kind, trait.2 as value, min(time) as first, max(time) as last, countIf(${inSpan}) as events,
       countIf(${inSpan} and class_uid = 3002 and activity_id = 1 and status_id = 1) as signIns,
       countIf(${inSpan} and class_uid = 3002 and activity_id = 1 and status_id = 2) as refused
     from ${FROM(`${where} and time < {to:DateTime64(6)}`)} where trait.2 != ''
     group by trait having events > 0 order by kind, events desc, value limit ${MOST_OF_A_KIND} by kind`,
    params,
  );
  const known = await firstsOf(click, { where, params });
  return rows.map((row) => ({ ...row, isNew: isNewAt(row, known, span) }));
}

function isNewAt(
  { kind, first }: Pick<Trait, "kind" | "first">,
  known: ReadonlyMap<string, string>,
  { from }: Span,
): boolean {
  const earliest = known.get(kind);
  if (from === undefined || earliest === undefined) return false;
  return first > earliest && Date.parse(first) >= from.getTime();
}

const First = z.object({ kind: z.enum(TRAIT_KINDS), first: z.string() });

/** When the account was first seen with anything of the kind. */
async function firstsOf(
  click: Click,
  { where, params }: Omit<Of, "span">,
): Promise<Map<string, string>> {
  const rows = await click.query(
    First,
    `select trait.1 as kind, min(time) as first from ${FROM(`${where} and time < {to:DateTime64(6)}`)} where trait.2 != '' group by kind`,
    params,
  );
  return new Map(rows.map(({ kind, first }) => [kind, first]));
}

const Seen = z.object({ kind: z.enum(TRAIT_KINDS), value: z.string(), first: z.string() });

export type Values = Readonly<Record<TraitKind, readonly string[]>>;

/**
 * When each of these values was first seen with the account; those that are the first of their kind are left out, for they are
 * not new: nothing was known before them.
 */
export async function newSince(
  click: Click,
  { where, params, values }: Omit<Of, "span"> & { values: Values },
): Promise<Map<string, string>> {
  const wanted = TRAIT_KINDS.filter((kind) => values[kind].length > 0);
  if (wanted.length === 0) return new Map();
  const known = await firstsOf(click, { where, params });
  const rows = await click.query(
    Seen,
    `select trait.1 as kind, trait.2 as value, min(time) as first from ${FROM(`${where} and time < {to:DateTime64(6)}`)}
     where ${wanted.map((kind) => `(kind = '${kind}' and value in ${setOf(values[kind])})`).join(" or ")} group by trait`,
    params,
  );
  return new Map(
    rows
      .filter(({ kind, first }) => first > (known.get(kind) ?? first))
      .map(({ kind, value, first }) => [traitKey(kind, value), first]),
  );
}

export function traitKey(kind: TraitKind, value: string): string {
  return `${kind} ${value}`;
}
