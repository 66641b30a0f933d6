import { TocsinError } from "../core/errors.ts";

/** Failures of the file system that a person can do something about. The rest stays what it is. */
export function asDiskFailure(error: unknown, what: string): unknown {
  if (!(error instanceof Error) || !("code" in error)) return error;
  switch (error.code) {
    case "ENOSPC":
    case "EDQUOT":
      return new TocsinError(
        "unavailable",
        `the disk is full: make room and do it again (${what})`,
        { cause: error, retryable: false },
      );
    case "ENOENT":
      return new TocsinError("not_found", `there is no file for ${what}`, { cause: error });
    case "EISDIR":
      return new TocsinError("invalid", `${what} is a folder: name a file`, { cause: error });
    case "EACCES":
    case "EPERM":
      return new TocsinError("forbidden", `the system does not let us read or write ${what}`, {
        cause: error,
      });
    default:
      return error;
  }
}
