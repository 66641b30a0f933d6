import { z } from "zod";
import { TocsinError } from "../core/errors.ts";
import type { Click } from "../db/click.ts";
import { emailKey } from "../registry/email-key.ts";
import { phoneKey } from "../registry/phone-key.ts";
import { usernameKey } from "../registry/username-key.ts";
import { type LookedAmong, type LookedFor, nameKey, setOf } from "./identity.sql.ts";

export const IDENTIFIER_KINDS = ["key", "username", "email", "phone"] as const;
export type IdentifierKind = (typeof IDENTIFIER_KINDS)[number];

export type Identifier = { readonly kind: IdentifierKind; readonly value: string };

/** An account of the registry with all that it is known by; or, where the registry knows nobody of that name, the name alone. */
export type ResolvedAccount = {
  readonly registry: string | undefined;
  readonly account: string | undefined;
  readonly identifiers: readonly Identifier[];
  readonly looked: LookedFor;
};

const Row = z.object({
  registry: z.string(),
  account: z.string(),
  kind: z.enum(IDENTIFIER_KINDS),
  value: z.string(),
});
type Row = z.output<typeof Row>;

const MOST_CHOICES = 20;

/**
 * @param who REGISTRY/ACCOUNT, or any identifier, written in any way
 * @throws TocsinError `invalid` with the choices, as REGISTRY/ACCOUNT, where it is several accounts' identifier
 */
export async function resolveAccount(click: Click, who: string): Promise<ResolvedAccount> {
  const named = (await accountOf(click, who)) ?? (await accountsKnownBy(click, who));
  const [first] = named;
  if (!first) return plainName(who);
  const accounts = Map.groupBy(named, ({ registry, account }) => `${registry}/${account}`);
  if (accounts.size > 1)
    throw new TocsinError(
      "invalid",
      `that is an identifier of ${accounts.size > MOST_CHOICES ? `more than ${MOST_CHOICES}` : accounts.size} accounts: choose one`,
      {
        problems: [...accounts].slice(0, MOST_CHOICES).map(([at, rows]) => ({
          at,
          message: `by its ${[...new Set(rows.map(({ kind }) => KIND_WORDS[kind]))].join(" and ")}`,
        })),
      },
    );
  const { registry, account } = first;
  const identifiers = await click.query(
    Row,
    `select registry, account, toString(kind) as kind, value from current_identifiers
     where registry = {registry:String} and account = {account:String} and kind in ${setOf(IDENTIFIER_KINDS)} order by kind, value limit 1000`,
    { registry, account },
  );
  return {
    registry,
    account,
    identifiers: identifiers.map(({ kind, value }) => ({ kind, value })),
    looked: await lookedFor(click, identifiers),
  };
}

const KIND_WORDS = {
  key: "id",
  username: "user name",
  email: "e-mail address",
  phone: "phone number",
} as const satisfies Record<IdentifierKind, string>;

async function accountOf(click: Click, who: string): Promise<Row[] | undefined> {
  const slash = who.indexOf("/");
  if (slash < 1) return undefined;
  const rows = await click.query(
    Row,
    `select registry, account, 'key' as kind, account as value from current_accounts
     where registry = {registry:String} and account = {account:String} limit 1`,
    { registry: who.slice(0, slash), account: who.slice(slash + 1) },
  );
  return rows.length === 0 ? undefined : rows;
}

async function accountsKnownBy(click: Click, who: string): Promise<Row[]> {
  return await click.query(
    Row,
    `select registry, account, toString(kind) as kind, value from current_identifiers
     where (kind, value) in (('email', {email:String}), ('username', {username:String}), ('phone', {phone:String}), ('key', {key:String}))
     order by registry, account limit 1000`,
    {
      email: emailKey(who) ?? "",
      username: usernameKey(who) ?? "",
      phone: phoneKey(who) ?? "",
      key: who.trim(),
    },
  );
}

function plainName(who: string): ResolvedAccount {
  const cell = among([nameKey(who)], [who.trim()]);
  return {
    registry: undefined,
    account: undefined,
    identifiers: [],
    looked: { names: cell, ids: cell },
  };
}

/** A number may be one account's id and another's user name: then it is the id in a column of ids, and the name in a column of names. */
async function lookedFor(click: Click, identifiers: readonly Row[]): Promise<LookedFor> {
  const values = (kind: IdentifierKind): string[] =>
    identifiers.filter((one) => one.kind === kind).map(({ value }) => value);
  const ids = values("key");
  const names = [
    ...new Set([...values("username").map(nameKey), ...values("email"), ...values("phone")]),
  ];
  const taken = await click.query(
    Row,
    `select registry, account, toString(kind) as kind, value from current_identifiers
     where (registry, account) != ({registry:String}, {account:String}) and (
       (kind = 'username' and value in ${setOf(ids.map(nameKey))}) or (kind = 'key' and value in ${setOf(names)}))
     limit 1000`,
    { registry: identifiers[0]?.registry ?? "", account: identifiers[0]?.account ?? "" },
  );
  const others = (kind: IdentifierKind): Set<string> =>
    new Set(taken.filter((one) => one.kind === kind).map(({ value }) => value));
  const [otherNames, otherIds] = [others("username"), others("key")];
  return {
    names: among(
      names,
      ids.filter((id) => !otherNames.has(nameKey(id))),
    ),
    ids: among(
      names.filter((name) => !otherIds.has(name)),
      ids,
    ),
  };
}

function among(keys: readonly string[], exact: readonly string[]): LookedAmong {
  return { keys: setOf(keys), exact: setOf(exact) };
}
