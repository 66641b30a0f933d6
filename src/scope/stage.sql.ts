// One row of a dump as what it points to and what it exposes. The only place where values pass through ClickHouse: they
// stay in a table in memory, and no more than one slice of rows at a time.
import { quote } from "../db/click-bind.ts";
import { emailKeySql } from "../registry/email-key.ts";
import { phoneKeySql } from "../registry/phone-key.ts";
import { usernameKeySql } from "../registry/username-key.ts";
import type { DumpTable } from "../evidence/dump/dump.ts";
import { passwordDetailSql, passwordGradeSql } from "./password.sql.ts";
import { FACTS_TYPE, factsSql, MENTIONS_TYPE, mentionsSql } from "./mentions.sql.ts";
import type { RecognisedColumn } from "./recognise-columns.ts";
import { markSql, tokenDetailSql } from "./token.sql.ts";

export const STAGED_COLUMNS = `(
  locator UInt64,
  -- Where it stands: the locator itself, but for mentions, of which several stand in one place.
  place UInt64,
  ids Array(Tuple(kind LowCardinality(String), value String)),
  address String,
  facts Array(Tuple(category LowCardinality(String), detail LowCardinality(String), grade LowCardinality(String), mark String)),
  -- Of other people, or of this one again, in text of no form.
  mentions Array(Tuple(kind LowCardinality(String), value String)),
  -- What stands in the same text, and may be anybody's.
  beside Array(Tuple(category LowCardinality(String), detail LowCardinality(String), grade LowCardinality(String), mark String))
) engine = Memory`;

/** What `stageSql` selects, in its order. */
export const STAGED = "locator, place, ids, address, facts, mentions, beside";

const KINDS = {
  "user.contact.email": { kind: "email", key: emailKeySql },
  "user.account.username": { kind: "username", key: usernameKeySql },
  "user.contact.phone_number": { kind: "phone", key: phoneKeySql },
  "user.unique_id": { kind: "key", key: (value: string) => value },
} as const;

type Pointing = keyof typeof KINDS;

export type StageInput = {
  readonly table: DumpTable;
  readonly columns: readonly RecognisedColumn[];
};

/** c0, c1 …, behind the row's number where the file has it. */
export function structureOf(table: DumpTable): string {
  const columns = table.columns.map((_, at) => `c${at} String`);
  return (table.numbered ? ["row_number UInt64", ...columns] : columns).join(", ");
}

/** `slice`: the first row's locator less one, and how many. */
export function stageSql(
  { table, columns }: StageInput,
  slice: { after: number; limit: number },
): (source: string) => string {
  const used = columns.flatMap((column, at) =>
    column.category === undefined ? [] : [{ ...column, at }],
  );
  const ids = used.flatMap(({ at, category, also }) =>
    [category, ...also].filter(isPointing).map((one) => identifierSql(at, one)),
  );
  const addresses = used.flatMap(({ at, category, also }) =>
    [category, ...also].includes("user.contact.email") ? [emailKeySql(`v${at}`)] : [],
  );
  const facts = used.flatMap(({ at, category, how }) =>
    category === "user.unique_id" && how !== "named in incident.yaml"
      ? []
      : [factSql(at, category ?? "")],
  );
  const number = numberSql(table);
  const free = joinedSql(table, isFree(columns));
  const notes = joinedSql(table, isNote(columns));
  const values = used.map(({ at }) => `${trimmedSql(`c${at}`)} as v${at}`);
  const rows = (source: string): string =>
    `select ${[`toUInt64(${number}) as locator`, ...values, `${free} as free`, `${notes} as notes`].join(", ")} from ${source}`;
  // A row with nothing but the account's own key still says that this account is in the dump.
  return (source) => `
select locator, locator as place, ids, ${firstOf(addresses)} as address,
  if(empty(told) and notEmpty(ids), [('user.unique_id', '', '', '')], told) as facts,
  arrayFilter(m -> not has(ids, m), mentions) as mentions, beside
from (
  select locator, free, notes, ${values.map((_, index) => `v${used[index]?.at}`).join(", ") || "1"},
    ${listed(ids, "kind String, value String", "x.2 != ''")} as ids,
    ${listed(facts, "category String, detail String, grade String, mark String", "x.1 != ''")} as told,
    ${free === "''" ? `cast([], '${MENTIONS_TYPE}')` : mentionsSql("free")} as mentions,
    ${notes === "''" ? `cast([], '${FACTS_TYPE}')` : factsSql("notes")} as beside
  from (${rows(source)})
  where locator > ${slice.after} and locator <= ${slice.after + slice.limit}
)`;
}

/** As `stageSql`, of a table whose one column is text. Nobody is in a piece of text as in a row: all are mentioned. */
export function stageProseSql(
  table: DumpTable,
  slice: { after: number; limit: number },
): (source: string) => string {
  return (source) => `
select locator, locator as place, cast([], '${MENTIONS_TYPE}') as ids, '' as address, cast([], '${FACTS_TYPE}') as facts,
  ${mentionsSql("free")} as mentions, ${factsSql("free")} as beside
from (select toUInt64(${numberSql(table)}) as locator, c0 as free from ${source})
where locator > ${slice.after} and locator <= ${slice.after + slice.limit}
  and (notEmpty(mentions) or notEmpty(beside))`;
}

/**
 * Each mention as a row of its own. Where a text mentions one identifier alone, what else stands in it may be that person's.
 * From one table of staged rows into another. (rowNumberInAllBlocks would be computed before the array join, ClickHouse 26.7.)
 */
export function mentionedSql(staged: string): string {
  return `
select bitShiftLeft(place, 32) + nth as locator, place, [one] as ids, if(one.1 = 'email', one.2, '') as address,
  [(if(one.1 = 'email', 'user.contact.email', 'user.contact.phone_number'), '', '', '')] as facts,
  cast([], '${MENTIONS_TYPE}') as mentions, near as beside
from (
  select place, one, nth, if(length(mentions) = 1, beside, []) as near
  from ${staged} array join mentions as one, arrayEnumerate(mentions) as nth
)`;
}

export const MENTIONED_KINDS: readonly string[] = ["email", "phone"];

function numberSql(table: DumpTable): string {
  return table.numbered
    ? `row_number + ${table.offset ?? 0}`
    : `rowNumberInAllBlocks() + ${table.before + 1}`;
}

type Test = (at: number) => boolean;

/** Columns whose whole value is no address, and that nobody said to ignore: anybody may be mentioned there. */
function isFree(columns: readonly RecognisedColumn[]): Test {
  return (at) => {
    const column = columns[at];
    const ignored = column?.category === undefined && column?.how === "named in incident.yaml";
    const own = [column?.category, ...(column?.also ?? [])].includes("user.contact.email");
    return !ignored && !own;
  };
}

/** Columns of words: of no category, or notes and messages. Anything may stand there. */
function isNote(columns: readonly RecognisedColumn[]): Test {
  return (at) => {
    const { category, how } = columns[at] ?? { category: undefined, how: "nothing" };
    if (category === undefined) return how !== "named in incident.yaml";
    return category.startsWith("user.content");
  };
}

function joinedSql(table: DumpTable, test: Test): string {
  const names = table.columns.flatMap((_, at) => (test(at) ? [`c${at}`] : []));
  if (names.length === 0) return "''";
  return names.length === 1 ? `${names[0]}` : `concatWithSeparator('\\n', ${names.join(", ")})`;
}

/** The kinds of identifiers that the columns hold. */
export function kindsOf(columns: readonly RecognisedColumn[]): string[] {
  const categories = columns.flatMap(({ category, also }) =>
    category === undefined ? [] : [category, ...also],
  );
  return [...new Set(categories.filter(isPointing).map((category) => KINDS[category].kind))];
}

function isPointing(category: string | undefined): category is Pointing {
  return category !== undefined && Object.hasOwn(KINDS, category);
}

function identifierSql(at: number, category: Pointing): string {
  const { kind, key } = KINDS[category];
  return `('${kind}', if(${emptySql(`v${at}`)}, '', ${key(`v${at}`)}))`;
}

function factSql(at: number, category: string): string {
  const value = `v${at}`;
  const { detail, grade, mark } = detailsOf(category, value);
  return `if(${emptySql(value)}, ('', '', '', ''), (${quote(category)}, ${detail}, ${grade}, ${mark}))`;
}

function detailsOf(
  category: string,
  value: string,
): { detail: string; grade: string; mark: string } {
  if (category === "user.authorization.password") {
    return { detail: passwordDetailSql(value), grade: passwordGradeSql(value), mark: "''" };
  }
  if (hasMark(category))
    return { detail: tokenDetailSql(value, category), grade: "''", mark: markSql(value) };
  return { detail: "''", grade: "''", mark: "''" };
}

/** Values of these categories are long and random: their mark tells nothing of them. */
export function hasMark(category: string): boolean {
  return category.startsWith("token.") || category === "user.authorization.credentials";
}

export function trimmedSql(value: string): string {
  return `trim(both ' \\t\\r\\n' from ${value})`;
}

export function emptySql(value: string): string {
  return `${value} in ('', 'NULL', 'null', '\\\\N', '(null)', '<null>')`;
}

function listed(items: readonly string[], tuple: string, keep: string): string {
  if (items.length === 0) return `cast([], 'Array(Tuple(${tuple}))')`;
  return `arrayDistinct(arrayFilter(x -> ${keep}, cast([${items.join(", ")}], 'Array(Tuple(${tuple}))')))`;
}

function firstOf(items: readonly string[]): string {
  return items.length === 0 ? "''" : `arrayFirst(x -> x != '', [${items.join(", ")}])`;
}
