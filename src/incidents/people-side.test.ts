import { test } from "node:test";
import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { actorWithAllScopes } from "../core/scope.ts";
import type { Context } from "../db/context.ts";
import { openRequest } from "../ledger/request-key.ts";
import { incidentScene, INCIDENT, kindsIn, workAll } from "../../test/support/incident.ts";
import { testContext } from "../../test/support/context.ts";
import { apply } from "./apply.ts";
import { closeIncident } from "./close-incident.ts";
import { decide } from "./decide.ts";
import { decisionsOf, holdsOf } from "./decisions.ts";
import { handover, handoverPage } from "./handover.ts";
import { incidentRow } from "./incident.ts";
import { intake } from "./intake.ts";
import { link } from "./link.ts";
import { note } from "./note.ts";
import { openIncident } from "./open-incident.ts";
import { openThings } from "./open-things.ts";
import { samePerson } from "./same-person.ts";

const because = "the log shows it";

function without(ctx: Context): Context {
  return { ...ctx, actor: { name: "nobody", via: "http", scopes: new Set(["incidents:read"]) } };
}

test("an incident is opened once, as suspected", async () => {
  await using t = await incidentScene({ open: false });
  assert.deepEqual(await openIncident(t.ctx, { incident: INCIDENT }), {
    incident: INCIDENT,
    state: "suspected",
    opened: true,
  });
  const again = await openIncident(t.ctx, { incident: INCIDENT });
  assert.equal(again.opened, false);
  assert.deepEqual((await kindsIn(t.ctx)).slice(-1), ["incident.opened"]);
  await assert.rejects(openIncident(t.ctx, { incident: "other" }), { code: "not_found" });
});

test("every write about an incident that is not there is refused as not found", async () => {
  await using t = await testContext();
  const incident = "absent";
  const writes = [
    () => note(t.ctx, { incident, says: "x" }),
    () => decide(t.ctx, { incident, what: "declare", because }),
    () => handover(t.ctx, { incident, to: "dan" }),
    () => closeIncident(t.ctx, { incident, because }),
    () => link(t.ctx, { incident, other: "absent-too", because }),
  ];
  for (const one of writes) await assert.rejects(one, { code: "not_found" });
  assert.deepEqual(await kindsIn(t.ctx), []);
});

test("who lacks the scope writes nothing", async () => {
  await using t = await incidentScene();
  const nobody = without(t.ctx);
  const before = await kindsIn(t.ctx);
  const writes = [
    () => openIncident(nobody, { incident: INCIDENT }),
    () => intake(nobody, { incident: INCIDENT, reporter: "customer", says: "x" }),
    () => note(nobody, { incident: INCIDENT, says: "x" }),
    () => decide(nobody, { incident: INCIDENT, what: "declare", because }),
    () => handover(nobody, { incident: INCIDENT, to: "dan" }),
    () => closeIncident(nobody, { incident: INCIDENT, because }),
    () => link(nobody, { incident: INCIDENT, other: "other", because }),
  ];
  for (const one of writes) await assert.rejects(one, { code: "forbidden" });
  assert.deepEqual(await kindsIn(t.ctx), before);
});

test("decisions move an incident only where its state allows it", async () => {
  await using t = await incidentScene();
  const say = async (what: "declare" | "contained" | "wording" | "other") =>
    (await decide(t.ctx, { incident: INCIDENT, what, because })).state;
  await assert.rejects(say("contained"), { code: "conflict" });
  assert.equal(await say("wording"), "suspected");
  assert.equal(await say("declare"), "declared");
  await assert.rejects(say("declare"), { code: "conflict" });
  assert.equal(await say("contained"), "contained");
  assert.equal(await say("other"), "contained");
  const numbers = (await decisionsOf(t.ctx, INCIDENT)).map((one) => one.number);
  assert.deepEqual(numbers, [1, 2, 3, 4]);
  const kinds = await kindsIn(t.ctx);
  assert.equal(kinds.filter((kind) => kind === "decision.made").length, 4);
});

test("of two declarations at once one is made", async () => {
  await using t = await incidentScene();
  const both = await Promise.allSettled(
    ["a", "b"].map((why) => decide(t.ctx, { incident: INCIDENT, what: "declare", because: why })),
  );
  assert.deepEqual(both.map((one) => one.status).toSorted(), ["fulfilled", "rejected"]);
  assert.equal((await decisionsOf(t.ctx, INCIDENT)).length, 1);
});

test("two decisions at once have numbers of their own", async () => {
  await using t = await incidentScene();
  const names = ["a", "b", "c", "d"];
  const made = await Promise.all(
    names.map((why) => decide(t.ctx, { incident: INCIDENT, what: "other", because: why })),
  );
  assert.deepEqual(new Set(made.map((one) => one.number)), new Set([1, 2, 3, 4]));
});

test("to refute takes a second person who is somebody else", async () => {
  await using t = await incidentScene();
  const refute = async (second?: string) =>
    await decide(t.ctx, {
      incident: INCIDENT,
      what: "refute",
      because,
      ...(second === undefined ? {} : { second }),
    });
  await assert.rejects(refute(), { code: "refused" });
  await assert.rejects(refute("test"), { code: "refused" });
  await assert.rejects(refute(" Test@example.cloud"), { code: "refused" });
  await assert.rejects(refute("  "), { code: "invalid" });
  assert.equal((await refute("dan")).state, "refuted");
  const [one] = await decisionsOf(t.ctx, INCIDENT);
  assert.equal(one?.seconded_by, "dan");
});

test("nothing is refuted while a run goes on", async () => {
  await using t = await incidentScene();
  const { digest } = await t.plan("contain");
  await t.approve(digest);
  await apply(t.ctx, { plan: digest });
  const refute = async () =>
    await decide(t.ctx, { incident: INCIDENT, what: "refute", because, second: "dan" });
  await assert.rejects(refute(), { code: "refused" });
  await workAll(t.ctx, () => ({ state: "done" }));
  assert.equal((await refute()).state, "refuted");
});

test("names that may be one person are taken for one", () => {
  assert.ok(samePerson("Alice", "alice@example.org"));
  assert.ok(!samePerson("alice@example.org", "alice@example.net"));
  assert.ok(!samePerson("alice", "alicia"));
});

test("a later aware ends the one before, and both stay on record", async () => {
  await using t = await incidentScene();
  for (const at of ["2026-01-04T12:00:00Z", "2026-01-04T09:00:00+01:00"])
    await decide(t.ctx, { incident: INCIDENT, what: "aware", because, at });
  const [first, second] = await decisionsOf(t.ctx, INCIDENT);
  assert.deepEqual([first?.ended_by, second?.ended_by], [2, null]);
  assert.equal(second?.effective_at.toISOString(), "2026-01-04T08:00:00.000Z");
});

test("a decision cannot hold since a time to come", async () => {
  await using t = await incidentScene();
  const at = "2026-01-06T00:00:00Z";
  await assert.rejects(decide(t.ctx, { incident: INCIDENT, what: "aware", because, at }), {
    code: "invalid",
  });
});

test("a hold stands until it is lifted by its number, once", async () => {
  await using t = await incidentScene();
  const hold = await decide(t.ctx, { incident: INCIDENT, what: "hold", because: "the police ask" });
  const lift = async (ends?: number) =>
    await decide(t.ctx, {
      incident: INCIDENT,
      what: "lift",
      because,
      ...(ends === undefined ? {} : { ends }),
    });
  await assert.rejects(lift(), { code: "invalid" });
  await assert.rejects(lift(9), { code: "conflict" });
  assert.equal((await holdsOf(t.ctx, INCIDENT)).length, 1);
  await lift(hold.number);
  assert.equal((await holdsOf(t.ctx, INCIDENT)).length, 0);
  await assert.rejects(lift(hold.number), { code: "conflict" });
  assert.equal((await decisionsOf(t.ctx, INCIDENT)).length, 2, "what failed left nothing behind");
});

test("the lead is passed by a decision that names somebody", async () => {
  await using t = await incidentScene();
  await assert.rejects(decide(t.ctx, { incident: INCIDENT, what: "lead", because }), {
    code: "invalid",
  });
  await decide(t.ctx, { incident: INCIDENT, what: "lead", because, to: "dan" });
  assert.equal((await incidentRow(t.ctx, INCIDENT)).lead, "dan");
});

test("a report from outside opens an incident, the next one joins it", async () => {
  await using t = await testContext();
  const report = {
    incident: "leak",
    reporter: "customer",
    says: "a reset that I did not ask for",
  } as const;
  const first = await intake(t.ctx, { ...report, title: "Strange resets" });
  assert.deepEqual([first.opened, first.state], [true, "suspected"]);
  const second = await intake(t.ctx, { ...report, reporter: "researcher" });
  assert.deepEqual([second.opened, second.state], [false, "suspected"]);
  assert.equal((await incidentRow(t.ctx, "leak")).title, "Strange resets");
  assert.deepEqual(await kindsIn(t.ctx), ["intake.taken", "intake.taken"]);
});

test("of two first reports at once one opens the incident", async () => {
  await using t = await testContext();
  const both = await Promise.all(
    ["a", "b"].map((says) => intake(t.ctx, { incident: "leak", reporter: "vendor", says })),
  );
  assert.equal(both.filter((one) => one.opened).length, 1);
});

test("an incident that a report opened has a page before it has a file", async () => {
  await using t = await testContext();
  await intake(t.ctx, { incident: "leak", reporter: "extortionist", says: "pay" });
  const page = await handoverPage(t.ctx, { incident: "leak" });
  assert.deepEqual(page.next, []);
  assert.ok(
    page.open.some((line) => line.startsWith("incident.yaml cannot be read")),
    page.open.join(),
  );
  assert.ok(page.open.includes("1 report is not answered"));
  assert.deepEqual(page.changed, ["a report from a extortionist"]);
});

test("a mistake in incident.yaml does not take the hand-over away", async () => {
  await using t = await incidentScene();
  await t.file("incident.yaml", "incident: [");
  assert.match((await openThings(t.ctx, INCIDENT))[0] ?? "", /incident\.yaml:\d+:\d+/);
  assert.equal((await handoverPage(t.ctx, { incident: INCIDENT })).state, "suspected");
});

test("a note is kept", async () => {
  await using t = await incidentScene();
  await note(t.ctx, { incident: INCIDENT, says: "the backup was read too" });
  const { notes } = await handoverPage(t.ctx, { incident: INCIDENT });
  assert.deepEqual(
    notes.map((one) => [one.says, one.by]),
    [["the backup was read too", "test"]],
  );
  assert.equal((await kindsIn(t.ctx)).at(-1), "note.written");
});

test("two incidents are linked once, whichever is named first", async () => {
  await using t = await incidentScene();
  await intake(t.ctx, { incident: "leak", reporter: "vendor", says: "x" });
  await link(t.ctx, { incident: INCIDENT, other: "leak", because: "one intruder" });
  await assert.rejects(link(t.ctx, { incident: "leak", other: INCIDENT, because }), {
    code: "conflict",
  });
  await assert.rejects(link(t.ctx, { incident: INCIDENT, other: INCIDENT, because }), {
    code: "invalid",
  });
  const { linked } = await handoverPage(t.ctx, { incident: "leak" });
  assert.deepEqual(linked, [{ incident: INCIDENT, because: "one intruder" }]);
});

test("a hand-over passes the lead and starts the next page", async () => {
  await using t = await incidentScene();
  await decide(t.ctx, { incident: INCIDENT, what: "declare", because });
  t.ctx.clock.advance(1_000);
  const page = await handover(t.ctx, { incident: INCIDENT, to: "dan" });
  assert.deepEqual([page.lead, page.decided.length], ["dan", 1]);
  assert.equal((await incidentRow(t.ctx, INCIDENT)).lead, "dan");
  t.ctx.clock.advance(3_600_000);
  await note(t.ctx, { incident: INCIDENT, says: "later" });
  const next = await handoverPage(t.ctx, { incident: INCIDENT });
  assert.deepEqual([next.decided.length, next.notes.length, next.since], [0, 1, page.at]);
  const [kept] = await t.ctx.db.read<
    { from_lead: string; to_lead: string }[]
  >`select from_lead, to_lead from handovers`;
  assert.deepEqual({ ...kept }, { from_lead: "carol", to_lead: "dan" });
});

test("a write that is repeated under its key is made once", async () => {
  await using t = await incidentScene();
  const input = { incident: INCIDENT, says: "once" };
  const repeat = async () =>
    await note({ ...t.ctx, requestKey: openRequest("key-1", "note", input) }, input);
  const first = await repeat();
  assert.deepEqual(await repeat(), first);
  assert.equal((await handoverPage(t.ctx, { incident: INCIDENT })).notes.length, 1);
});

test("an incident is closed once, and not while a run goes on", async () => {
  await using t = await incidentScene();
  const { digest } = await t.plan("contain");
  await t.approve(digest);
  await apply(t.ctx, { plan: digest });
  const close = async () => await closeIncident(t.ctx, { incident: INCIDENT, because });
  await assert.rejects(close(), { code: "refused" });
  await workAll(t.ctx, () => ({ state: "done" }));
  assert.equal((await close()).state, "closed");
  await assert.rejects(close(), { code: "conflict" });
  assert.ok((await incidentRow(t.ctx, INCIDENT)).closed_at);
  assert.equal((await kindsIn(t.ctx)).at(-1), "incident.closed");
  await assert.rejects(t.plan(), { code: "refused" });
  const late = await intake(t.ctx, { incident: INCIDENT, reporter: "customer", says: "me too" });
  assert.equal(late.state, "closed");
});

test("an incident without its folder still has its state", async () => {
  await using t = await incidentScene();
  await rm(t.folder, { recursive: true });
  const page = await handoverPage(
    { ...t.ctx, actor: actorWithAllScopes("night", "cli") },
    { incident: INCIDENT },
  );
  assert.equal(page.state, "suspected");
});
