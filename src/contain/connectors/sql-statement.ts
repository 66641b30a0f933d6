// Finds `:targets` in a statement that the organisation wrote, and nothing else: not in a string, not in a comment, not in a
// cast to a type of that name. The keys are always bound; no key ever becomes part of the text.
import { TocsinError } from "../../core/errors.ts";

export const SQL_DIALECTS = ["postgres", "mysql"] as const;
export type SqlDialect = (typeof SQL_DIALECTS)[number];

export type SqlStatement = {
  /** The text around each `:targets`: one more part than there are placeholders. */
  readonly parts: readonly string[];
};

type Skip = (sql: string, at: number) => number;

/**
 * Splits a statement at its `:targets`.
 * @throws TocsinError `invalid` where it has none, is more than one statement, or brings placeholders of its own
 */
export function parseStatement(sql: string, dialect: SqlDialect): SqlStatement {
  const parts: string[] = [];
  let from = 0;
  let at = 0;
  while (at < sql.length) {
    const next = skipOpaque(sql, at, dialect);
    if (next > at) {
      at = next;
    } else if (isPlaceholder(sql, at)) {
      parts.push(sql.slice(from, at));
      at += PLACEHOLDER.length;
      from = at;
    } else {
      refuseForeign(sql, at, dialect);
      at += 1;
    }
  }
  if (parts.length === 0)
    throw new TocsinError(
      "invalid",
      "the statement has no :targets outside of quotes and comments",
    );
  parts.push(sql.slice(from));
  return { parts: withoutEnd(parts) };
}

const PLACEHOLDER = ":targets";

function isPlaceholder(sql: string, at: number): boolean {
  if (!sql.startsWith(PLACEHOLDER, at)) return false;
  const before = sql[at - 1] ?? "";
  const after = sql[at + PLACEHOLDER.length] ?? "";
  return before !== ":" && !/[A-Za-z0-9_]/.test(after);
}

function refuseForeign(sql: string, at: number, dialect: SqlDialect): void {
  const char = sql[at];
  if (char === ";" && !isOnlySpace(sql, at + 1, dialect)) {
    throw new TocsinError("invalid", "write one statement only: something follows its semicolon");
  }
  if (dialect === "mysql" && char === "?")
    throw new TocsinError("invalid", "write :targets instead of ?");
  if (
    dialect === "postgres" &&
    char === "$" &&
    /^\$\d/.test(sql.slice(at, at + 2)) &&
    !/\w/.test(sql[at - 1] ?? "")
  ) {
    throw new TocsinError("invalid", "write :targets instead of $1");
  }
}

function isOnlySpace(sql: string, from: number, dialect: SqlDialect): boolean {
  let at = from;
  while (at < sql.length) {
    const comment = skipComment(sql, at, dialect);
    if (comment > at) at = comment;
    else if (/\s/.test(sql[at] ?? "")) at += 1;
    else return false;
  }
  return true;
}

/** A semicolon and what is blank after it would stand in the way of what is appended. */
function withoutEnd(parts: readonly string[]): string[] {
  return parts.map((part, index) =>
    index === parts.length - 1 ? part.trimEnd().replace(/;$/, "") : part,
  );
}

/** Where a string, a quoted name or a comment that starts at `at` ends; `at` itself where none starts. */
function skipOpaque(sql: string, at: number, dialect: SqlDialect): number {
  const comment = skipComment(sql, at, dialect);
  if (comment > at) return comment;
  const char = sql[at];
  if (char === "'") return skipQuoted(sql, at, dialect === "mysql" || isEscapeString(sql, at));
  if (char === '"') return skipQuoted(sql, at, dialect === "mysql");
  if (char === "`" && dialect === "mysql") return skipQuoted(sql, at, false);
  if (char === "$" && dialect === "postgres") return skipDollarQuoted(sql, at);
  return at;
}

/** `E'…'`: the only Postgres string in which a backslash escapes (4.1.2.2). */
function isEscapeString(sql: string, at: number): boolean {
  return /[eE]/.test(sql[at - 1] ?? "") && !/[A-Za-z0-9_]/.test(sql[at - 2] ?? "");
}

function skipQuoted(sql: string, at: number, backslash: boolean): number {
  const quote = sql[at];
  let end = at + 1;
  while (end < sql.length) {
    if (backslash && sql[end] === "\\") end += 2;
    else if (sql[end] !== quote) end += 1;
    else if (sql[end + 1] === quote) end += 2;
    else return end + 1;
  }
  throw new TocsinError("invalid", `a quote that opens at character ${at + 1} is never closed`);
}

const skipDollarQuoted: Skip = (sql, at) => {
  if (/\w/.test(sql[at - 1] ?? "")) return at;
  const tag = /^\$(?:[A-Za-z_]\w*)?\$/.exec(sql.slice(at, at + 66))?.[0];
  if (tag === undefined) return at;
  const end = sql.indexOf(tag, at + tag.length);
  if (end < 0)
    throw new TocsinError("invalid", `${tag} that opens at character ${at + 1} is never closed`);
  return end + tag.length;
};

function skipComment(sql: string, at: number, dialect: SqlDialect): number {
  if (sql.startsWith("/*", at)) return skipBlockComment(sql, at, dialect === "postgres");
  // MySQL wants a blank after `--`, so that `1--1` stays arithmetic.
  const dashes =
    dialect === "mysql" ? /^--(\s|$)/.test(sql.slice(at, at + 3)) : sql.startsWith("--", at);
  if (!dashes && !(dialect === "mysql" && sql[at] === "#")) return at;
  const end = sql.indexOf("\n", at);
  return end < 0 ? sql.length : end + 1;
}

function skipBlockComment(sql: string, at: number, nests: boolean): number {
  let depth = 0;
  for (let end = at; end < sql.length; end += 1) {
    if (sql.startsWith("/*", end) && (nests || depth === 0)) {
      depth += 1;
      end += 1;
    } else if (sql.startsWith("*/", end)) {
      depth -= 1;
      end += 1;
      if (depth === 0) return end + 1;
    }
  }
  throw new TocsinError("invalid", `a comment that opens at character ${at + 1} is never closed`);
}

/** Postgres: every placeholder is `$1`, one array. `in (:targets)` is spelled as `= any($1)`, which takes an array. */
export function postgresText(statement: SqlStatement): string {
  return join(statement, "$1", [
    [/\bnot\s+in\s*\(\s*$/i, "<> all ("],
    [/\bin\s*\(\s*$/i, "= any ("],
  ]);
}

/** MySQL: a list of bound values. `= any(:targets)` is spelled as `in (…)`, which takes a list. */
export function mysqlText(statement: SqlStatement, count: number, bound: string): string {
  const list = Array.from({ length: count }, () => bound).join(", ");
  return join(statement, list, [
    [/(?:<>|!=)\s*all\s*\(\s*$/i, "not in ("],
    [/=\s*any\s*\(\s*$/i, "in ("],
  ]);
}

function join(
  statement: SqlStatement,
  value: string,
  spellings: readonly (readonly [RegExp, string])[],
): string {
  const last = statement.parts.length - 1;
  return statement.parts
    .map((part, index) => {
      if (index === last) return part;
      const spelling = spellings.find(([pattern]) => pattern.test(part));
      return (spelling ? part.replace(spelling[0], spelling[1]) : part) + value;
    })
    .join("");
}
