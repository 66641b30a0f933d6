import assert from "node:assert/strict";
import { test } from "node:test";
import { retryAfterMs } from "./retry-after.ts";

const now = new Date("2026-04-25T18:00:00Z");

test("Retry-After is read as seconds and as a date", () => {
  assert.equal(retryAfterMs({ "retry-after": "120" }, now), 120_000);
  assert.equal(retryAfterMs({ "retry-after": "Sat, 25 Apr 2026 18:00:30 GMT" }, now), 30_000);
});

test("a date is measured on the clock of who sent it", () => {
  const headers = {
    "retry-after": "Sat, 25 Apr 2026 17:00:30 GMT",
    date: "Sat, 25 Apr 2026 17:00:00 GMT",
  };
  assert.equal(retryAfterMs(headers, now), 30_000);
});

test("a date that has passed means now, and a wait of years means a day", () => {
  assert.equal(retryAfterMs({ "retry-after": "Sat, 25 Apr 2026 17:59:00 GMT" }, now), 0);
  assert.equal(retryAfterMs({ "retry-after": "999999999" }, now), 86_400_000);
});

test("a spent rate limit says when it opens again, an unspent one says nothing", () => {
  const reset = String(now.getTime() / 1000 + 60);
  assert.equal(
    retryAfterMs({ "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset }, now),
    60_000,
  );
  assert.equal(
    retryAfterMs({ "x-ratelimit-remaining": "7", "x-ratelimit-reset": reset }, now),
    undefined,
  );
});

test("what cannot be read is as if it were not there", () => {
  for (const after of ["soon", "-5", "1e9", "1.5", "", "2026-04-25"]) {
    assert.equal(retryAfterMs({ "retry-after": after }, now), undefined, after);
  }
});
