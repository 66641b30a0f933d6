import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { FAILED, liveScene, type LiveEvent, MANY } from "../../../test/support/live.ts";
import { forgetMatches } from "./live-matches.ts";

const RULES = { "failed.yml": FAILED, "many.yml": MANY };

function at(seconds: number, more: Partial<LiveEvent> = {}): LiveEvent {
  const time = new Date(Date.parse("2026-01-05T08:59:00Z") + seconds * 1_000).toISOString();
  return { body: "sign-in failed", user: "ann", ip: "203.0.113.9", at: time, ...more };
}

type Scene = Awaited<ReturnType<typeof liveScene>>;

async function many(scene: Scene) {
  return (await scene.findings()).filter(({ title }) => title.startsWith("Many"));
}

test("events of several batches and streams count together, old ones are not looked at again", async () => {
  await using scene = await liveScene(RULES);
  await scene.send([at(0)]);
  await scene.look();
  await scene.send([at(20)], "other");
  await scene.look();
  assert.equal((await many(scene)).length, 0);
  await (await scene.ctx.click()).command("truncate table events");
  await scene.send([at(60)]);
  await scene.look();
  const [finding, ...others] = await many(scene);
  assert.equal(others.length, 0);
  assert.equal(finding?.count, 3);
  assert.deepEqual(finding?.entities, [{ name: "client.address", value: "203.0.113.9" }]);
  assert.deepEqual(
    finding?.events.map(({ source, place }) => [source, place]),
    [
      ["app", 1],
      ["other", 1],
      ["app", 2],
    ],
  );
});

test("what a correlation refers to is no finding by itself", async () => {
  await using scene = await liveScene(RULES);
  await scene.send([at(0)]);
  await scene.look();
  assert.deepEqual(await scene.findings(), []);
});

test("correlations that look at different fields of one rule each have their own", async () => {
  const users = MANY.replace("Many sign-ins", "Many users").replace("0002", "0003");
  await using scene = await liveScene({
    ...RULES,
    "users.yml": users
      .replace("event_count", "value_count")
      .replace("group-by: [client.address]", "group-by: [resource.service.name, body]")
      .replace("{ gte: 3 }", "{ field: user.name, gte: 2 }"),
  });
  await scene.send([at(0), at(1, { ip: "192.0.2.7" }), at(2, { user: "bob" })]);
  await scene.look();
  assert.deepEqual(
    (await many(scene)).map(({ entities }) => entities.map(({ value }) => value)),
    [["shop", "sign-in failed"]],
  );
  await scene.send([at(3)]);
  await scene.look();
  assert.deepEqual(
    (await many(scene)).map(({ count }) => count).toSorted((a, b) => a - b),
    [3, 4],
  );
});

test("a microsecond over the timespan is too far apart, and another address is another group", async () => {
  await using scene = await liveScene(RULES);
  await scene.send([at(0), at(30), at(60.001), at(31, { ip: "203.0.113.10" })]);
  await scene.look();
  assert.equal((await many(scene)).length, 0);
});

test("a hit that goes on over many looks is one finding that counts each event once", async () => {
  await using scene = await liveScene(RULES);
  for (let n = 0; n < 12; n += 1) {
    await scene.send([at(n * 10)]);
    await scene.look();
  }
  const [finding, ...others] = await many(scene);
  assert.equal(others.length, 0);
  assert.equal(finding?.count, 12);
  assert.equal(finding?.events.length, 12);
  assert.equal(finding?.value, 7);
});

test("a late event within the allowance makes the hit that it would have made in time; a later one does not", async () => {
  await using scene = await liveScene(RULES);
  const now = (s: number): LiveEvent => at(s);
  await scene.send([now(0), now(20)]);
  await scene.look();
  scene.ctx.clock.advance(4 * 60_000);
  await scene.send([now(10)]);
  await scene.look();
  assert.equal((await many(scene))[0]?.count, 3);
  await scene.send([now(0), now(1)].map((event) => ({ ...event, ip: "203.0.113.77" })));
  scene.ctx.clock.advance(10 * 60_000);
  await scene.send([{ ...now(2), ip: "203.0.113.77" }]);
  await scene.look();
  assert.equal((await many(scene)).length, 1, "the third of that address came after the allowance");
});

class Crash extends Error {}

for (const place of ["begun", "matched", "correlated", "written"] as const) {
  test(`killed when a look is ${place}, a correlation counts each event once`, async () => {
    await using scene = await liveScene(RULES);
    await scene.send([at(0), at(1)]);
    await scene.look();
    await scene.send([at(2), at(3)]);
    const crash = (where: string): void => {
      if (where === place) throw new Crash();
    };
    await assert.rejects(scene.look(crash), Crash);
    await scene.look();
    const [finding, ...others] = await many(scene);
    assert.equal(others.length, 0);
    assert.equal(finding?.count, 4);
    await scene.send([at(4)]);
    await scene.look();
    assert.equal((await many(scene))[0]?.count, 5);
  });
}

const CHAIN = `title: Three addresses with many failures
id: 5f0e0b6a-0000-4000-8000-000000000004
level: critical
correlation:
  type: value_count
  rules: [many]
  timespan: 10m
  condition: { field: client.address, gte: 2 }
`;

test("a chain of correlations fires as its inner ones do, over looks", async () => {
  await using scene = await liveScene({
    "failed.yml": FAILED,
    "many.yml": MANY.replace("level: critical", "level: high\nname: many"),
    "chain.yml": CHAIN,
  });
  await scene.send([at(0), at(1), at(2)]);
  await scene.look();
  await scene.send([at(3), at(4), at(5)].map((event) => ({ ...event, ip: "203.0.113.10" })));
  await scene.look();
  const found = await scene.findings();
  assert.deepEqual(
    found.map(({ title }) => title),
    ["Three addresses with many failures"],
  );
});

test("what no window reaches any more is forgotten", async () => {
  await using scene = await liveScene(RULES);
  await scene.send([at(0)]);
  await scene.look();
  const click = await scene.ctx.click();
  const count = async (): Promise<number | undefined> =>
    (await click.query(z.object({ n: z.number() }), "select count() as n from live_matches"))[0]?.n;
  await forgetMatches(click, new Date("2026-01-05T12:00:00Z"));
  assert.equal(await count(), 1);
  await forgetMatches(click, new Date("2026-01-06T00:00:00Z"));
  assert.equal(await count(), 0);
});
