import assert from "node:assert/strict";
import { createServer } from "node:http";
import { once } from "node:events";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import PostalMime from "postal-mime";
import { z } from "zod";
import { testContext } from "../../test/support/context.ts";
import { mailContext } from "../../test/support/mail-context.ts";
import { exposure, noticePerson, noticeSettings } from "../../test/support/notice-people.ts";
import { rawSmtp, type RawSmtp } from "../../test/support/raw-smtp.ts";
import { QUICK, testRun } from "../../test/support/work.ts";
import type { Json } from "../core/canonical.ts";
import type { Context } from "../db/context.ts";
import { outcomesOf } from "../work/outcomes-of.ts";
import { work } from "../work/work.ts";
import { checkReference } from "./check-reference.ts";
import { noticeHandler } from "./notice-handler.ts";
import { noticeOf } from "./notice-of.ts";
import type { NoticePerson } from "./person.ts";

type Fields = Readonly<Record<string, unknown>>;

function settings(over: Parameters<typeof noticeSettings>[0] = {}): Json {
  return z.json().parse(noticeSettings(over));
}

function through<Base extends Context>(base: Base, sink: RawSmtp, provider: Fields = {}): Base {
  return {
    ...base,
    organisation: mailContext(base.folder.root, sink.port, { provider }).organisation,
  };
}

async function notify(ctx: Context, people: readonly NoticePerson[]): Promise<string> {
  const tasks = people.map((payload) => ({ key: randomUUID(), payload }));
  const run = await testRun(ctx, {
    kind: "notice",
    settings: settings(),
    tasks,
    chunkSize: 100,
  });
  await work(ctx, [noticeHandler], { until: "idle", run, ...QUICK });
  return run;
}

function crowd(count: number): NoticePerson[] {
  return Array.from({ length: count }, (_, n) =>
    noticePerson({
      to: `u${n}@example.org`,
      language: n % 2 === 0 ? "en" : "fr",
      accounts: [
        { account: String(n), username: `user${n}`, exposed: [exposure("user.account.username")] },
      ],
    }),
  );
}

test("each person gets one message in their language, and an outcome in the ledger", async () => {
  await using sink = await rawSmtp();
  await using t = await testContext();
  const ctx = through(t.ctx, sink);
  const run = await notify(ctx, crowd(30));
  const outcomes = await outcomesOf(ctx, { run });
  assert.deepEqual(new Set(outcomes.map(({ state }) => state)), new Set(["done"]));
  assert.ok(outcomes.every(({ entry }) => entry !== ""));
  const mails = await Promise.all(sink.taken.map(async (data) => await PostalMime.parse(data)));
  assert.equal(new Set(mails.map((mail) => mail.to?.[0]?.address)).size, 30);
  for (const mail of mails) {
    const n = Number(/\d+/.exec(mail.to?.[0]?.address ?? "")?.[0]);
    assert.ok(mail.text?.includes(`user${n}`));
    assert.equal(/Bonjour/.test(mail.text ?? ""), n % 2 === 1);
  }
});

test("a notice is shown again byte by byte, its reading is in the ledger, and its code checks with its address alone", async () => {
  await using sink = await rawSmtp();
  await using t = await testContext();
  const ctx = through(t.ctx, sink);
  const run = await notify(ctx, crowd(1));
  const [outcome] = await outcomesOf(ctx, { run });
  const shown = await noticeOf(ctx, { run, subject: outcome?.key ?? "" });
  assert.equal(shown.same, true);
  assert.equal(String(shown.message), String(sink.taken[0]));
  assert.ok(String(sink.taken[0]).includes(shown.code));
  const asked = {
    incident: "test-incident",
    address: "U0@example.org",
    code: shown.code.toLowerCase(),
  };
  assert.equal(await checkReference(ctx, asked), true);
  assert.equal(await checkReference(ctx, { ...asked, address: "u1@example.org" }), false);
  assert.equal(await checkReference(ctx, { ...asked, code: "AAAA-AAAA" }), false);
  const [read] = await ctx.db
    .read`select count(*)::int as n from ledger_entries where kind = 'notice.read'`;
  assert.equal(read?.["n"], 1);
});

test("whoever has an empty placeholder, no address or a refusing one is listed; the rest is sent", async () => {
  await using sink = await rawSmtp({ replies: { rcpt: "550 5.1.1 no such user" }, times: 1 });
  await using t = await testContext();
  const ctx = through(t.ctx, sink, { connections: 1 });
  const templates = { en: "# S\n\nDear {{ name }},\n\n{{ exposed }}\n" };
  const people = [
    noticePerson(),
    noticePerson({ name: "" }),
    noticePerson({ to: "nobody" }),
    noticePerson(),
  ];
  const tasks = people.map((payload, n) => ({ key: `k${n}`, payload }));
  const run = await testRun(ctx, {
    kind: "notice",
    settings: settings({ templates }),
    tasks,
    chunkSize: 100,
  });
  await work(ctx, [noticeHandler], { until: "idle", run, ...QUICK });
  const states = (await outcomesOf(ctx, { run })).map(({ key, state, reason }) => [
    key,
    state,
    reason,
  ]);
  assert.deepEqual(states, [
    ["k0", "unreachable", "reply-550"],
    ["k1", "refused", "empty-placeholder"],
    ["k2", "unreachable", "address"],
    ["k3", "done", null],
  ]);
  assert.equal(sink.taken.length, 1);
});

test("greylisting delays a notice and loses none", async () => {
  await using sink = await rawSmtp({ replies: { rcpt: "451 4.7.1 come back later" }, times: 5 });
  await using t = await testContext();
  const ctx = through(t.ctx, sink);
  const run = await notify(ctx, crowd(10));
  assert.ok((await outcomesOf(ctx, { run })).every(({ state }) => state === "done"));
  assert.equal(sink.taken.length, 10);
});

test("a line that is cut after the final dot makes one notice unknown and none double", async () => {
  await using sink = await rawSmtp({ cutAt: "dot", cuts: 1 });
  await using t = await testContext();
  const ctx = through(t.ctx, sink, { connections: 1 });
  const run = await notify(ctx, crowd(5));
  const states = (await outcomesOf(ctx, { run })).map(({ state, reason }) => [state, reason]);
  assert.deepEqual(
    states.filter(([state]) => state === "unknown"),
    [["unknown", "line-lost"]],
  );
  assert.equal(sink.taken.length, 4);
});

test("where the provider can be asked, what was left unknown is settled: not taken is sent again, taken is done", async () => {
  await using sink = await rawSmtp({ cutAt: "dot", cuts: 1 });
  const asked: string[] = [];
  const desk = createServer((request, response) => {
    asked.push(decodeURIComponent(request.url ?? ""));
    const taken = sink.taken.some((data) => data.includes(asked.at(-1)?.slice(1) ?? "?"));
    response.writeHead(taken ? 200 : 404).end();
  });
  desk.listen(0, "127.0.0.1");
  await once(desk, "listening");
  const address = desk.address();
  assert.ok(address !== null && typeof address === "object");
  await using t = await testContext();
  const lookup = { url: `http://127.0.0.1:${address.port}/{message_id}` };
  const ctx = through(t.ctx, sink, { connections: 1, lookup });
  const run = await notify(ctx, crowd(3));
  assert.ok((await outcomesOf(ctx, { run })).every(({ state }) => state === "done"));
  assert.equal(sink.taken.length, 3);
  assert.equal(asked.length, 1);
  assert.match(asked[0] ?? "", /^\/[0-9a-f]{40}@example\.cloud$/);
  desk.close();
});

test("a worker that dies with messages on the way leaves them unknown, and sends none twice", async () => {
  await using sink = await rawSmtp();
  await using t = await testContext();
  const ctx = through(t.ctx, sink);
  const tasks = crowd(6).map((payload, n) => ({ key: `k${n}`, payload }));
  const run = await testRun(ctx, {
    kind: "notice",
    settings: settings(),
    tasks,
    chunkSize: 100,
  });
  const dying = work(ctx, [noticeHandler], {
    until: "idle",
    run,
    ...QUICK,
    fault: async (point) => {
      if (point === "after-act") throw new Error("killed");
    },
  });
  await assert.rejects(dying, /killed/);
  await work(ctx, [noticeHandler], { until: "idle", run, ...QUICK });
  const outcomes = await outcomesOf(ctx, { run });
  assert.equal(outcomes.length, 6);
  assert.ok(outcomes.some(({ state }) => state === "unknown"));
  const done = outcomes.filter(({ state }) => state === "done").length;
  assert.ok(sink.taken.length >= done && sink.taken.length <= 6);
  assert.equal(
    new Set(sink.taken.map((data) => /^To: (.*)$/m.exec(String(data))?.[1])).size,
    sink.taken.length,
  );
});
