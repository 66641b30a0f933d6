import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { batchOf } from "../../test/support/batch.ts";
import { testContext, type TestContext } from "../../test/support/context.ts";
import type { Scope } from "../core/scope.ts";
import type { Prepared } from "../work/handler.ts";
import { answerVendor } from "./answer-vendor.ts";
import { askVendor } from "./ask-vendor.ts";
import { chaseVendors } from "./chase-vendors.ts";
import { containHandlerWith } from "./contain-handler.ts";
import type { SendToVendor, VendorMail, VendorMailHanded } from "./vendor-mail.ts";
import { vendorRequests } from "./vendor-requests.ts";

const connectors = {
  atlassian: {
    vendor: { name: "Atlassian", address: "security@atlassian.example", chase_after: "24h" },
  },
};
const incident = "docker-hub-2019";
const waiting = { waiting: true, reason: "waits-for-vendor", afterMs: 10_000 };

type Desk = { readonly mails: VendorMail[]; readonly send: SendToVendor; answer: VendorMailHanded };

function desk(): Desk {
  const mails: VendorMail[] = [];
  const one: Desk = {
    mails,
    answer: { state: "accepted" },
    send: async (mail) => {
      mails.push(mail);
      return one.answer;
    },
  };
  return one;
}

type Asked = { readonly prepared: Prepared; readonly run: string };

async function asks(
  t: TestContext,
  send: SendToVendor,
  run: string = randomUUID(),
): Promise<Asked> {
  const settings = { action: "atlassian.request", of: "expire 9,000 tokens", count: 9_000 };
  const prepared = await containHandlerWith({ send }).prepare(t.ctx, settings, {
    run,
    step: 0,
    incident,
  });
  return { prepared, run };
}

async function entries(t: TestContext): Promise<string[]> {
  const rows = await t.ctx.db.read`select kind from ledger_entries order by id`;
  return rows.map((row) => String(row["kind"]));
}

test("a vendor is asked once a step, and its targets wait without failing", async () => {
  await using t = await testContext({ organisation: { connectors } });
  const vendor = desk();
  const { prepared, run } = await asks(t, vendor.send);
  await asks(t, vendor.send, run);
  assert.deepEqual(await prepared.act(batchOf(["a", "b"])), [waiting, waiting]);
  const [request, ...others] = await vendorRequests(t.ctx, { incident });
  assert.equal(others.length, 0);
  assert.equal(vendor.mails.length, 1);
  assert.equal(request?.letters[0]?.body, vendor.mails[0]?.text);
  assert.match(
    vendor.mails[0]?.subject ?? "",
    new RegExp(`^\\[${request?.reference}\\] Example Cloud: please expire 9,000 tokens$`),
  );
  assert.deepEqual(await entries(t), [
    "vendor.request-filed",
    "vendor.asked",
    "vendor.letter-handed-over",
  ]);
});

test("an acknowledgement changes nothing for the targets; the answer does", async () => {
  await using t = await testContext({ organisation: { connectors } });
  const { prepared } = await asks(t, desk().send);
  const batch = batchOf(["a", "b"]);
  const ticket = "SEC-41701";
  await answerVendor(t.ctx, {
    incident,
    vendor: "atlassian",
    ticket,
    says: "we look into it",
    carriedOut: "none",
  });
  assert.deepEqual(await prepared.act(batch), [waiting, waiting]);
  await answerVendor(t.ctx, {
    incident,
    vendor: "Atlassian",
    says: "half of it",
    carriedOut: "some",
    targets: ["b"],
  });
  const [first, second] = await prepared.act(batch);
  assert.deepEqual(first, waiting);
  assert.deepEqual(second && "state" in second && [second.state, second.reason], [
    "done",
    "vendor-answered",
  ]);
  await answerVendor(t.ctx, {
    incident,
    vendor: "atlassian",
    says: "all of it",
    evidence: "answer",
    carriedOut: "all",
  });
  assert.deepEqual(
    (await prepared.act(batch)).map((one) => "state" in one && one.state),
    ["done", "done"],
  );
  const [request] = await vendorRequests(t.ctx, { incident });
  assert.deepEqual(
    [request?.state, request?.ticket, request?.answers.length],
    ["carried-out", ticket, 3],
  );
});

test("a vendor who declines is shown as refused", async () => {
  await using t = await testContext({ organisation: { connectors } });
  const { prepared } = await asks(t, desk().send);
  await answerVendor(t.ctx, {
    incident,
    vendor: "atlassian",
    says: "no",
    carriedOut: "none",
    declined: true,
  });
  const [outcome] = await prepared.act(batchOf(["a"]));
  assert.deepEqual(outcome && "state" in outcome && [outcome.state, outcome.reason], [
    "refused",
    "vendor-declined",
  ]);
});

test("silence is chased after the vendor's time, with the ticket, and an answer that settles it ends that", async () => {
  await using t = await testContext({ organisation: { connectors } });
  const vendor = desk();
  await asks(t, vendor.send);
  await answerVendor(t.ctx, {
    incident,
    vendor: "atlassian",
    ticket: "SEC-1",
    says: "seen",
    carriedOut: "none",
  });
  assert.deepEqual(await chaseVendors(t.ctx, vendor), { sent: 0 });
  t.ctx.clock.advance(24 * 3_600_000);
  assert.deepEqual(await chaseVendors(t.ctx, vendor), { sent: 1 });
  assert.deepEqual(await chaseVendors(t.ctx, vendor), { sent: 0 });
  assert.match(
    vendor.mails[1]?.text ?? "",
    /asked this first on 2026-01-05 09:00 UTC \(your ticket SEC-1\)/,
  );
  await answerVendor(t.ctx, { incident, vendor: "atlassian", says: "done", carriedOut: "all" });
  t.ctx.clock.advance(48 * 3_600_000);
  assert.deepEqual(await chaseVendors(t.ctx, vendor), { sent: 0 });
});

test("a letter that could not be handed over goes again as the same letter", async () => {
  await using t = await testContext({ organisation: { connectors } });
  const vendor = desk();
  vendor.answer = { state: "unreachable", reason: "ECONNREFUSED" };
  await asks(t, vendor.send);
  vendor.answer = { state: "accepted" };
  t.ctx.clock.advance(6 * 60_000);
  assert.deepEqual(await chaseVendors(t.ctx, vendor), { sent: 1 });
  const [first, again] = vendor.mails;
  assert.equal(first?.messageId, again?.messageId);
});

test("two that chase at once write one letter", async () => {
  await using t = await testContext({ organisation: { connectors } });
  const vendor = desk();
  await askVendor(t.ctx, { incident, vendor: "atlassian", asks: "expire tokens" });
  const results = await Promise.all([chaseVendors(t.ctx, vendor), chaseVendors(t.ctx, vendor)]);
  assert.equal(results[0].sent + results[1].sent, 1);
  assert.equal(vendor.mails.length, 1);
});

test("an answer needs an open request, and one of several must be named", async () => {
  await using t = await testContext({ organisation: { connectors } });
  const answer = { incident, vendor: "atlassian", says: "done", carriedOut: "all" } as const;
  await assert.rejects(answerVendor(t.ctx, answer), { code: "not_found" });
  const { reference } = await askVendor(t.ctx, { incident, vendor: "atlassian", asks: "one" });
  await askVendor(t.ctx, { incident, vendor: "atlassian", asks: "two" });
  await assert.rejects(answerVendor(t.ctx, answer), { code: "conflict" });
  assert.equal((await answerVendor(t.ctx, { ...answer, reference })).state, "carried-out");
  await assert.rejects(askVendor(t.ctx, { incident, vendor: "nobody", asks: "x" }), {
    code: "not_found",
  });
});

test("asking, chasing and answering each need their scope", async () => {
  await using t = await testContext({ organisation: { connectors } });
  const ctx = { ...t.ctx, actor: { ...t.ctx.actor, scopes: new Set<Scope>(["incidents:read"]) } };
  await assert.rejects(askVendor(ctx, { incident, vendor: "atlassian", asks: "x" }), {
    code: "forbidden",
  });
  await assert.rejects(chaseVendors(ctx, desk()), { code: "forbidden" });
  const answer = { incident, vendor: "atlassian", says: "done", carriedOut: "all" } as const;
  await assert.rejects(answerVendor(ctx, answer), { code: "forbidden" });
});
