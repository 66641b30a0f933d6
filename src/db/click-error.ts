import { TocsinError } from "../core/errors.ts";

// src/Common/ErrorCodes.cpp of ClickHouse
const MEMORY_LIMIT_EXCEEDED = "241";
const NOT_ENOUGH_SPACE = "243";
const TIMEOUT_EXCEEDED = "159";

/** The engine's errors that a caller can do something about. The rest is a bug of ours and stays what it is. */
export function asClickError(error: unknown): unknown {
  const code = engineCode(error);
  if (code !== undefined) return fromCode(code, error);
  if (isNetworkError(error)) {
    return new TocsinError("unavailable", `ClickHouse does not answer: ${error.code}`, {
      cause: error,
    });
  }
  return error;
}

// By its shape: the embedded engine's adapter brings its own copy of the client's error class, and its streams a third.
function engineCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("clickhouseCode" in error && typeof error.clickhouseCode === "number")
    return String(error.clickhouseCode);
  if ("code" in error && typeof error.code === "string" && /^\d+$/.test(error.code))
    return error.code;
  return error.cause === undefined ? undefined : engineCode(error.cause);
}

function fromCode(code: string, error: unknown): unknown {
  switch (code) {
    case MEMORY_LIMIT_EXCEEDED:
      return new TocsinError(
        "limited",
        "ClickHouse reached its memory ceiling: raise it, or ask for less at once",
        {
          cause: error,
        },
      );
    case NOT_ENOUGH_SPACE:
      return new TocsinError("unavailable", "the disk of ClickHouse is full", { cause: error });
    case TIMEOUT_EXCEEDED:
      return new TocsinError("limited", "the query of ClickHouse took longer than it may", {
        cause: error,
      });
    default:
      return error;
  }
}

function isNetworkError(error: unknown): error is Error & { code: string } {
  return (
    error instanceof Error &&
    "code" in error &&
    /^E[A-Z]+$/.test(String(error.code)) &&
    "syscall" in error
  );
}
