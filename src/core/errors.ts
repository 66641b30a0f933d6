// Every failure that a caller can do something about. Anything else that is thrown is a bug and is shown as one.

export const ERROR_CODES = [
  "invalid", // the input is wrong: say where and what to change
  "not_found",
  "conflict", // it was done already, or somebody else won the race
  "unauthenticated",
  "forbidden", // known, but without the scope
  "refused", // a rule of the house says no: not approved, over the ceiling, on hold
  "limited", // slow down: `retryAfterMs` says for how long
  "unavailable", // a store or a far side does not answer
  "incompatible", // a newer schema, an unknown format
  "canceled",
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

export type Problem = {
  /** `file:line:column`, or a path into the input such as `cohorts.hashed.with`. */
  readonly at: string;
  readonly message: string;
};

export type ErrorDetails = {
  /** Set where it is known (SQLSTATE class, SMTP reply code, HTTP status); never guessed from a message. */
  readonly retryable?: boolean;
  readonly retryAfterMs?: number;
  readonly problems?: readonly Problem[];
  readonly cause?: unknown;
};

/**
 * Messages are lower case, name the thing and its id, say what to do, and hold no secret and no subject's data.
 */
export class TocsinError extends Error {
  override readonly name = "TocsinError";
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly problems: readonly Problem[];

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.retryable = details.retryable ?? (code === "unavailable" || code === "limited");
    this.retryAfterMs = details.retryAfterMs;
    this.problems = details.problems ?? [];
  }
}

/** HTTP status of each code (RFC 9110). */
export const HTTP_STATUS = {
  invalid: 422,
  not_found: 404,
  conflict: 409,
  unauthenticated: 401,
  forbidden: 403,
  refused: 412,
  limited: 429,
  unavailable: 503,
  incompatible: 501,
  canceled: 499,
} as const satisfies Record<ErrorCode, number>;

/** Exit status of each code, after sysexits.h where it has one. 1 is a bug of ours, 2 is a mistyped command. */
export const EXIT_STATUS = {
  invalid: 65,
  not_found: 66,
  conflict: 73,
  unauthenticated: 77,
  forbidden: 77,
  refused: 78,
  limited: 75,
  unavailable: 69,
  incompatible: 76,
  canceled: 130,
} as const satisfies Record<ErrorCode, number>;
