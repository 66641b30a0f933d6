import { ClickHouseError } from "@clickhouse/client";
import { TocsinError } from "../core/errors.ts";

// src/Common/ErrorCodes.cpp of ClickHouse
const MEMORY_LIMIT_EXCEEDED = "241";
const NOT_ENOUGH_SPACE = "243";
const TIMEOUT_EXCEEDED = "159";

/** The engine's errors that a caller can do something about. The rest is a bug of ours and stays what it is. */
export function asClickError(error: unknown): unknown {
  if (error instanceof ClickHouseError) return fromCode(error);
  if (isNetworkError(error)) {
    return new TocsinError("unavailable", `ClickHouse does not answer: ${error.code}`, {
      cause: error,
    });
  }
  return error;
}

function fromCode(error: ClickHouseError): unknown {
  switch (error.code) {
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
