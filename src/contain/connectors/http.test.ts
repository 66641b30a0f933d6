import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { HttpConnector } from "../../config/connectors-schema.ts";
import { batchOf } from "../../../test/support/batch.ts";
import { testContext } from "../../../test/support/context.ts";
import { type FarSide, farSide } from "../../../test/support/far-side.ts";
import type { Context } from "../../db/context.ts";
import { sealForWork } from "../../evidence/seal-for-work.ts";
import type { Prepared, TaskOutcome } from "../../work/handler.ts";
import { prepareHttp } from "./http.ts";
import type { Resolve } from "./outgoing.ts";

type Given = {
  readonly action?: Record<string, unknown>;
  readonly http?: Record<string, unknown>;
  readonly idempotent?: boolean;
  readonly watching?: boolean;
  readonly resolve?: Resolve;
};

type Bench = AsyncDisposable & {
  readonly far: FarSide;
  readonly ctx: Context;
  prepare(given?: Given): Promise<Prepared>;
  first(given?: Given): Promise<TaskOutcome>;
};

async function openBench(): Promise<Bench> {
  await using opened = new AsyncDisposableStack();
  const t = opened.use(await testContext());
  const far = opened.use(await farSide());
  writeFileSync(join(t.dir, "token"), "s3cret\n");
  const prepare = async (given: Given = {}): Promise<Prepared> => {
    const action = { path: "/sessions/{{ target.key }}", method: "DELETE", ...given.action };
    const http = { url: far.url, allow_internal: true, timeout: "300ms", ...given.http };
    const connector = HttpConnector.parse({ http, actions: { it: action } });
    const { it } = connector.actions;
    assert.ok(it);
    return await prepareHttp(t.ctx, {
      connector,
      action: it,
      traits: { idempotent: given.idempotent ?? true, batch: 10, concurrency: 1 },
      watching: given.watching ?? false,
      ...(given.resolve && { resolve: given.resolve }),
    });
  };
  const held = opened.move();
  return {
    far,
    ctx: t.ctx,
    prepare,
    first: async (given) => {
      await using step = await prepare(given);
      const [outcome] = await step.act(batchOf(["7"]));
      assert.ok(outcome);
      return outcome;
    },
    [Symbol.asyncDispose]: async () => await held.disposeAsync(),
  };
}

test("a target is put into the path, the token into the header, and 204 is done", async () => {
  await using bench = await openBench();
  bench.far.answer({ status: 204 });
  assert.deepEqual(await bench.first({ http: { token_file: "token" } }), { state: "done" });
  const [seen] = bench.far.seen;
  assert.deepEqual(
    [seen?.method, seen?.path, seen?.headers.authorization],
    ["DELETE", "/sessions/7", "Bearer s3cret"],
  );
});

test("a key cannot leave its place in a path or a body", async () => {
  await using bench = await openBench();
  const action = {
    method: "POST",
    path: "/a/{{ target.key }}/b",
    body: '{"id": "{{ target.key }}", "all": {{ keys | json }}}',
  };
  await using step = await bench.prepare({ action });
  const hostile = `../x?y=1#"},{"admin":true`;
  await step.act(batchOf([hostile]));
  await assert.rejects(step.act(batchOf([".."])), { code: "invalid" });
  const [first] = bench.far.seen;
  assert.equal(bench.far.seen.length, 1);
  assert.equal(first?.path, `/a/${encodeURIComponent(hostile)}/b`);
  assert.deepEqual(JSON.parse(first?.body ?? ""), { id: hostile, all: [hostile] });
});

test("one request carries a batch, and the exposed secret where the action needs it", async () => {
  await using bench = await openBench();
  const action = {
    method: "POST",
    path: "/revoke",
    body: "[{% for t in targets %}{{ t.secret | json }}{% unless forloop.last %},{% endunless %}{% endfor %}]",
  };
  await using step = await bench.prepare({ action });
  const sealed = await sealForWork(bench.ctx, JSON.stringify({ a: "token-a", b: "token-b" }));
  assert.deepEqual(await step.act(batchOf(["a", "b"], { sealed })), [
    { state: "done" },
    { state: "done" },
  ]);
  assert.deepEqual(JSON.parse(bench.far.seen[0]?.body ?? ""), ["token-a", "token-b"]);
});

test("the idempotency key stays the same for a target of a step, and differs between targets", async () => {
  await using bench = await openBench();
  await using step = await bench.prepare({
    action: { method: "POST", idempotency_header: "Idempotency-Key" },
  });
  const run = "7d444840-9dc0-11d1-b245-5ffdce74fad2";
  for (const key of ["1", "1", "2"]) await step.act(batchOf([key], { run }));
  const [first, again, other] = bench.far.seen.map((seen) => seen.headers["idempotency-key"]);
  assert.ok(first);
  assert.equal(first, again);
  assert.notEqual(first, other);
});

test("what counts as done and gone is the organisation's to say", async () => {
  await using bench = await openBench();
  bench.far.answer({ status: 404 });
  assert.deepEqual(await bench.first(), { state: "gone", reason: "http-404" });
  assert.deepEqual(await bench.first({ action: { done: [404], gone: [] } }), { state: "done" });
  bench.far.answer({ status: 422 });
  assert.deepEqual(await bench.first(), { state: "refused", reason: "http-422" });
});

test("429 and 503 are waited for as long as they ask, and by our own judgement where they say nothing", async () => {
  await using bench = await openBench();
  bench.far.answer({ status: 429, headers: { "retry-after": "7" } });
  assert.deepEqual(await bench.first(), { retry: true, reason: "limited", afterMs: 7_000 });
  bench.far.answer({
    status: 503,
    headers: {
      "retry-after": "Mon, 05 Jan 2026 09:00:30 GMT",
      date: "Mon, 05 Jan 2026 09:00:00 GMT",
    },
  });
  assert.deepEqual(await bench.first(), { retry: true, reason: "limited", afterMs: 30_000 });
  bench.far.answer({ status: 429 });
  assert.deepEqual(await bench.first(), { retry: true, reason: "limited" });
  bench.far.answer({ status: 503 });
  assert.deepEqual(await bench.first(), { retry: true, reason: "unavailable" });
});

test("a hang, a cut and a 500 are tried again where that does no harm, and unknown where it might", async () => {
  await using bench = await openBench();
  const faults = [
    ["hang", "unavailable", "timeout"],
    ["cut", "unavailable", "cut"],
    [{ status: 500 }, "http-500", "http-500"],
  ] as const;
  for (const [fault, again, unsure] of faults) {
    bench.far.answer(fault);
    assert.deepEqual(await bench.first(), { retry: true, reason: again });
    assert.deepEqual(await bench.first({ idempotent: false }), {
      state: "unknown",
      reason: unsure,
    });
  }
});

test("where it can be read back, what broke off is settled by asking", async () => {
  await using bench = await openBench();
  bench.far.answer((seen) =>
    seen.method === "DELETE" ? "cut" : { status: seen.path.endsWith("/7") ? 404 : 200 },
  );
  const action = { left: { path: "/sessions/{{ target.key }}", done: [404] } };
  await using step = await bench.prepare({ action, idempotent: false });
  await assert.rejects(step.act(batchOf(["7", "8"])), { code: "unavailable" });
  assert.deepEqual(await step.reconcile?.(batchOf(["7", "8"])), ["taken", "not-taken"]);
});

test("a service that says done and lies is found out", async () => {
  await using bench = await openBench();
  bench.far.answer({ status: 200 });
  await using step = await bench.prepare({
    action: { left: { path: "/sessions/{{ target.key }}", done: [404] } },
  });
  const batch = batchOf(["7"]);
  assert.deepEqual(await step.act(batch), [{ state: "done" }]);
  assert.deepEqual(await step.verify?.(batch), [
    { state: "refused", reason: "not-proved", detail: { readBack: "still there" } },
  ]);
});

test("one request can read a whole batch back: the keys that it lists are still there", async () => {
  await using bench = await openBench();
  const answers = ['["b", 3]'];
  bench.far.answer(({ path }) => ({
    status: 200,
    body: path === "/left" ? (answers.shift() ?? "fine") : "",
  }));
  const left = {
    method: "POST",
    path: "/left",
    body: "{{ keys | json }}",
    done: [200],
    lists: true,
  };
  await using step = await bench.prepare({ action: { method: "POST", path: "/all", left } });
  const batch = batchOf(["a", "b", "3"]);
  await step.act(batch);
  const read = await step.verify?.(batch);
  assert.deepEqual(
    read?.map((one) => ("state" in one ? one.state : "")),
    ["done", "refused", "refused"],
  );
  assert.equal(bench.far.seen[1]?.body, '["a","b","3"]');
  const nonsense = await step.verify?.(batch);
  assert.ok(nonsense?.every((one) => "state" in one && one.state === "refused"));
});

test("a read-back that is limited is asked again before anything is concluded", async () => {
  await using bench = await openBench();
  let asked = 0;
  bench.far.answer(() =>
    (asked += 1) < 3 ? { status: 429, headers: { "retry-after": "1" } } : { status: 404 },
  );
  await using step = await bench.prepare({
    action: { left: { path: "/s/{{ target.key }}", done: [404] } },
  });
  assert.deepEqual(await step.verify?.(batchOf(["7"])), [{ state: "done" }]);
  assert.equal(asked, 3);
});

test("an internal address is not reached unless the connector allows it by name", async () => {
  await using bench = await openBench();
  assert.deepEqual(await bench.first({ http: { allow_internal: false } }), {
    state: "refused",
    reason: "internal-address",
  });
  const url = `http://rebind.example:${bench.far.port}`;
  const resolve: Resolve = async () => [
    { address: "140.82.121.6", family: 4 },
    { address: "127.0.0.1", family: 4 },
  ];
  assert.deepEqual(await bench.first({ http: { url, allow_internal: false }, resolve }), {
    state: "refused",
    reason: "internal-address",
  });
  assert.equal(bench.far.seen.length, 0);
});

test("a name is resolved once, and the connection goes to what was judged", async () => {
  await using bench = await openBench();
  let resolved = 0;
  const resolve: Resolve = async () => {
    resolved += 1;
    return [{ address: "127.0.0.1", family: 4 }];
  };
  const url = `http://inside.example:${bench.far.port}`;
  assert.deepEqual(await bench.first({ http: { url }, resolve }), { state: "done" });
  assert.equal(resolved, 1);
  assert.equal(bench.far.seen[0]?.headers.host, `inside.example:${bench.far.port}`);
});

test("a redirect is not followed, wherever it leads", async () => {
  await using bench = await openBench();
  bench.far.answer({ status: 307, headers: { location: `${bench.far.url}/latest/meta-data` } });
  assert.deepEqual(await bench.first(), {
    state: "refused",
    reason: "redirected",
    detail: { status: 307 },
  });
  assert.equal(bench.far.seen.length, 1);
});

test("a path cannot take the token to another host", async () => {
  await using bench = await openBench();
  await using step = await bench.prepare({ action: { path: "@evil.example/{{ target.key }}" } });
  await assert.rejects(step.act(batchOf(["7"])), { code: "invalid" });
});

test("a service that does not know our token stops the step instead of failing every target", async () => {
  await using bench = await openBench();
  bench.far.answer({ status: 401 });
  await assert.rejects(bench.first(), { code: "unauthenticated" });
});

test("a service that is not there is waited for", async () => {
  await using bench = await openBench();
  assert.deepEqual(await bench.first({ http: { url: "http://127.0.0.1:1" } }), {
    retry: true,
    reason: "unavailable",
  });
});

test("what only the customer can do is watched", async () => {
  await using bench = await openBench();
  bench.far.answer((seen) => ({ status: seen.path.endsWith("/1") ? 200 : 404 }));
  const action = { by: "customer", left: { path: "/links/{{ target.key }}", done: [200] } };
  await using step = await bench.prepare({ action, watching: true });
  assert.deepEqual(await step.act(batchOf(["1", "2"])), [
    { state: "done" },
    { waiting: true, reason: "waits-for-customer" },
  ]);
  assert.ok(bench.far.seen.every((seen) => seen.method === "GET"));
});
