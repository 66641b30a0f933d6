import { test } from "node:test";
import assert from "node:assert/strict";
import { decide } from "../incidents/decide.ts";
import { note } from "../incidents/note.ts";
import { checkpointLedger } from "../ledger/checkpoint-ledger.ts";
import { sequenceLedger } from "../ledger/sequence-ledger.ts";
import { incidentScene, INCIDENT, type Scene } from "../../test/support/incident.ts";
import { columns, OUTCOMES, stacked } from "./charts.ts";
import { report } from "./report.ts";
import { country, percent } from "./words.ts";

/** An incident with a plan applied, one target refused. */
async function story(): Promise<Scene> {
  const t = await incidentScene();
  await decide(t.ctx, {
    incident: INCIDENT,
    what: "aware",
    because: "the log",
    at: "2026-01-04T12:00:00Z",
  });
  const { digest } = await t.plan();
  await t.run(digest, ({ key }) =>
    key === "2" ? { state: "refused", reason: "x" } : { state: "done" },
  );
  return t;
}

const VOID = new Set(["meta", "br", "hr", "img", "input", "link"]);

/** Names of elements that were opened and not closed, or closed in another order. */
function unbalanced(page: string): string[] {
  const open: string[] = [];
  const wrong: string[] = [];
  const body = page.replace(/<style>[\s\S]*?<\/style>/g, "");
  for (const [, end, name = "", own] of body.matchAll(/<(\/?)([a-z0-9]+)((?:"[^"]*"|[^">])*)>/g)) {
    if (VOID.has(name) || own?.endsWith("/")) continue;
    if (end === "") open.push(name);
    else if (open.pop() !== name) wrong.push(name);
  }
  return [...wrong, ...open];
}

test("the report answers on its first screen what happened, who, what was done and what is left", async () => {
  await using t = await story();
  const { html } = await report(t.ctx, { incident: INCIDENT });
  const first = html.slice(html.indexOf("<header"), html.indexOf("</header>"));
  const text = first.replaceAll(/<[^>]+>/g, " ").replaceAll(/\s+/g, " ");
  for (const one of [
    "A table was copied.",
    "2026-01-04 10:00 UTC to 2026-01-04 11:00 UTC",
    "company aware 2026-01-04 12:00 UTC",
    "3 people",
    "1 of 2 lock",
    "lock: 1 refused",
    "Due next: GDPR 33",
  ])
    assert.ok(text.includes(one), `${one} in ${text}`);
});

test("the report is one well-formed file that asks the network for nothing", async () => {
  await using t = await story();
  const { html } = await report(t.ctx, { incident: INCIDENT });
  assert.ok(html.startsWith("<!doctype html>"));
  assert.deepEqual(unbalanced(html), []);
  assert.doesNotMatch(html, /<script|<link|<iframe|<img|\bsrc=|url\(|@import|\bhref=/);
});

test("what people wrote is text in it, whatever it looks like", async () => {
  await using t = await story();
  const says = `</style><script>alert(1)</script>" onload="x`;
  await note(t.ctx, { incident: INCIDENT, says });
  await decide(t.ctx, { incident: INCIDENT, what: "hold", because: says });
  const { html } = await report(t.ctx, { incident: INCIDENT });
  assert.doesNotMatch(html, /<script/);
  assert.equal(html.split("</style>").length, 2);
  assert.deepEqual(unbalanced(html), []);
  assert.ok(html.includes("&lt;script&gt;alert(1)"));
});

test("the data and the page are made of the same model, and the data survive JSON", async () => {
  await using t = await story();
  const { model, html } = await report(t.ctx, { incident: INCIDENT });
  const wire = JSON.parse(JSON.stringify(model));
  assert.equal(wire.runs[0].progress.steps[0].done, 1);
  assert.equal(wire.runs[0].progress.steps[0].refused, 1);
  const sum = model.runs[0]?.rate.slots.reduce((all, slot) => all + slot.outcomes, 0);
  assert.equal(sum, 5, "two accounts and three people had an outcome");
  for (const plan of model.plans) assert.ok(html.includes(plan.digest));
  for (const one of model.evidence) assert.ok(html.includes(one.sha256));
});

test("the proof says how many entries it covers and how many came after", async () => {
  await using t = await story();
  await sequenceLedger(t.ctx);
  const { size } = await checkpointLedger(t.ctx);
  await note(t.ctx, { incident: INCIDENT, says: "later" });
  const { model, html } = await report(t.ctx, { incident: INCIDENT });
  assert.deepEqual([model.proof?.size, model.proof?.entries], [size, size + 1]);
  assert.match(html, /1 entry came after it/);
});

test("who may not read incidents gets no report", async () => {
  await using t = await incidentScene();
  const ctx = { ...t.ctx, actor: { name: "n", via: "http" as const, scopes: new Set<never>() } };
  await assert.rejects(report(ctx, { incident: INCIDENT }), { code: "forbidden" });
  await assert.rejects(report(t.ctx, { incident: "absent" }), { code: "not_found" });
});

test("a bar is cut by outcome and says the same in words", async () => {
  const none = Object.fromEntries(OUTCOMES.map((state) => [state, 0])) as Record<
    (typeof OUTCOMES)[number],
    number
  >;
  const bar = (await stacked("lock", { ...none, done: 3, refused: 1 })).toString();
  assert.match(bar, /aria-label="lock: done 3, refused 1"/);
  assert.match(bar, /is-done" style="flex-grow:0.75"/);
  assert.match((await stacked("lock", none)).toString(), /no targets/);
});

test("columns leave room for the moments when nothing came", async () => {
  const slots = [0, 1, 9].map((n) => ({ at: new Date(n * 1000).toISOString(), outcomes: 5 }));
  assert.match((await columns("t", slots, 1000)).toString(), /viewBox="0 0 10 60"/);
  assert.equal(columns("t", slots.slice(0, 1), 1000), "");
});

test("countries have names and shares are honest about little", () => {
  assert.equal(country("DE"), "Germany (DE)");
  assert.equal(country("<b>"), "<b>");
  assert.deepEqual(
    [percent(1, 10_000), percent(0, 10), percent(1, 0)],
    ["under 0.1 %", "0.0 %", "–"],
  );
});
