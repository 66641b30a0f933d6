// A customer database, as the `sql` connector needs it. Two dialects, one behaviour.
import type { SqlStatement } from "./sql-statement.ts";

/** Decides what a key may look like. Tocsin's keys are text; the column may be something else. */
export type KeyType = "integer" | "uuid" | "text";

/**
 * `later`: busy, a deadlock, a timeout. `unavailable`: it does not answer. `target`: one of the keys is the trouble (a
 * constraint, a trigger), so a smaller batch finds it. `forbidden`: our user may not. `statement`: the statement itself is wrong.
 */
export type SqlFailure = {
  readonly ok: false;
  readonly kind: "later" | "unavailable" | "target" | "forbidden" | "statement";
  /** `sql-23503`, `sql-ER_…`, `ECONNREFUSED`: a code, never a message, which may quote a row. */
  readonly reason: string;
};

export type SqlResult<Value> = { readonly ok: true; readonly value: Value } | SqlFailure;

export interface SqlFarSide extends AsyncDisposable {
  /** Asks the server to parse a statement that selects keys, and what type they have. Reads and changes nothing. */
  describe(select: SqlStatement): Promise<SqlResult<KeyType>>;
  /** Asks the server to parse any statement. Changes nothing. */
  parses(statement: SqlStatement): Promise<SqlResult<void>>;
  /** The first column of every row, as text, in a transaction that cannot write. */
  select(statement: SqlStatement, keys: readonly string[]): Promise<SqlResult<readonly string[]>>;
  /** In one transaction of its own, under the timeout: all of it or nothing. */
  run(statement: SqlStatement, keys: readonly string[]): Promise<SqlResult<void>>;
}

/** SQLSTATE classes that both databases share: 08 connection, 22 data, 23 constraint, 40 rollback, 42 statement; P0001 is a trigger. */
export function failureOfState(state: string): SqlFailure {
  const kind = KIND_OF_STATE.find(([pattern]) => pattern.test(state))?.[1] ?? "statement";
  return { ok: false, kind, reason: `sql-${state}` };
}

const KIND_OF_STATE = [
  [/^(08|57P|53)/, "unavailable"],
  [/^(40|55|57014)/, "later"],
  [/^(22|23|27|44|45|P0001)/, "target"],
  [/^(28|0L|0P|42501)/, "forbidden"],
] as const;

/**
 * True where the key is exactly as the database itself would write it. `007` would find the row 7 of an integer column, and
 * MySQL would take `7up` for it, which is another customer.
 */
export function fits(key: string, type: KeyType): boolean {
  if (type === "integer")
    return /^(0|-?[1-9]\d{0,18}|1\d{19})$/.test(key) && BigInt(key) < 2n ** 64n;
  if (type === "uuid") return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(key);
  return !key.includes("\0"); // Postgres has no such text
}
