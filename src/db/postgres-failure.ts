import { TocsinError } from "../core/errors.ts";

/** SQLSTATE classes and codes after which the same transaction may well succeed. The transaction itself is rolled back. */
const PASSING: readonly (readonly [prefix: string, says: string])[] = [
  ["40001", "two transactions ran into each other"],
  ["40P01", "two transactions waited for each other"],
  ["08", "the connection to postgres failed"],
  ["53100", "postgres has no space left on its disk"],
  ["53", "postgres is short of resources"],
  ["57P", "postgres is stopping or starting"],
  ["CONNECT", "the connection to postgres failed"],
  ["ECONN", "the connection to postgres failed"],
  ["EPIPE", "the connection to postgres failed"],
];

/**
 * A failure of the store as something that a caller can act on; anything else (a broken constraint, a typing error) is
 * given back as it is, for it is a bug. Says nothing about a commit: see `write`.
 */
export function asStoreFailure(error: unknown): unknown {
  if (error instanceof TocsinError) return error;
  const code = codeOf(error);
  const passing = PASSING.find(([prefix]) => code.startsWith(prefix));
  if (!passing) return error;
  return new TocsinError("unavailable", `${passing[1]} (${code}): try again`, { cause: error });
}

/** Postgres itself says that the transaction failed: nothing of it happened. */
export function isRolledBack(error: unknown): boolean {
  return error instanceof Error && "severity" in error && error.severity === "ERROR";
}

/** Serialization failure or deadlock: nothing of the transaction happened. */
export function isCollision(error: unknown): boolean {
  const code = codeOf(error);
  return code === "40001" || code === "40P01";
}

/** The SQLSTATE, or what the driver or the system call says: `CONNECTION_CLOSED`, `ECONNRESET`. */
function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : "";
}
