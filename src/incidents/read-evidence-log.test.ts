import assert from "node:assert/strict";
import { mkdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { z } from "zod";
import { incidentScene, INCIDENT } from "../../test/support/incident.ts";
import { FAILED, MANY } from "../../test/support/live.ts";
import { listFindings } from "../detect/findings/list-findings.ts";
import { showFinding } from "../detect/findings/show-finding.ts";
import { takeEvidence } from "./take-evidence.ts";

function record(second: number, user: string, body = "sign-in failed"): string {
  const nanos = `${BigInt(Date.parse("2026-01-04T10:00:00Z") + second * 1_000)}000000`;
  return JSON.stringify({
    time_unix_nano: nanos,
    severity_number: 9,
    body,
    attributes: { "user.name": user, "client.address": "203.0.113.9" },
    resource: { "service.name": "shop" },
    scope: {},
  });
}

const LOG = [
  record(0, "ann"),
  record(1, "bob"),
  record(2, "ann"),
  "broken",
  record(3, "ann", "in"),
];

async function scene(as?: string) {
  const made = await incidentScene({ organisation: { detect: { rules: ["rules"] } } });
  mkdirSync(join(made.dir, "rules"));
  writeFileSync(join(made.dir, "rules", "failed.yml"), FAILED);
  writeFileSync(
    join(made.dir, "rules", "many.yml"),
    MANY.replace("timespan", "generate: true\n  timespan"),
  );
  await made.file("shop.log", `${LOG.join("\n")}\n`);
  const shop = { file: "shop.log", kind: "log", ...(as === undefined ? {} : { as }) };
  await made.incident({ evidence: { shop }, cohorts: {}, actions: [], notices: [] });
  return made;
}

test("a log that is evidence is read from its sealed copy, and what rules find in it belongs to the incident", async () => {
  await using made = await scene();
  const [taken] = await takeEvidence(made.ctx, { incident: INCIDENT });
  assert.deepEqual([taken?.records, taken?.broken, taken?.findings], [5, 1, 3]);
  const findings = await listFindings(made.ctx, { incident: INCIDENT });
  const counts = new Map(
    findings.map(({ title, entities, count }) => [
      `${title} ${entities.find(({ name }) => name === "user.name")?.value ?? ""}`,
      count,
    ]),
  );
  assert.deepEqual(
    counts,
    new Map([
      ["Sign-in that failed ann", 2],
      ["Sign-in that failed bob", 1],
      ["Many sign-ins that failed ", 3],
    ]),
  );
  rmSync(join(made.folder, "shop.log"));
  const [again] = await takeEvidence(made.ctx, { incident: INCIDENT });
  assert.deepEqual([again?.fresh, again?.records, again?.findings], [false, 5, 3]);
  const looks = await made.ctx.db
    .read`select from ledger_entries where kind = 'evidence.looked_at'`;
  assert.equal(looks.length, 1, "the same content under the same rules is not looked at again");
  const shown = await showFinding(made.ctx, { uid: findings[0]?.uid ?? "" });
  assert.equal(shown.lines[0]?.source, `${INCIDENT}/shop`);
});

test("when rules change, the log is looked at again: counts are the new ones, what is not found any more is closed", async () => {
  await using made = await scene("otlp");
  await takeEvidence(made.ctx, { incident: INCIDENT });
  const path = join(made.dir, "rules", "failed.yml");
  writeFileSync(path, FAILED.replace("body|contains: failed", "user.name: ann"));
  utimesSync(path, new Date(), new Date(Date.now() + 5_000));
  const [taken] = await takeEvidence(made.ctx, { incident: INCIDENT });
  assert.equal(taken?.findings, 2);
  const all = await listFindings(made.ctx, { incident: INCIDENT, all: "true" });
  const states = new Map(
    all.map(({ title, entities, state, count }) => [
      `${title} ${entities.find(({ name }) => name === "user.name")?.value ?? ""}`,
      [state, count],
    ]),
  );
  assert.deepEqual(states.get("Sign-in that failed ann"), ["open", 3]);
  assert.deepEqual(states.get("Sign-in that failed bob"), ["closed", 1]);
  const [events] = await (
    await made.ctx.click()
  ).query(
    z.object({ n: z.number() }),
    "select count() as n from events where source = {source:String}",
    { source: `${INCIDENT}/shop` },
  );
  assert.equal(events?.n, 5);
});

test("a log that is said to be of no format there is says so", async () => {
  await using made = await scene("nothing-like-it");
  await assert.rejects(
    takeEvidence(made.ctx, { incident: INCIDENT }),
    /neither a log of tocsin.yaml nor a format/,
  );
});
