import type { IncomingHttpHeaders } from "node:http";

const LONGEST_MS = 24 * 3_600_000;

/**
 * How long the far side asks us to wait: `Retry-After` in seconds or as a date (RFC 9110, 10.2.3), else `x-ratelimit-reset`
 * (seconds since 1970, with nothing remaining). Dates are measured on the far side's own clock where it sends `Date`.
 * Undefined where it says nothing, or nothing that can be read. Never negative, at most a day.
 */
export function retryAfterMs(headers: IncomingHttpHeaders, now: Date): number | undefined {
  const theirNow = dateOf(headers.date) ?? now.getTime();
  const after = headers["retry-after"]?.trim();
  if (after !== undefined && /^\d{1,9}$/.test(after)) return bounded(Number(after) * 1000);
  const until = dateOf(after) ?? resetOf(headers);
  return until === undefined ? undefined : bounded(until - theirNow);
}

function dateOf(text: string | undefined): number | undefined {
  // The three forms of an HTTP date begin with the name of a day; `Date.parse` alone would take much else.
  if (text === undefined || !/^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}

function resetOf(headers: IncomingHttpHeaders): number | undefined {
  const reset = headers["x-ratelimit-reset"];
  if (
    headers["x-ratelimit-remaining"] !== "0" ||
    typeof reset !== "string" ||
    !/^\d{1,12}$/.test(reset)
  )
    return undefined;
  return Number(reset) * 1000;
}

function bounded(ms: number): number {
  return Math.min(Math.max(ms, 0), LONGEST_MS);
}
