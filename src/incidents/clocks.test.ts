import { test } from "node:test";
import assert from "node:assert/strict";
import { incidentScene, INCIDENT, type Scene } from "../../test/support/incident.ts";
import { clocksOf, type Clock } from "./clocks.ts";
import { decide } from "./decide.ts";

const because = "the log shows it";

async function clock(t: Scene, duty: string): Promise<Clock> {
  const found = (await clocksOf(t.ctx, INCIDENT)).find((one) => one.duty === duty);
  assert.ok(found, duty);
  return found;
}

async function aware(t: Scene, at = "2026-01-04T12:00:00Z"): Promise<void> {
  await decide(t.ctx, { incident: INCIDENT, what: "aware", because, at });
}

test("no clock runs before the company is aware", async () => {
  await using t = await incidentScene();
  for (const one of await clocksOf(t.ctx, INCIDENT)) {
    assert.deepEqual([one.duty, one.state, one.due], [one.duty, "not-started", null]);
  }
});

test("GDPR and UK GDPR run for 72 hours from aware, and from the later decision where there are two", async () => {
  await using t = await incidentScene();
  await aware(t);
  for (const duty of ["GDPR 33", "UK GDPR 33"]) {
    const one = await clock(t, duty);
    assert.deepEqual([one.state, one.due], ["running", "2026-01-07T12:00:00.000Z"]);
  }
  await aware(t, "2026-01-04T08:00:00Z");
  assert.equal((await clock(t, "GDPR 33")).due, "2026-01-07T08:00:00.000Z");
});

test("a clock that ran out is overdue and then lacks the reasons for the delay", async () => {
  await using t = await incidentScene();
  await aware(t);
  assert.ok(!(await clock(t, "GDPR 33")).lacks.includes("the reasons for the delay"));
  t.ctx.clock.set("2026-01-07T12:00:00.001Z");
  const late = await clock(t, "GDPR 33");
  assert.equal(late.state, "overdue");
  assert.ok(late.lacks.includes("the reasons for the delay"));
  await decide(t.ctx, {
    incident: INCIDENT,
    what: "other",
    because: "GDPR 33 filed with the CNIL",
  });
  const filed = await clock(t, "GDPR 33");
  assert.deepEqual([filed.state, filed.lacks], ["met", []]);
});

test("each clock says what its notification still lacks", async () => {
  await using t = await incidentScene();
  await t.incident({ window: undefined, summary: undefined, actions: [], notices: [] });
  const { lacks } = await clock(t, "GDPR 33");
  const wanted = [/became aware/, /window/, /number of people/, /consequences/, /measures/];
  for (const one of wanted)
    assert.ok(
      lacks.some((line) => one.test(line)),
      `${one} in ${lacks.join("; ")}`,
    );
});

test("California runs for 30 days, and its attorney general's 15 days begin with the notices to more than 500", async () => {
  await using t = await incidentScene();
  await aware(t);
  await t.plan();
  const people = await clock(t, "California 1798.82");
  assert.deepEqual([people.state, people.due], ["running", "2026-02-03T12:00:00.000Z"]);
  assert.equal(people.tell, "1 residents of California");
  assert.equal((await clock(t, "California 1798.82(f)")).state, "not-owed");
});

test("California is not owed where nobody lives there", async () => {
  await using t = await incidentScene();
  await aware(t);
  await t.file("dump.csv", "username\nbob\n");
  await t.incident({ cohorts: { affected: { in: "dump" } }, actions: [], notices: [] });
  await t.customers(
    "id,email,username,name,country,region,language,do_not_contact\n2,bob@example.org,bob,Bob,US,US-NY,en,\n",
  );
  await t.plan();
  assert.equal((await clock(t, "California 1798.82")).state, "not-owed");
});

test("people count as told once a notice was handed over, not when a run begins", async () => {
  await using t = await incidentScene();
  await aware(t);
  const { digest } = await t.plan("notify");
  await t.run(digest, () => ({ state: "refused", reason: "550" }));
  assert.equal((await clock(t, "GDPR 34")).state, "running");
  await t.file("more.csv", "username\nfay\n");
  await t.incident({
    evidence: {
      dump: { file: "dump.csv", kind: "records" },
      more: { file: "more.csv", kind: "records" },
    },
    cohorts: { affected: { in: ["dump", "more"] } },
    actions: [],
  });
  await t.run((await t.plan("notify")).digest);
  const told = await clock(t, "GDPR 34");
  assert.deepEqual([told.state, told.lacks], ["met", []]);
});

test("a hold is named where it stops a notice", async () => {
  await using t = await incidentScene();
  await aware(t);
  await decide(t.ctx, { incident: INCIDENT, what: "hold", because: "the police ask" });
  assert.equal((await clock(t, "GDPR 34")).why, "on hold by decision 2");
  assert.equal((await clock(t, "GDPR 33")).state, "running", "an authority is told all the same");
});

test("nothing is owed for a breach that was none", async () => {
  await using t = await incidentScene();
  await aware(t);
  await decide(t.ctx, {
    incident: INCIDENT,
    what: "refute",
    because: "a test's data",
    second: "dan",
  });
  for (const one of await clocksOf(t.ctx, INCIDENT)) assert.equal(one.state, "not-owed", one.duty);
});
