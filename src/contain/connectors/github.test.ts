import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { GithubConnector } from "../../config/connectors-schema.ts";
import { batchOf } from "../../../test/support/batch.ts";
import { testContext } from "../../../test/support/context.ts";
import { github, type Github, GITHUB_APP } from "../../../test/support/github.ts";
import { sealForWork } from "../../evidence/seal-for-work.ts";
import type { Batch, Prepared } from "../../work/handler.ts";
import { type Control, prepareGithubCheck, prepareGithubRevoke } from "./github.ts";

type Bench = AsyncDisposable & {
  readonly hub: Github;
  /** With every key's token sealed, or with those of `tokens` for other keys. */
  sealed(tokens: Readonly<Record<string, string>>, keys?: readonly string[]): Promise<Batch>;
  open(what?: "revoke" | "check", check?: Record<string, unknown>): Promise<Prepared>;
  readonly control: Control & { knows: boolean };
};

async function openBench(): Promise<Bench> {
  await using opened = new AsyncDisposableStack();
  const t = opened.use(await testContext());
  const hub = opened.use(await github());
  writeFileSync(join(t.dir, "app-secret"), GITHUB_APP.secret);
  const control = {
    knows: false,
    known: async () => control.knows,
    remember: async () => void (control.knows = true),
  };
  const held = opened.move();
  return {
    hub,
    control,
    sealed: async (tokens, keys = Object.keys(tokens)) =>
      batchOf(keys, { sealed: await sealForWork(t.ctx, JSON.stringify(tokens)) }),
    open: async (
      what = "revoke",
      check = { client_id: GITHUB_APP.id, client_secret_file: "app-secret" },
    ) => {
      const connector = GithubConnector.parse({
        github: { url: hub.url, allow_internal: true, ...(what && { check }) },
      });
      const traits = { idempotent: true, batch: 1_000, concurrency: 1 };
      return await (what === "check" ? prepareGithubCheck : prepareGithubRevoke)(t.ctx, {
        connector,
        traits,
        control,
      });
    },
    [Symbol.asyncDispose]: async () => await held.disposeAsync(),
  };
}

const accepted = { state: "done", detail: { proof: "accepted by GitHub, not proved" } };
const proved = { state: "done", detail: { proof: "GitHub's check call no longer knows it" } };

test("tokens are revoked in one unauthenticated request, and the issuing app's check proves them dead", async () => {
  await using bench = await openBench();
  await using step = await bench.open();
  const batch = await bench.sealed({ a: bench.hub.token(), b: bench.hub.token() });
  assert.deepEqual(await step.act(batch), [accepted, accepted]);
  assert.deepEqual(await step.verify?.(batch), [proved, proved]);
  assert.equal(bench.hub.living.size, 0);
  assert.equal(bench.hub.far.seen.filter((seen) => seen.path === "/credentials/revoke").length, 1);
});

test("a personal token is accepted and not called proved: the app's check knows only its own", async () => {
  await using bench = await openBench();
  await using step = await bench.open();
  const batch = await bench.sealed({ a: bench.hub.token("ghp"), b: bench.hub.token("gho") });
  await step.act(batch);
  assert.deepEqual(await step.verify?.(batch), [{ state: "done" }, proved]);
});

test("a check call that never knew a living token proves nothing", async () => {
  await using bench = await openBench();
  await using step = await bench.open("revoke", {
    client_id: "Iv1.another",
    client_secret_file: "app-secret",
  });
  const batch = await bench.sealed({ a: bench.hub.token() });
  assert.deepEqual(await step.act(batch), [accepted]);
  assert.deepEqual(await step.verify?.(batch), [{ state: "done" }]);
});

test("a 202 that revoked nothing is found out", async () => {
  await using bench = await openBench();
  bench.hub.lies = true;
  await using step = await bench.open();
  const batch = await bench.sealed({ a: bench.hub.token(), b: bench.hub.token("ghp") });
  await step.act(batch);
  const others = {
    state: "refused",
    reason: "not-proved",
    detail: { readBack: "others of its request live" },
  };
  assert.deepEqual(await step.verify?.(batch), [
    { ...others, detail: { readBack: "alive" } },
    others,
  ]);
});

test("what is no GitHub token is refused here, so that it cannot fail the others", async () => {
  await using bench = await openBench();
  await using step = await bench.open();
  const good = bench.hub.token();
  const mistyped = `${good.slice(0, -1)}${good.endsWith("0") ? "1" : "0"}`;
  const batch = await bench.sealed({ a: good, b: mistyped, c: "hunter2" }, ["a", "b", "c", "d"]);
  assert.deepEqual(await step.act(batch), [
    accepted,
    { state: "refused", reason: "malformed" },
    { state: "refused", reason: "malformed" },
    { state: "refused", reason: "secret-missing" },
  ]);
});

test("where GitHub refuses a request for one token in it, the others are revoked", async () => {
  await using bench = await openBench();
  await using step = await bench.open();
  const fine = `github_pat_${"1".repeat(22)}_${"a".repeat(59)}`;
  const batch = await bench.sealed({ a: bench.hub.token(), b: fine, c: bench.hub.token() });
  const { hub } = bench;
  hub.far.answer((seen) => {
    if (seen.path !== "/credentials/revoke") return { status: 404 };
    return { status: seen.body.includes("github_pat_") ? 422 : 202 };
  });
  assert.deepEqual(await step.act(batch), [
    accepted,
    { state: "refused", reason: "github-422" },
    accepted,
  ]);
});

test("a spent limit is waited for as long as GitHub says", async () => {
  await using bench = await openBench();
  await using step = await bench.open();
  bench.hub.allows.revoke = 0;
  const [outcome] = await step.act(await bench.sealed({ a: bench.hub.token() }));
  assert.ok(outcome && "retry" in outcome);
  assert.equal(outcome.reason, "limited");
  assert.ok((outcome.afterMs ?? 0) > 60_000 && (outcome.afterMs ?? 0) <= 92_000);
});

test("a limit that says nothing is waited for a minute, a 500 is tried again", async () => {
  await using bench = await openBench();
  await using step = await bench.open();
  const batch = await bench.sealed({ a: bench.hub.token() });
  bench.hub.far.answer({ status: 403 });
  assert.deepEqual(await step.act(batch), [{ retry: true, reason: "limited", afterMs: 60_000 }]);
  bench.hub.far.answer({ status: 500 });
  assert.deepEqual(await step.act(batch), [{ retry: true, reason: "unavailable" }]);
});

test("check-token proves each token and changes nothing", async () => {
  await using bench = await openBench();
  const [dead, alive, personal] = [bench.hub.token(), bench.hub.token(), bench.hub.token("ghp")];
  bench.hub.living.delete(dead);
  await using step = await bench.open("check");
  const batch = await bench.sealed({ dead, alive, personal });
  const living = { state: "refused", reason: "not-proved", detail: { readBack: "alive" } };
  const foreign = { state: "unknown", reason: "not-of-this-app" };
  assert.deepEqual(await step.act(batch), [
    { state: "unknown", reason: "check-knew-no-living-token" },
    living,
    foreign,
  ]);
  await bench.control.remember();
  assert.deepEqual(await step.act(batch), [{ state: "done" }, living, foreign]);
  assert.ok(bench.hub.living.has(alive));
});
