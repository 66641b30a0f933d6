import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { incidentScene, INCIDENT, kindsIn, type Scene } from "../../test/support/incident.ts";
import { putEvents, type PutEvent } from "../../test/support/put-events.ts";
import { actorWithAllScopes } from "../core/scope.ts";
import { type Activity, limitsOf, noteOf, reachOf, verdictOf } from "./activity.ts";
import { listActivity, showActivity } from "./list-activity.ts";
import { searchActivity } from "./search-activity.ts";

type Columns = NonNullable<PutEvent["columns"]>;

const SIGN_IN = { class_uid: 3002, activity_id: 1, activity_name: "Logon", status_id: 1 };
const CALL = { class_uid: 6003, activity_id: 2, activity_name: "Read" };
const AFTER = "2026-01-04T08:00:00Z";
const BEFORE = "2026-01-04T12:00:00Z";

async function sceneWith(...events: Columns[]): Promise<Scene> {
  const scene = await incidentScene();
  await scene.incident({
    actions: [],
    notices: [],
    cohorts: { french: { country: "FR" }, all: { country: ["FR", "US", "DE"] } },
  });
  await put(scene, "app.log", events);
  return scene;
}

async function put({ ctx }: Scene, source: string, events: readonly Columns[]): Promise<void> {
  await putEvents(await ctx.click(), {
    source,
    format: "json",
    events: events.map((columns) => ({ raw: "{}", columns })),
  });
}

function at(hour: number, minute = 0): { time: string } {
  return { time: new Date(Date.UTC(2026, 0, 4, hour, minute)).toISOString() };
}

function seenIn({ things }: Activity): string[] {
  return things.map(({ thing, events, did }) => `${thing} ${events}/${did}`);
}

test("of a cohort, exactly its accounts that were active in the span are seen, under any of their names", async () => {
  await using scene = await sceneWith(
    { ...SIGN_IN, user_name: "DAVE", src_endpoint_ip: "203.0.113.9", ...at(9) },
    { ...CALL, actor_user_uid: "5", ...at(9, 1) },
    { ...SIGN_IN, user_email_addr: "eve@example.org", src_endpoint_ip: "203.0.113.9", ...at(10) },
    { ...SIGN_IN, user_name: "bob", ...at(10) },
    { ...SIGN_IN, user_name: "fay", ...at(7, 59) },
    { ...SIGN_IN, user_name: "fay", ...at(12) },
  );
  const found = await searchActivity(scene.ctx, {
    cohort: "french",
    incident: INCIDENT,
    after: AFTER,
    before: BEFORE,
  });
  assert.deepEqual(seenIn(found), ["customers/5 2/2", "customers/4 1/1"]);
  assert.deepEqual([found.seen, found.events, found.lookedFor.count], [2, 3, 3]);
  assert.deepEqual(
    found.addresses.map(({ address, things }) => [address, things]),
    [["203.0.113.9", 2]],
  );
  assert.deepEqual(
    found.families.map(({ family, events, things }) => [family, events, things]),
    [
      ["sign-in", 2, 2],
      ["api", 1, 1],
    ],
  );
  assert.match(verdictOf(found), /^seen in 1 source, 2 of 4 hours: 2 of 3 accounts, in 3 events$/);
});

test("an event of two members counts once, and what was done to one of them is told apart", async () => {
  await using scene = await sceneWith({
    ...CALL,
    actor_user_name: "dave",
    user_name: "eve",
    user_uid: "5",
    ...at(9),
  });
  const found = await searchActivity(scene.ctx, {
    accounts: ["dave", "customers/5"],
    after: AFTER,
    before: BEFORE,
  });
  assert.deepEqual(seenIn(found), ["customers/4 1/1", "customers/5 1/0"]);
  assert.deepEqual([found.seen, found.events], [2, 1]);
});

test("a list takes any identifiers: of several accounts all are looked for, and what no registry knows as it is", async () => {
  await using scene = await sceneWith(
    { ...SIGN_IN, user_name: "ann2", ...at(9) },
    { ...SIGN_IN, user_name: "Root", ...at(9) },
    { ...SIGN_IN, user_name: "bob", ...at(9) },
  );
  const { things, lookedFor } = await searchActivity(scene.ctx, {
    accounts: ["Ann@Example.org", "root", "customers/6", "root", "no' or 1=1 --"],
    after: AFTER,
    before: BEFORE,
  });
  assert.deepEqual(things.map(({ thing }) => thing).toSorted(), ["customers/3", "root"]);
  assert.deepEqual(lookedFor, {
    as: "accounts",
    count: 5,
    plain: 2,
    ambiguous: 1,
    unregistered: 0,
  });
});

test("a number that is one account's id and another's user name is each where it stands", async () => {
  await using scene = await sceneWith(
    { ...SIGN_IN, user_name: "7", ...at(9) },
    { ...CALL, actor_user_uid: "7", ...at(9) },
    { ...CALL, actor_user_uid: "7", ...at(9) },
  );
  await scene.customers(
    "id,email,username,name,country,region,language,do_not_contact\n7,a@example.org,ann,,,,,\n8,b@example.org,7,,,,,\n",
  );
  const of = async (account: string): Promise<string[]> =>
    seenIn(await searchActivity(scene.ctx, { accounts: [account], after: AFTER, before: BEFORE }));
  assert.deepEqual(await of("customers/7"), ["customers/7 2/2"]);
  assert.deepEqual(await of("customers/8"), ["customers/8 1/1"]);
});

test("nobody seen is said with where was looked, never as none: hours, kinds that no source records, silent sources", async () => {
  await using scene = await sceneWith(
    { ...SIGN_IN, user_name: "bob", ...at(9) },
    { class_uid: 4002, activity_id: 3, ...at(9) },
  );
  await put(scene, "web.log", [{ class_uid: 4002, activity_id: 3, ...at(9) }]);
  await put(scene, "old.log", [{ ...CALL, actor_user_name: "dave", ...at(1) }]);
  const found = await searchActivity(scene.ctx, {
    cohort: "french",
    incident: INCIDENT,
    after: AFTER,
    before: BEFORE,
  });
  assert.equal(verdictOf(found), "not seen in 2 sources, 1 of 4 hours: none of 3 accounts");
  const limits = limitsOf(reachOf(found));
  assert.equal(limits[0], "3 of 4 hours have no record in any source");
  assert.match(
    limits[1] ?? "",
    /^no source records: .*password resets and changes; second factors/,
  );
  assert.doesNotMatch(limits[1] ?? "", /sign-ins|requests|calls of an API/);
  assert.equal(limits[2], "recorded at other times, not in these hours: calls of an API");
  assert.equal(limits[3], "recorded, but not whose they are: requests to web servers");
  assert.equal(limits[4], "1 source does not say of any record whose they are");
  assert.equal(limits[5], "1 source has records at other times, none in these hours");
  const later = await searchActivity(scene.ctx, {
    accounts: ["bob"],
    after: "2026-01-04T20:00:00Z",
    before: "2026-01-04T21:00:00Z",
  });
  assert.equal(verdictOf(later), "nothing was searched: no source has a record in these hours");
});

test("a sign-in that tells of a second factor records second factors", async () => {
  await using scene = await sceneWith({ ...SIGN_IN, user_name: "bob", is_mfa: true, ...at(9) });
  const found = await searchActivity(scene.ctx, {
    accounts: ["dave"],
    after: AFTER,
    before: BEFORE,
  });
  const factor = found.searched.families.find(({ family }) => family === "second-factor");
  assert.deepEqual([factor?.sources, factor?.named, factor?.sourcesEver], [1, 1, 1]);
});

test("resources are seen where something was done on them, and on machines where somebody signed in", async () => {
  await using scene = await sceneWith(
    { ...CALL, actor_user_name: "bob", resource_uid: "SRV-1", ...at(9) },
    {
      ...SIGN_IN,
      user_name: "root",
      device_hostname: "srv-2",
      src_endpoint_ip: "203.0.113.9",
      ...at(10),
    },
    { class_uid: 1007, device_hostname: "srv-3", user_name: "root", ...at(10) },
    { class_uid: 4001, dst_endpoint_ip: "192.0.2.5", ...at(10) },
  );
  const found = await searchActivity(scene.ctx, {
    resources: ["srv-1", "srv-2", "srv-3", "192.0.2.5", "srv-9"],
    after: AFTER,
    before: BEFORE,
  });
  assert.deepEqual(
    found.things.map(({ thing, others, addresses }) => [thing, others, addresses]),
    [
      ["192.0.2.5", [], []],
      ["srv-1", ["bob"], []],
      ["srv-2", ["root"], ["203.0.113.9"]],
    ],
  );
  assert.equal(verdictOf(found), "seen in 1 source, 2 of 4 hours: 3 of 5 resources, in 3 events");
});

test("a search is kept as it was, with its ledger entry, and with a note where it is for an incident", async () => {
  await using scene = await sceneWith({ ...SIGN_IN, user_name: "dave\u0000\u202E", ...at(9) });
  const found = await searchActivity(scene.ctx, {
    accounts: ["dave\u202E"],
    incident: INCIDENT,
    after: AFTER,
    before: BEFORE,
  });
  assert.deepEqual((await kindsIn(scene.ctx)).slice(-2), ["activity.searched", "note.written"]);
  const [note] = await scene.ctx.db.read<{ says: string }[]>`select says from notes`;
  assert.equal(note?.says, noteOf(found));
  assert.deepEqual(await showActivity(scene.ctx, { id: found.id }), found);
  assert.equal((await kindsIn(scene.ctx)).at(-1), "activity.read");
  const [listed] = await listActivity(scene.ctx, { incident: INCIDENT });
  assert.equal(listed?.verdict, verdictOf(found));
  await assert.rejects(showActivity(scene.ctx, { id: crypto.randomUUID() }), { code: "not_found" });
});

test("what is missing or too much is refused before anything is looked for", async () => {
  await using scene = await sceneWith({ ...SIGN_IN, user_name: "dave", ...at(9) });
  const refused = async (input: object, code: string): Promise<void> => {
    await assert.rejects(searchActivity(scene.ctx, { after: AFTER, ...input }), { code });
  };
  await refused({}, "invalid");
  await refused({ accounts: ["a"], resources: ["b"] }, "invalid");
  await refused({ cohort: "french" }, "invalid");
  await refused({ cohort: "no such", incident: INCIDENT }, "invalid");
  await refused({ cohort: "french", incident: "no-such" }, "not_found");
  await refused({ accounts: ["a"], incident: "no-such" }, "not_found");
  await refused({ accounts: ["a"], before: AFTER }, "invalid");
  await refused({ accounts: ["two\nlines"] }, "invalid");
  const actor = { ...actorWithAllScopes("eve", "cli"), scopes: new Set(["events:read"] as const) };
  await assert.rejects(
    searchActivity({ ...scene.ctx, actor }, { accounts: ["a"], after: AFTER, incident: INCIDENT }),
    { code: "forbidden" },
  );
});

test("nothing of what was looked for is left in the store", async () => {
  await using scene = await sceneWith({ ...SIGN_IN, user_name: "dave", ...at(9) });
  const click = await scene.ctx.click();
  const left = async (): Promise<number> =>
    (
      await click.query(
        z.object({ name: z.string() }),
        "select name from system.tables where database = currentDatabase() and name like 'looked_for_%'",
      )
    ).length;
  await searchActivity(scene.ctx, { accounts: ["dave"], after: AFTER });
  assert.equal(await left(), 0);
});
