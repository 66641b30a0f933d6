import type postgres from "postgres";

/** Inside a transaction that may write. Only `write` (src/ledger/write.ts) hands one out. */
export type Tx = postgres.TransactionSql;

/** Outside one. Its sessions have `default_transaction_read_only = on`, so a stray write is an error of the database. */
export type Reader = postgres.Sql;

export type Postgres = {
  readonly read: Reader;
  /** Read-write. Used by `write`, by migrations, and by nothing else. */
  readonly write: postgres.Sql;
  close(): Promise<void>;
};
