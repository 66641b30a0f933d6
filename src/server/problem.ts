// Errors on the wire: RFC 9457 problem details, with Tocsin's code beside the status.
import { type ErrorCode, HTTP_STATUS, type Problem, TocsinError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";

export type ProblemDetails = {
  readonly status: number;
  readonly code: ErrorCode | "bug";
  readonly title: string;
  readonly retryable: boolean;
  readonly retryAfterMs?: number;
  readonly problems?: readonly Problem[];
};

/** A TocsinError as it is; anything else is a bug: logged whole, shown without its insides. */
export function problemOf(error: unknown, log: Log): ProblemDetails {
  if (error instanceof TocsinError) {
    return {
      status: HTTP_STATUS[error.code],
      code: error.code,
      title: error.message,
      retryable: error.retryable,
      ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
      ...(error.problems.length > 0 ? { problems: error.problems } : {}),
    };
  }
  log.error({ err: error }, "a bug in tocsin");
  const message = error instanceof Error ? error.message : String(error);
  return { status: 500, code: "bug", title: `a bug in tocsin: ${message}`, retryable: false };
}

export function problemResponse(error: unknown, log: Log): Response {
  const problem = problemOf(error, log);
  const headers = new Headers({ "content-type": "application/problem+json" });
  if (problem.retryAfterMs !== undefined)
    headers.set("retry-after", String(Math.ceil(problem.retryAfterMs / 1000)));
  if (problem.status === 401) headers.set("www-authenticate", "Bearer"); // RFC 9110, 11.6.1
  return new Response(JSON.stringify(problem), { status: problem.status, headers });
}
