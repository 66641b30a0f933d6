import assert from "node:assert/strict";
import { test } from "node:test";
import { incidentScene, kindsIn, type Scene } from "../../test/support/incident.ts";
import { putEvents, type PutEvent } from "../../test/support/put-events.ts";
import { TocsinError } from "../core/errors.ts";
import { actorWithAllScopes } from "../core/scope.ts";
import { placeWords } from "./line-words.ts";
import { searchActivity } from "./search-activity.ts";
import { showAccount, type AccountLine } from "./show-account.ts";

type Columns = NonNullable<PutEvent["columns"]>;

const SIGN_IN = { class_uid: 3002, activity_id: 1, activity_name: "Logon", status_id: 1 };
const RESET = { class_uid: 3001, activity_id: 4, activity_name: "Password Reset", status_id: 1 };
const CALL = { class_uid: 6003, activity_id: 2, activity_name: "Read", status_id: 1 };

async function sceneWith(
  events: readonly Columns[],
  more: { source?: string; product?: string } = {},
): Promise<Scene> {
  const scene = await incidentScene();
  if (events.length > 0) await put(scene, events, more);
  return scene;
}

async function put(
  { ctx }: Scene,
  events: readonly Columns[],
  { source = "app.log", product = "" }: { source?: string; product?: string } = {},
): Promise<void> {
  await putEvents(await ctx.click(), {
    source,
    format: "json",
    product,
    events: events.map((columns) => ({ raw: "{}", columns })),
  });
}

function at(minute: number, hour = 10): { time: string } {
  return { time: new Date(Date.UTC(2026, 0, 4, hour, minute)).toISOString() };
}

function told({ first, family, events, address, isNew, role, other, things }: AccountLine): string {
  const words = [
    first.slice(11, 16),
    family,
    events > 1 ? `×${events}` : "",
    things > 1 ? `${things} things` : "",
    address,
    role === "self" ? "" : `${role} ${other}`,
    isNew.length === 0 ? "" : `new ${isNew.join(",")}`,
  ];
  return words.filter((word) => word !== "").join(" ");
}

test("an account is found by any of its identifiers, however the logs write it, and nobody else is", async () => {
  await using scene = await sceneWith([
    { ...SIGN_IN, user_name: "BOB", ...at(1) },
    { ...SIGN_IN, user_email_addr: "Bob@Example.org", ...at(2) },
    { ...CALL, actor_user_uid: "2", ...at(3) },
    { ...CALL, actor_user_name: "bob@example.org", ...at(4) },
    { ...SIGN_IN, user_name: "bobby", ...at(5) },
    { ...CALL, actor_user_uid: "22", ...at(6) },
  ]);
  for (const who of ["bob", " BOB@example.org", "2", "customers/2"]) {
    const { events, registry, account, lines } = await showAccount(scene.ctx, { who });
    assert.deepEqual(
      { events, registry, account },
      { events: 4, registry: "customers", account: "2" },
      who,
    );
    assert.deepEqual(lines.map(told), ["10:01 sign-in ×2", "10:03 api ×2"]);
  }
  const spellings = (await showAccount(scene.ctx, { who: "bob" })).spellings;
  assert.deepEqual(spellings.map(({ text }) => text).toSorted(), [
    "2",
    "BOB",
    "Bob@Example.org",
    "bob@example.org",
  ]);
});

test("a name that no registry knows is looked for as the logs have it", async () => {
  await using scene = await sceneWith([
    { ...SIGN_IN, user_name: "Root", ...at(1) },
    { ...SIGN_IN, user_name: "rooted", ...at(2) },
  ]);
  const { registry, events } = await showAccount(scene.ctx, { who: "root" });
  assert.deepEqual([registry, events], [undefined, 1]);
  assert.equal((await showAccount(scene.ctx, { who: "nobody" })).events, 0);
});

test("an identifier of several accounts is refused with the choices, and the look is in the ledger", async () => {
  await using scene = await sceneWith([{ ...SIGN_IN, user_name: "ann", ...at(1) }]);
  await assert.rejects(showAccount(scene.ctx, { who: "ann@example.org" }), (error) => {
    assert.ok(error instanceof TocsinError && error.code === "invalid");
    assert.deepEqual(error.problems, [
      { at: "customers/1", message: "by its e-mail address" },
      { at: "customers/3", message: "by its e-mail address" },
    ]);
    return true;
  });
  assert.equal((await kindsIn(scene.ctx)).at(-1), "account.read");
});

test("a number that is one account's id and another's user name is each where it stands", async () => {
  await using scene = await incidentScene();
  await scene.customers(
    "id,email,username,name,country,region,language,do_not_contact\n7,a@example.org,ann,,,,,\n8,b@example.org,7,,,,,\n",
  );
  await put(scene, [
    { ...SIGN_IN, user_name: "7", ...at(1) },
    { ...CALL, actor_user_uid: "7", ...at(2) },
  ]);
  const lines = async (who: string): Promise<string[]> =>
    (await showAccount(scene.ctx, { who })).lines.map(told);
  assert.deepEqual(await lines("customers/7"), ["10:02 api"]);
  assert.deepEqual(await lines("customers/8"), ["10:01 sign-in"]);
});

test("an operating system's own account numbers are nobody's customer number", async () => {
  await using scene = await sceneWith(
    [{ ...SIGN_IN, user_name: "deploy", user_uid: "2", ...at(1) }],
    {
      product: "linux",
    },
  );
  const { events, spellings } = await showAccount(scene.ctx, { who: "customers/2" });
  assert.deepEqual([events, spellings], [0, []]);
  const search = { accounts: ["customers/2"], after: "2026-01-04T00:00:00Z" };
  assert.equal((await searchActivity(scene.ctx, search)).seen, 0);
});

test("equal events are one line an hour, with what they were on counted", async () => {
  const calls = Array.from({ length: 1_000 }, (_, index) => ({
    ...CALL,
    actor_user_name: "bob",
    api_operation: "GetObject",
    resource_uid: `file-${index}`,
    time: new Date(Date.UTC(2026, 0, 4, 10, 30) + index * 3_000).toISOString(),
  }));
  await using scene = await sceneWith(calls);
  const { lines, events } = await showAccount(scene.ctx, { who: "bob" });
  assert.equal(events, 1_000);
  assert.deepEqual(lines.map(told), ["10:30 api ×600 600 things", "11:00 api ×400 400 things"]);
  assert.equal(lines[0]?.last.slice(11, 19), "10:59:57");
});

test("an address, a token and an agent are new where the account was seen with others before", async () => {
  const own = { ...SIGN_IN, user_name: "bob", src_endpoint_ip: "198.51.100.7" };
  await using scene = await sceneWith([
    { ...own, session_uid: "s1", ...at(1) },
    { ...own, session_uid: "s1", ...at(1, 12) },
    { ...own, src_endpoint_ip: "203.0.113.9", session_uid: "s2", ...at(2, 12) },
    { ...own, src_endpoint_ip: "203.0.113.9", session_uid: "s2", ...at(3, 13) },
  ]);
  const all = await showAccount(scene.ctx, { who: "bob" });
  assert.deepEqual(all.lines.map(told), [
    "10:01 sign-in 198.51.100.7",
    "12:01 sign-in 198.51.100.7",
    "12:02 sign-in 203.0.113.9 new address,token",
    "13:03 sign-in 203.0.113.9",
  ]);
  const later = await showAccount(scene.ctx, { who: "bob", from: "2026-01-04T12:00:00Z" });
  assert.deepEqual(
    later.traits.map(({ kind, value, events, isNew }) => [kind, value, events, isNew]),
    [
      ["address", "203.0.113.9", 2, true],
      ["address", "198.51.100.7", 1, false],
      ["token", "s2", 2, true],
      ["token", "s1", 1, false],
    ],
  );
  assert.equal(later.traits[1]?.first, "2026-01-04T10:01:00.000000Z");
});

test("what others did to an account, and what it did to others, says who", async () => {
  await using scene = await sceneWith([
    { ...RESET, actor_user_name: "desk", user_name: "bob", ...at(1) },
    { ...RESET, actor_user_name: "bob", user_name: "dave", ...at(2) },
    { ...RESET, actor_user_name: "bob", user_name: "bob", ...at(3) },
    { ...RESET, actor_user_name: "desk", user_name: "dave", ...at(4) },
  ]);
  assert.deepEqual((await showAccount(scene.ctx, { who: "bob" })).lines.map(told), [
    "10:01 password by desk",
    "10:02 password to dave",
    "10:03 password",
  ]);
});

test("pages of lines follow on each other without a gap or a repeat", async () => {
  const events = Array.from({ length: 25 }, (_, index) => ({
    ...SIGN_IN,
    user_name: "bob",
    src_endpoint_ip: `198.51.100.${index}`,
    ...at(Math.floor(index / 5), 10 + (index % 2)),
  }));
  await using scene = await sceneWith(events);
  const whole = (await showAccount(scene.ctx, { who: "bob" })).lines.map(told);
  const pages: string[] = [];
  for (let after: string | undefined, turn = 0; turn < 10; turn += 1) {
    const page = await showAccount(scene.ctx, {
      who: "bob",
      limit: "4",
      ...(after === undefined ? {} : { after }),
    });
    pages.push(...page.lines.map(told));
    after = page.next;
    if (after === undefined) break;
  }
  assert.deepEqual(pages, whole);
  assert.equal(whole.length, 25);
});

test("the span bounds what is shown; its hours without a record are said, and sources that are silent in it", async () => {
  await using scene = await sceneWith([
    { ...SIGN_IN, user_name: "bob", ...at(1, 10) },
    { ...SIGN_IN, user_name: "dave", ...at(1, 13) },
  ]);
  await put(scene, [{ ...CALL, actor_user_name: "dave", ...at(1, 2) }], { source: "old.log" });
  const { searched, lines } = await showAccount(scene.ctx, {
    who: "bob",
    from: "2026-01-04T09:00:00Z",
    to: "2026-01-04T15:00:00Z",
  });
  assert.equal(lines.length, 1);
  const [source] = searched.sources;
  assert.deepEqual(
    [source?.source, source?.events, source?.named, source?.hours, source?.covered],
    ["app.log", 2, 2, 6, 2],
  );
  assert.deepEqual(
    source?.gaps.map(({ from, hours }) => [from.slice(11, 16), hours]),
    [
      ["09:00", 1],
      ["11:00", 2],
      ["14:00", 1],
    ],
  );
  assert.deepEqual(searched.gaps, source?.gaps);
  assert.deepEqual(searched.silent, ["old.log"]);
  await assert.rejects(
    showAccount(scene.ctx, {
      who: "bob",
      from: "2026-01-04T09:00:00Z",
      to: "2026-01-04T09:00:00Z",
    }),
    /turn the two times around/,
  );
});

test("hostile events neither break a look nor change another account's", async () => {
  const bad = {
    ...SIGN_IN,
    user_name: "bob",
    status_detail: "x'\"\\\u0000\u202E<b>",
    session_uid: "y".repeat(100_000),
  };
  await using scene = await sceneWith([
    { ...bad, time: "1900-01-01T00:00:01Z" },
    { ...bad, time: "2299-12-31T23:59:59Z", src_endpoint_ip: "' or 1=1 --" },
    { ...SIGN_IN, user_name: "b'ob\\", ...at(1) },
  ]);
  scene.ctx.clock.set("2290-01-01T00:00:00Z");
  const { lines } = await showAccount(scene.ctx, { who: "bob" });
  assert.equal(lines.length, 1);
  assert.equal(lines[0]?.session.length, 300);
  assert.equal((await showAccount(scene.ctx, { who: "b'ob\\" })).events, 1);
  assert.equal((await showAccount(scene.ctx, { who: "' or 1=1 --" })).events, 0);
});

test("a look needs the scope, and each is in the ledger with whom it was for", async () => {
  await using scene = await sceneWith([]);
  const actor = { ...actorWithAllScopes("eve", "cli"), scopes: new Set(["people:read"] as const) };
  await assert.rejects(showAccount({ ...scene.ctx, actor }, { who: "bob" }), { code: "forbidden" });
  await showAccount(scene.ctx, { who: "nobody at all", why: "a call" });
  const [entry] = await scene.ctx.db.read<{ kind: string; actor: string }[]>`
    select kind, actor from ledger_entries order by id desc limit 1`;
  assert.deepEqual(entry, { kind: "account.read", actor: "test" });
});

test("an address is told with its country and network, and what is no address without", async () => {
  await using scene = await sceneWith([
    { ...SIGN_IN, user_name: "bob", src_endpoint_ip: "8.8.8.8", ...at(1) },
    { ...SIGN_IN, user_name: "bob", src_endpoint_hostname: "desk.example", ...at(2) },
  ]);
  const { places } = await showAccount(scene.ctx, { who: "bob" });
  assert.deepEqual(Object.keys(places).toSorted(), ["8.8.8.8", "desk.example"]);
  assert.match(placeWords(places["8.8.8.8"]), /^US, AS15169 /);
  assert.equal(placeWords(places["desk.example"]), "");
});
