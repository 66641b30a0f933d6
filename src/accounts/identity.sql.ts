// Whose an event is. An account is named in five columns, as a system writes it; the registry knows it by keys. Both are compared in one form.
import { quote } from "../db/click-bind.ts";
import type { EventColumn } from "../logs/event-columns.ts";
import { emailKey, emailKeySql, hasMailboxRulesSql } from "../registry/email-key.ts";
import { bound } from "../registry/sql-text.ts";
import { usernameKey, usernameKeySql } from "../registry/username-key.ts";

type Cell = {
  readonly column: EventColumn;
  /** Who did it; else to whom it was done. */
  readonly isActor: boolean;
  /** A number or word that the system gave the account; else what a person is called. */
  readonly isId: boolean;
};

const CELLS: readonly Cell[] = [
  { column: "actor_user_name", isActor: true, isId: false },
  { column: "actor_user_uid", isActor: true, isId: true },
  { column: "user_name", isActor: false, isId: false },
  { column: "user_uid", isActor: false, isId: true },
  { column: "user_email_addr", isActor: false, isId: false },
];

/** What is looked for among names, or among ids, as SQL of sets: of texts in the form of `nameKey`, and as they are. */
export type LookedAmong = { readonly keys: string; readonly exact: string };
export type LookedFor = { readonly names: LookedAmong; readonly ids: LookedAmong };

/** The form in which what a log calls an account is compared: of an address `emailKey`, of all else `usernameKey`. */
export function nameKey(text: string): string {
  return emailKey(text) ?? usernameKey(text) ?? "";
}

/** As `nameKey`, as SQL. */
export function nameKeySql(cell: string): string {
  return bound(
    "nk0",
    cell,
    `if(${isOddSql("nk0")}, ${bound("nk1", emailKeySql("nk0"), `if(nk1 != '', nk1, ${usernameKeySql("nk0")})`)}, ${PLAIN("nk0")})`,
  );
}

// Nearly all cells are ASCII whose key is their lower case: 0.03 µs each, where the whole `nameKeySql` takes 0.4 of an address.
const PLAIN = (cell: string): string => `lower(trimBoth(${cell}))`;
/** Octets; `usernameKey` takes no longer ones. */
const LONGEST = 512;

function isOddSql(cell: string): string {
  return `(not isASCII(${cell}) or length(${cell}) > ${LONGEST} or ${hasMailboxRulesSql(cell)})`;
}

// An operating system numbers its own accounts: 1000 there is nobody's customer number.
const OPERATING_SYSTEMS = ["linux", "windows", "macos"].map(quote).join(", ");

function cellSql({ column, isId }: Cell): string {
  return isId ? `if(product in (${OPERATING_SYSTEMS}), '', ${column})` : column;
}

/** SQL, Array(Tuple(String, isId Bool, isActor Bool)): every way in which an event names an account. */
export const CELLS_SQL = `arrayFilter(one -> one.1 != '', [${CELLS.map(
  (cell) => `(${cellSql(cell)}, ${cell.isId}, ${cell.isActor})`,
).join(", ")}])`;

export type Part = "actor" | "user" | "either";
const IS_PART = { actor: "one.3", user: "not one.3", either: "true" } as const;

function cellsOf(part: Part): Cell[] {
  return CELLS.filter(({ isActor }) => part === "either" || (part === "actor") === isActor);
}

/** SQL, Bool: a cell of `events` names one of them. */
export function isNamedSql(looked: LookedFor, part: Part): string {
  const cells = cellsOf(part);
  const plain = cells.map((cell) => {
    const { keys, exact } = cell.isId ? looked.ids : looked.names;
    const text = cellSql(cell);
    return `(${text} != '' and (${PLAIN(text)} in ${keys} or ${text} in ${exact}))`;
  });
  const odd = cells.map((cell) => isOddSql(cellSql(cell))).join(" or ");
  const named = `arrayExists(one -> ${IS_PART[part]} and ${isOddSql("one.1")} and ${hasKeySql("one", looked)}, ${CELLS_SQL})`;
  return `(${plain.join(" or ")} or ((${odd}) and ${named}))`;
}

/**
 * SQL, Bool: an event may name one of them, and surely does not where it is false. `set` is SQL of a set that holds all keys and ids, in lower
 * case: one look a cell, 0.1 µs for all five, where the whole test takes 0.4.
 */
export function mayBeNamedSql(set: string): string {
  const tests = CELLS.map(({ column }) => `${PLAIN(column)} in ${set} or ${isOddSql(column)}`);
  return `(${tests.join(" or ")})`;
}

/** SQL, Bool: an element of `CELLS_SQL` names one of them; for few events. */
export function isCellNamedSql(one: string, looked: LookedFor): string {
  return `(${hasKeySql(one, looked)} or if(${one}.2, ${one}.1 in ${looked.ids.exact}, ${one}.1 in ${looked.names.exact}))`;
}

function hasKeySql(one: string, { ids, names }: LookedFor): string {
  return bound(
    "hk0",
    nameKeySql(`${one}.1`),
    `if(${one}.2, hk0 in ${ids.keys}, hk0 in ${names.keys})`,
  );
}

/** SQL, Bool: the event says whose it is at all. */
export const SAYS_WHOSE = `(${CELLS.map((cell) => `${cellSql(cell)} != ''`).join(" or ")})`;

/** A cell as it is written in the logs, as those of `CELLS_SQL`. */
export type Spelling = { readonly text: string; readonly isId: boolean };

/** SQL, Bool: as `isNamedSql`, by spellings that were found before: then the skip indexes of `events` serve. */
export function isSpeltSql(spellings: readonly Spelling[], part: Part): string {
  const tests = cellsOf(part).flatMap((cell) => {
    const texts = spellings.filter(({ isId }) => isId === cell.isId).map(({ text }) => text);
    if (texts.length === 0) return [];
    const system = cell.isId ? ` and product not in (${OPERATING_SYSTEMS})` : "";
    return [`(${cell.column} in ${setOf(texts)}${system})`];
  });
  return tests.length === 0 ? "false" : `(${tests.join(" or ")})`;
}

/** SQL of a set of texts. */
export function setOf(texts: readonly string[]): string {
  return texts.length === 0 ? "('')" : `(${texts.map(quote).join(", ")})`;
}

/** SQL, Bool: the event says who did it. */
export const SAYS_ACTOR = "(actor_user_name != '' or actor_user_uid != '')";
/** SQL, String. */
export const ACTOR_SHOWN = "if(actor_user_name != '', actor_user_name, actor_user_uid)";
/** SQL, String. */
export const USER_SHOWN =
  "multiIf(user_name != '', user_name, user_email_addr != '', user_email_addr, user_uid)";
