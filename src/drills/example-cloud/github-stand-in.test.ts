import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { connectPostgres } from "../../db/postgres-driver.ts";
import { postgresOptions } from "../../db/postgres-address.ts";
import { testContext } from "../../../test/support/context.ts";
import { openGithub } from "./github-stand-in.ts";

const TOKEN = "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";
const BASIC = `Basic ${Buffer.from("id:secret").toString("base64")}`;

async function withGithub(use: (ask: Ask, clock: { now: number }) => Promise<void>): Promise<void> {
  await using t = await testContext();
  const sql = connectPostgres({ ...postgresOptions(t.databaseUrl), max: 2, onnotice: () => {} });
  await sql.unsafe(
    "create schema github; create table github.token (digest bytea primary key, login text not null, revoked_at timestamptz)",
  );
  await sql`insert into github.token values (sha256(convert_to(${TOKEN}, 'UTF8')), 'octocat', null)`;
  const clock = { now: Date.now() };
  const github = await openGithub({
    sql,
    timesFaster: 60,
    clientId: "id",
    clientSecret: "secret",
    now: () => clock.now,
  });
  try {
    await use(async (path, body, headers = {}) => {
      const given = { "content-type": "application/json", "user-agent": "tocsin", ...headers };
      const answer = await fetch(`${github.url}${path}`, {
        method: "POST",
        body: typeof body === "string" ? body : JSON.stringify(body),
        headers: given,
      });
      return { status: answer.status, headers: answer.headers, body: await answer.text() };
    }, clock);
  } finally {
    await github.close();
    await sql.end();
  }
}

type Ask = (
  path: string,
  body: unknown,
  headers?: Record<string, string>,
) => Promise<{ status: number; headers: Headers; body: string }>;

const REVOKE = "/credentials/revoke";
const CHECK = "/applications/id/token";

test("a revoked token is dead a moment after 202, and the check call says so", async () => {
  await withGithub(async (ask) => {
    const alive = async (): Promise<number> =>
      (await ask(CHECK, { access_token: TOKEN }, { authorization: BASIC })).status;
    assert.equal(await alive(), 200);
    assert.equal((await ask(REVOKE, { credentials: [TOKEN] })).status, 202);
    await delay(500);
    assert.equal(await alive(), 404);
    assert.equal(
      (await ask(REVOKE, { credentials: [TOKEN] })).status,
      202,
      "a dead one may be sent again",
    );
  });
});

test("requests that the description forbids are refused", async () => {
  await withGithub(async (ask) => {
    assert.equal(
      (await ask(REVOKE, { credentials: [TOKEN] }, { authorization: BASIC })).status,
      403,
    );
    assert.equal((await ask(REVOKE, "{")).status, 400);
    assert.equal((await ask(REVOKE, { credentials: [] })).status, 422);
    assert.equal((await ask(REVOKE, { credentials: ["gho_short", TOKEN] })).status, 422);
    // the fifth request of all meets the secondary limit
    assert.equal(
      (await ask(REVOKE, { credentials: Array.from({ length: 1_001 }, () => TOKEN) })).status,
      429,
    );
    assert.equal(
      (await ask(REVOKE, { credentials: Array.from({ length: 1_001 }, () => TOKEN) })).status,
      422,
    );
    assert.equal(
      (await ask(CHECK, { access_token: TOKEN }, { authorization: "Basic eDp5" })).status,
      404,
    );
    assert.equal((await ask(CHECK, {}, { authorization: BASIC })).status, 422);
    assert.equal(
      (await ask(REVOKE, { credentials: [TOKEN] }, { "x-github-api-version": "1999-01-01" }))
        .status,
      400,
    );
  });
});

test("the sixty-first revocation of an hour is refused with the time of the next, a minute later at sixty times the speed", async () => {
  await withGithub(async (ask, clock) => {
    const statuses: number[] = [];
    for (let n = 0; n < 62; n += 1)
      statuses.push((await ask(REVOKE, { credentials: [TOKEN] })).status);
    assert.equal(statuses.filter((status) => status === 202).length, 60);
    assert.equal(statuses.filter((status) => status === 429).length, 1);
    const refused = await ask(REVOKE, { credentials: [TOKEN] });
    assert.equal(refused.status, 403);
    assert.equal(refused.headers.get("x-ratelimit-remaining"), "0");
    assert.ok(Number(refused.headers.get("x-ratelimit-reset")) * 1_000 - clock.now <= 61_000);
    clock.now += 61_000;
    assert.equal((await ask(REVOKE, { credentials: [TOKEN] })).status, 202);
  });
});
