// One row of a dump as what it points to and what it exposes. The only place where values pass through ClickHouse: they
// stay in a table in memory, and no more than one slice of rows at a time.
import { quote } from "../db/click-bind.ts";
import { emailKeySql } from "../registry/email-key.ts";
import { phoneKeySql } from "../registry/phone-key.ts";
import { usernameKeySql } from "../registry/username-key.ts";
import type { DumpTable } from "../evidence/dump/dump.ts";
import { passwordDetailSql, passwordGradeSql } from "./password.sql.ts";
import type { RecognisedColumn } from "./recognise-columns.ts";
import { markSql, tokenDetailSql } from "./token.sql.ts";

export const STAGED_COLUMNS = `(
  locator UInt64,
  ids Array(Tuple(kind LowCardinality(String), value String)),
  address String,
  facts Array(Tuple(category LowCardinality(String), detail LowCardinality(String), grade LowCardinality(String), mark String))
) engine = Memory`;

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
  const number = table.numbered ? "row_number" : `rowNumberInAllBlocks() + ${table.before + 1}`;
  const values = used.map(({ at }) => `${trimmedSql(`c${at}`)} as v${at}`);
  const rows = (source: string): string =>
    `select ${[`toUInt64(${number}) as locator`, ...values].join(", ")} from ${source}`;
  // A row with nothing but the account's own key still says that this account is in the dump.
  return (source) => `
select locator, ids, ${firstOf(addresses)} as address,
  if(empty(told) and notEmpty(ids), [('user.unique_id', '', '', '')], told) as facts
from (
  select locator, ${values.map((_, index) => `v${used[index]?.at}`).join(", ") || "1"},
    ${listed(ids, "kind String, value String", "x.2 != ''")} as ids,
    ${listed(facts, "category String, detail String, grade String, mark String", "x.1 != ''")} as told
  from (${rows(source)})
  where locator > ${slice.after} and locator <= ${slice.after + slice.limit}
)`;
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
