import { TocsinError } from "../core/errors.ts";

/**
 * What the organisation's own database says, as something that its reader can act on: the query is theirs, and so is the
 * message. Both databases put SQLSTATE or the system call's name into `code`.
 */
export function asSourceFailure(error: unknown): TocsinError {
  if (error instanceof TocsinError) return error;
  const code =
    error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
  const says = error instanceof Error ? error.message || code : String(error);
  if (/^(28|3D|ER_ACCESS_DENIED|ER_DBACCESS_DENIED|ER_BAD_DB)/.test(code)) {
    return new TocsinError("unavailable", `the source does not let us in: ${says}`, {
      cause: error,
      retryable: false,
    });
  }
  if (/^(42|22|21|ER_)/.test(code)) {
    return new TocsinError("invalid", `the source refuses the query: ${says}`, { cause: error });
  }
  return new TocsinError("unavailable", `the source does not answer: ${says}`, { cause: error });
}
