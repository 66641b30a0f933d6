import assert from "node:assert/strict";
import { test } from "node:test";
import { FAILED, liveScene, type LiveEvent } from "../../../test/support/live.ts";
import { takeFinding } from "../../incidents/take-finding.ts";
import { closeFinding } from "../findings/close-finding.ts";
import { findingFigures, listFindings } from "../findings/list-findings.ts";
import { ocsfFinding } from "../findings/ocsf-finding.ts";
import { showFinding } from "../findings/show-finding.ts";
import { suppressFindings } from "../findings/suppress-findings.ts";
import { openIncidents } from "./open-incidents.ts";

const ANN: LiveEvent = { body: "sign-in failed", user: "ann", ip: "203.0.113.9" };
const BOB: LiveEvent = { body: "sign-in failed", user: "bob", ip: "203.0.113.9" };
const GOOD: LiveEvent = { body: "signed in", user: "ann", ip: "203.0.113.9" };

test("what arrives is looked at once, and a finding tells who, where, when and which events", async () => {
  await using scene = await liveScene();
  await scene.send([GOOD, ANN]);
  const stored = await scene.look();
  assert.equal(stored?.opened.length, 1);
  assert.equal(await scene.look(), undefined, "nothing has arrived since");
  const [finding] = await scene.findings();
  assert.equal(finding?.title, "Sign-in that failed");
  assert.equal(finding?.count, 1);
  assert.equal(finding?.first, "2026-01-05T09:00:00.000000Z");
  assert.deepEqual(finding?.events, [
    { source: "app", place: 2, time: "2026-01-05T09:00:00.000000Z" },
  ]);
  assert.deepEqual(
    finding?.entities.filter(({ name }) => name !== "actor.user.name"),
    [
      { name: "user.name", value: "ann" },
      { name: "src_endpoint.ip", value: "203.0.113.9" },
    ],
  );
  const entries = await scene.ctx.db
    .read`select kind from ledger_entries where kind = 'findings.found'`;
  assert.equal(entries.length, 1);
});

test("repeats fold into one while it is open, over streams too; once it is closed, the next is another", async () => {
  await using scene = await liveScene();
  await scene.send([ANN, BOB]);
  await scene.look();
  scene.ctx.clock.advance(60_000);
  await scene.send([ANN]);
  await scene.send([ANN], "other");
  const stored = await scene.look();
  assert.deepEqual([stored?.opened.length, stored?.grown.length], [0, 1]);
  const found = await scene.findings();
  assert.deepEqual(new Set(found.map(({ count }) => count)), new Set([1, 3]));
  const ann = found.find(({ count }) => count === 3);
  assert.equal(ann?.last, "2026-01-05T09:01:00.000000Z");
  assert.deepEqual(
    ann?.events.map(({ source, place }) => [source, place]),
    [
      ["app", 1],
      ["app", 3],
      ["other", 1],
    ],
  );
  await closeFinding(scene.ctx, { uid: ann?.uid ?? "", because: "it was a test" });
  await scene.send([ANN]);
  const next = await scene.look();
  assert.equal(next?.opened.length, 1);
  assert.equal((await scene.findings()).length, 3);
  await assert.rejects(closeFinding(scene.ctx, { uid: ann?.uid ?? "", because: "again" }), {
    code: "conflict",
  });
});

class Crash extends Error {}

for (const place of ["begun", "matched", "correlated", "written"] as const) {
  test(`killed when a look is ${place}, the next one loses and doubles nothing`, async () => {
    await using scene = await liveScene();
    await scene.send([ANN, ANN, GOOD]);
    const crash = (at: string): void => {
      if (at === place) throw new Crash();
    };
    await assert.rejects(scene.look(crash), Crash);
    await scene.look();
    const [finding, ...others] = await scene.findings();
    assert.equal(finding?.count, 2);
    assert.equal(others.length, 0);
  });
}

test("two processes that look at the same batches write them once", async () => {
  await using scene = await liveScene();
  await scene.send([ANN, ANN]);
  const looks = await Promise.allSettled([scene.look(), scene.look()]);
  const failed = looks.filter(({ status }) => status === "rejected");
  assert.ok(failed.length <= 1);
  for (const one of failed)
    if (one.status === "rejected") assert.equal(one.reason.code, "conflict");
  const [finding, ...others] = await scene.findings();
  assert.equal(finding?.count, 2);
  assert.equal(others.length, 0);
});

test("a batch that is still being written holds back those after it", async () => {
  await using scene = await liveScene();
  const first = await scene.send([ANN]);
  await scene.send([BOB]);
  await scene.ctx.db.write`update ingest_batches set state = 'writing' where batch = ${first}`;
  assert.equal(await scene.look(), undefined);
  await scene.ctx.db.write`update ingest_batches set state = 'taken' where batch = ${first}`;
  assert.equal((await scene.look())?.opened.length, 2);
});

test("rules are read again when a file changes, and a bad one stops none of the others", async () => {
  await using scene = await liveScene();
  await scene.look();
  scene.rule(
    "bad.yml",
    "title: Bad\nlogsource: { service: shop }\ndetection: { condition: nothing }\n",
  );
  scene.rule(
    "good.yml",
    FAILED.replaceAll("failed", "signed").replace("-000000000001", "-000000000003"),
  );
  await scene.send([ANN, GOOD]);
  const stored = await scene.look();
  assert.equal(stored?.opened.length, 2);
});

test("what is suppressed is counted and not shown, with its end and its reason in the ledger", async () => {
  await using scene = await liveScene();
  await scene.send([ANN]);
  await scene.look();
  const until = "2026-01-06T00:00:00Z";
  const input = {
    rule: "Sign-in that failed",
    entities: { "user.name": "ann" },
    until,
    because: "a load test",
  };
  const suppressed = await suppressFindings(scene.ctx, input);
  assert.equal(suppressed.hidden, 1);
  await scene.send([ANN, ANN, BOB]);
  const stored = await scene.look();
  assert.deepEqual([stored?.opened.length, stored?.suppressed], [1, 1]);
  const shown = await listFindings(scene.ctx, {});
  assert.deepEqual(
    shown.map(({ entities }) => entities.find(({ name }) => name === "user.name")?.value),
    ["bob"],
  );
  const figures = await findingFigures(scene.ctx);
  assert.deepEqual(
    figures.suppressions.map(({ because, findings, events }) => [because, findings, events]),
    [["a load test", 1, 2]],
  );
  scene.ctx.clock.set("2026-01-06T00:00:01Z");
  await scene.send([ANN]);
  assert.equal((await scene.look())?.opened.length, 1, "its end has come");
  await assert.rejects(suppressFindings(scene.ctx, input), { code: "invalid" });
  const [entry] = await scene.ctx.db.read`
    select b.body from ledger_entries e join ledger_bodies b on b.entry = e.id where e.kind = 'findings.suppressed'`;
  assert.match(String(entry?.["body"]), /a load test/);
});

test("a finding opens an incident once, joins one that is there, and the first that fits decides", async () => {
  await using scene = await liveScene();
  const opens = [
    { tag: "attack.t9999", incident: "other" },
    { level: "medium" as const, incident: "sign-ins" },
    { rule: "Sign-in that failed", incident: "late" },
  ];
  await scene.send([ANN, BOB]);
  await scene.look();
  const crash = { opens, take: async () => await Promise.reject(new Crash()) };
  await assert.rejects(openIncidents(scene.ctx, crash), Crash);
  await Promise.all(
    [1, 2].map(async () => await openIncidents(scene.ctx, { opens, take: takeFinding })),
  );
  await openIncidents(scene.ctx, { opens, take: takeFinding });
  const incidents = await scene.ctx.db.read`select name, state, title from incidents`;
  assert.deepEqual(
    [...incidents].map((row) => ({ ...row })),
    [{ name: "sign-ins", state: "suspected", title: "Sign-in that failed" }],
  );
  const joined = await scene.ctx.db.read`
    select incident from ledger_entries where kind = 'finding.joined'`;
  assert.deepEqual(
    [...joined].map(({ incident }) => incident),
    ["sign-ins", "sign-ins"],
  );
  assert.equal((await listFindings(scene.ctx, { incident: "sign-ins" })).length, 2);
});

test("to read the lines of a finding's events is in the ledger; the finding is an OCSF Detection Finding", async () => {
  await using scene = await liveScene();
  await scene.send([{ ...ANN, body: "failed <script>alert(1)</script>" }]);
  await scene.look();
  const [found] = await scene.findings();
  const shown = await showFinding(scene.ctx, { uid: found?.uid.slice(0, 8) ?? "" });
  assert.match(shown.lines[0]?.raw ?? "", /<script>/);
  const reads = await scene.ctx.db
    .read`select kind from ledger_entries where kind = 'finding.read'`;
  assert.equal(reads.length, 1);
  const ocsf = ocsfFinding(shown, shown.lines);
  assert.equal(ocsf["class_uid"], 2004);
  assert.equal(ocsf["type_uid"], 200_401);
  assert.equal(ocsf["severity_id"], 4);
  assert.deepEqual((ocsf["finding_info"] as Record<string, unknown>)["attacks"], [
    { tactic: { uid: "TA0006", name: "credential access" } },
    { technique: { uid: "T1110" }, sub_technique: { uid: "T1110.003" } },
  ]);
  const lacks = {
    name: "mallory",
    via: "http" as const,
    scopes: new Set(["findings:read" as const]),
  };
  await assert.rejects(showFinding({ ...scene.ctx, actor: lacks }, { uid: shown.uid }), {
    code: "forbidden",
  });
});

test("a thousand people hit by one rule are findings of their own, and whoever is more is one together", async () => {
  await using scene = await liveScene();
  const events = Array.from({ length: 1_500 }, (_, n) => ({ body: "failed", user: `u${n}` }));
  await scene.send(events);
  await scene.look();
  const all = await scene.ctx.db.read<{ findings: number; events: number }[]>`
    select count(*)::int as findings, sum(count)::int as events from findings`;
  assert.deepEqual({ ...all[0] }, { findings: 1_001, events: 1_500 });
});
