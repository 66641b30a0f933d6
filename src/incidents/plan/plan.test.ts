import { test } from "node:test";
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { loadIncident } from "../../config/load-incident.ts";
import type { Context } from "../../db/context.ts";
import { NoticePerson } from "../../notices/person.ts";
import {
  CUSTOMERS,
  DUMP,
  incidentScene,
  INCIDENT,
  kindsIn,
  NOTICE,
  ORGANISATION,
  type Scene,
} from "../../../test/support/incident.ts";
import { refreshRegistry } from "../../registry/refresh-registry.ts";
import { abortRun } from "../../work/abort-run.ts";
import { apply } from "../apply.ts";
import { cancelPlan } from "./cancel-plan.ts";
import { diffPlans } from "./diff-plans.ts";
import { openIncident } from "../open-incident.ts";
import { plan } from "./plan.ts";
import { noticeTargets } from "../draft/targets.sql.ts";
import type { PlanShown } from "./show-plan.ts";
import { standingExposuresSql } from "../../scope/standing-exposures-sql.ts";

const Row = z.object({ key: z.string(), payload: z.string() });

async function draftOf(t: Scene, digest: string): Promise<string> {
  const [row] = await t.ctx.db.read<
    { draft: string }[]
  >`select draft from plans where digest = ${digest}`;
  return row?.draft ?? "";
}

/** Who is told what: `1: +user.contact.email; 3: user.account.username`, `+` being what is new to them. */
async function told(
  t: Scene,
  shown: PlanShown,
  kind: "notice" | "correction" = "notice",
): Promise<string[]> {
  const step = shown.form.steps.find((one) => one.kind === kind);
  const click = await t.ctx.click();
  const rows = await click.query(
    Row,
    "select key, payload from plan_targets where draft = {draft:UUID} and step = {step:UInt16} order by payload",
    { draft: await draftOf(t, shown.digest), step: step?.number ?? 0 },
  );
  return rows.map(({ payload }) => {
    const person = NoticePerson.parse(JSON.parse(payload));
    const accounts = person.accounts.map(({ account, exposed }) => {
      const data = exposed.map((one) => `${one.fresh ? "+" : ""}${one.category.split(".").at(-1)}`);
      return `${account} ${data.toSorted().join(" ")}`;
    });
    return `${person.to}: ${accounts.join(", ")}`;
  });
}

async function accountsOf(t: Scene, shown: PlanShown, step: number): Promise<string[]> {
  const click = await t.ctx.click();
  const rows = await click.query(
    Row,
    "select key, payload from plan_targets where draft = {draft:UUID} and step = {step:UInt16} order by key",
    { draft: await draftOf(t, shown.digest), step },
  );
  return rows.map((row) => row.key);
}

const MORE = { more: { file: "more.csv", kind: "records" } };
const BOTH = { dump: { file: "dump.csv", kind: "records" }, ...MORE };
const IN_BOTH = {
  affected: { in: ["dump", "more"] },
  hashed: { with: "user.authorization.password" },
};
function twoRegistries(): Record<string, unknown> {
  const { registry, connectors } = ORGANISATION;
  return {
    registry: {
      ...registry,
      staff: { from: { csv: "staff.csv" }, key: "id", identifiers: { email: "email" } },
    },
    connectors: { accounts: { ...connectors.accounts, of: "customers" } },
  };
}
const NOTIFY = { actions: [], notices: [{ to: "affected", text: "notices/affected" }] };
const CORRECTED = [
  { to: "affected", text: "notices/affected" },
  { to: "affected", text: "notices/correction", correction: true },
];

test("the same inputs give the same plan, and a draft that is not needed is dropped", async () => {
  await using t = await incidentScene();
  const first = await plan(t.ctx, { incident: INCIDENT });
  const second = await plan(t.ctx, { incident: INCIDENT });
  assert.deepEqual([first.fresh, second.fresh, second.digest], [true, false, first.digest]);
  assert.equal((await kindsIn(t.ctx)).filter((kind) => kind === "plan.made").length, 1);
  const click = await t.ctx.click();
  const drafts = await click.query(
    z.object({ draft: z.string() }),
    "select distinct draft from plan_targets",
  );
  assert.deepEqual(
    drafts.map((one) => one.draft),
    [await draftOf(t, first.digest)],
  );
});

test("whoever lacks the scope plans nothing and takes no evidence", async () => {
  await using t = await incidentScene();
  const before = await kindsIn(t.ctx);
  const nobody: Context = { ...t.ctx, actor: { name: "n", via: "http", scopes: new Set() } };
  await assert.rejects(plan(nobody, { incident: INCIDENT }), { code: "forbidden" });
  await assert.rejects(plan(t.ctx, { incident: "absent" }), { code: "not_found" });
  assert.deepEqual(await kindsIn(t.ctx), before);
});

test("one target, one setting or one word of a text more is another plan", async () => {
  await using t = await incidentScene();
  const seen = new Set([(await t.plan()).digest]);
  const isNew = async (what: string) => {
    const { digest } = await t.plan();
    assert.ok(!seen.has(digest), what);
    seen.add(digest);
  };
  await t.file("notices/affected.en.md", NOTICE.replace("What happened", "What has happened"));
  await isNew("a text");
  await t.incident({ title: "Another title" });
  await isNew("the title");
  await t.incident({ window: { from: "2026-01-04T10:00:00Z", to: "2026-01-04T12:00:00Z" } });
  await isNew("the window, which the notices name");
  await t.incident({ cohorts: { affected: { in: "dump" }, hashed: { in: "dump" } } });
  await isNew("a target");
});

test("a cancelled plan that is planned again has a digest of its own", async () => {
  await using t = await incidentScene();
  const first = await t.plan("contain");
  await cancelPlan(t.ctx, { plan: first.digest });
  await assert.rejects(cancelPlan(t.ctx, { plan: first.digest }), { code: "conflict" });
  await assert.rejects(t.approve(first.digest), { code: "conflict" });
  const second = await t.plan("contain");
  assert.notEqual(second.digest, first.digest);
  assert.deepEqual([second.state, second.form.again], ["planned", 1]);
  assert.equal((await t.plan("contain")).digest, second.digest);
});

test("parts hold their own steps and the whole holds both", async () => {
  await using t = await incidentScene();
  const kinds = async (part?: "contain" | "notify") =>
    (await t.plan(part)).form.steps.map((step) => step.kind);
  assert.deepEqual(await kinds("contain"), ["contain"]);
  assert.deepEqual(await kinds("notify"), ["notice"]);
  assert.deepEqual(await kinds(), ["contain", "notice"]);
});

test("a plan acts on the cohort's accounts and tells its people, each once", async () => {
  await using t = await incidentScene();
  const shown = await t.plan();
  assert.deepEqual(await accountsOf(t, shown, 1), ["1", "2"]);
  assert.deepEqual(await told(t, shown), [
    "ann@example.org: 1 +email +password +username",
    "bob@example.org: 2 +email +password +username",
    "dave@example.org: 4 +email +username",
  ]);
});

test("a notice that is planned in slices has the targets of one that is planned at once", async () => {
  await using t = await incidentScene();
  await t.run((await t.plan("notify")).digest);
  await t.incident({ evidence: BOTH, cohorts: IN_BOTH, ...NOTIFY });
  await t.file("more.csv", "id,email,password_hash\n3,carol@example.org,\n4,dave@example.org,x\n");
  const shown = await t.plan("notify");
  const draft = await draftOf(t, shown.digest);
  const click = await t.ctx.click();
  const targets = async () =>
    await click.query(
      Row,
      "select key, payload from plan_targets where draft = {draft:UUID} order by key",
      { draft },
    );
  const once = await targets();
  assert.ok(once.length > 1);
  await click.command("alter table plan_targets drop partition {draft:UUID}", { draft });
  const standing = standingExposuresSql(await loadIncident(join(t.folder, "incident.yaml"), t.ctx));
  const { step, wave } = { step: shown.form.steps[0]?.number, wave: shown.form.wave };
  for (let slice = 0; slice < 3; slice += 1) {
    const params = { draft, step, wave, incident: INCIDENT, slices: 3, slice };
    await click.command(noticeTargets(standing), params);
  }
  assert.deepEqual(await targets(), once);
});

test("an action never reaches an account of another registry that has the same id", async () => {
  await using t = await incidentScene({ organisation: twoRegistries(), open: false });
  await writeFile(join(t.dir, "staff.csv"), "id,email\n1,zoe@example.cloud\n7,yan@example.cloud\n");
  await refreshRegistry(t.ctx, {});
  await t.file(
    "staff-dump.csv",
    "id,email,password\n1,zoe@example.cloud,x\n7,yan@example.cloud,x\n",
  );
  await t.incident({
    evidence: {
      dump: { file: "dump.csv", kind: "records", registry: "customers" },
      staff: { file: "staff-dump.csv", kind: "records", registry: "staff" },
    },
    cohorts: { affected: { in: ["dump", "staff"] } },
    actions: [{ do: "accounts.lock", to: "affected" }],
    notices: [],
  });
  await openIncident(t.ctx, { incident: INCIDENT });
  const shown = await t.plan("contain");
  assert.deepEqual(await accountsOf(t, shown, 1), ["1", "2", "4"]);
  const warning = shown.view.warnings.find(({ code }) => code === "other-registry");
  assert.equal(
    warning?.message,
    "lock: 2 accounts are not of the registry customers, which accounts acts on: left out",
  );
  const click = await t.ctx.click();
  const subjects = await click.query(
    z.object({ registry: z.string() }),
    "select distinct registry from plan_targets where draft = {draft:UUID}",
    { draft: await draftOf(t, shown.digest) },
  );
  assert.deepEqual(subjects, [{ registry: "customers" }]);
});

test("the same action for two cohorts that overlap acts on an account once", async () => {
  await using t = await incidentScene();
  const lock = (to: string) => ({ do: "accounts.lock", to });
  await t.incident({ actions: [lock("hashed"), lock("affected")], notices: [] });
  const shown = await t.plan();
  assert.deepEqual(await accountsOf(t, shown, 1), ["1", "2"]);
  assert.deepEqual(await accountsOf(t, shown, 2), ["4"]);
});

test("what is done or on its way is not planned again; what was refused is", async () => {
  await using t = await incidentScene();
  await t.incident({ notices: [] });
  const first = await t.plan();
  await t.run(first.digest, ({ key }) =>
    key === "1" ? { state: "done" } : { state: "refused", reason: "x" },
  );
  const second = await t.plan();
  assert.deepEqual(await accountsOf(t, second, 1), ["2"]);
  await t.approve(second.digest);
  await apply(t.ctx, { plan: second.digest });
  const third = await t.plan();
  assert.deepEqual(await accountsOf(t, third, 1), [], "2 is on its way");
});

test("a plan whose run was aborted before anything was done can be made and approved again", async () => {
  await using t = await incidentScene();
  await t.incident({ notices: [] });
  const first = await t.plan();
  await t.approve(first.digest);
  const { run } = await apply(t.ctx, { plan: first.digest });
  await abortRun(t.ctx, { run, because: "too early" });
  await t.run((await t.plan()).digest);
  const second = await t.plan();
  assert.deepEqual(await accountsOf(t, second, 1), [], "the second run did it");
});

test("do-not-contacts and people outside the registry are not told", async () => {
  await using t = await incidentScene();
  await t.file("dump.csv", `${DUMP}eve,eve@example.org,\nzoe,zoe@example.net,\n`);
  const shown = await t.plan("notify");
  const people = await told(t, shown);
  assert.equal(people.length, 3, people.join("\n"));
  const codes = shown.view.warnings.map((one) => one.code);
  assert.ok(codes.includes("do-not-contact") && codes.includes("unregistered"), codes.join());
});

test("what identifiers do not decide is never told", async () => {
  await using t = await incidentScene();
  await t.file(
    "dump.csv",
    `email,password\nann@example.org,5f4dcc3b5aa765d61d8327deb882cf99\nfay@example.org,\n`,
  );
  const shown = await t.plan("notify");
  const [affected] = shown.view.cohorts;
  const people = await told(t, shown);
  if ((affected?.ambiguous ?? 0) > 0) assert.deepEqual(people, ["fay@example.org: 6 +email"]);
  else assert.equal(people.length, 2);
});

test("two notices over one person make one message, which names all the accounts", async () => {
  await using t = await incidentScene();
  await t.file(
    "dump.csv",
    `username,email,password\nann,,5f4dcc3b5aa765d61d8327deb882cf99\nann2,,\nbob,,\n`,
  );
  await t.file("notices/hashed.en.md", NOTICE);
  await t.incident({
    cohorts: { hashed: { with: "user.authorization.password" }, affected: { in: "dump" } },
    notices: [
      { to: "hashed", text: "notices/hashed" },
      { to: "affected", text: "notices/affected" },
    ],
  });
  const shown = await t.plan("notify");
  assert.deepEqual(await told(t, shown), ["ann@example.org: 1 +password +username, 3 +username"]);
  const second = shown.form.steps[1];
  assert.equal(second?.targets, 1, "bob alone is left for the second notice");
});

test("a later wave tells those whose exposures changed, and what is new", async () => {
  await using t = await incidentScene();
  await t.incident(NOTIFY);
  await t.run((await t.plan()).digest);
  const none = await t.plan();
  assert.deepEqual(await told(t, none), []);
  await t.file("more.csv", `username,phone\ndave,+33123456789\nfay,+33123456780\n`);
  await t.incident({ ...NOTIFY, evidence: BOTH, cohorts: IN_BOTH });
  const second = await t.plan();
  assert.equal(second.form.wave, 2);
  assert.deepEqual(await told(t, second), [
    "dave@example.org: 4 +phone_number email username",
    "fay@example.org: 6 +phone_number +username",
  ]);
});

test("who changes the address between two waves is not told twice", async () => {
  await using t = await incidentScene();
  await t.incident(NOTIFY);
  await t.run((await t.plan()).digest);
  await t.customers(CUSTOMERS.replace("dave@example.org", "david@example.org"));
  await t.file("dump.csv", DUMP);
  assert.deepEqual(await told(t, await t.plan()), []);
});

test("notices on their way count as told", async () => {
  await using t = await incidentScene();
  await t.incident(NOTIFY);
  const first = await t.plan();
  await t.approve(first.digest);
  await apply(t.ctx, { plan: first.digest });
  assert.deepEqual(await told(t, await t.plan()), []);
});

test("who was told in error is told so, of just that account, once; and anew where it is exposed again", async () => {
  await using t = await incidentScene();
  await t.file("dump.csv", `username\nann\nann2\nbob\n`);
  await t.incident(NOTIFY);
  const first = await t.plan();
  assert.deepEqual(await told(t, first), [
    "ann@example.org: 1 +username, 3 +username",
    "bob@example.org: 2 +username",
  ]);
  await t.run(first.digest);

  await t.file("taken-back.csv", `username\nann2\n`);
  const withdrawn = {
    dump: { file: "dump.csv", kind: "records" },
    back: { file: "taken-back.csv", kind: "records", withdraws: "dump" },
  };
  await t.incident({ actions: [], notices: CORRECTED, evidence: withdrawn });
  const second = await t.plan();
  assert.deepEqual(await told(t, second), []);
  assert.deepEqual(await told(t, second, "correction"), ["ann@example.org: 3 username"]);
  await t.run(second.digest);
  assert.deepEqual(await told(t, await t.plan(), "correction"), [], "corrected once");

  await t.file("more.csv", `username\nann2\n`);
  await t.incident({
    actions: [],
    notices: CORRECTED,
    evidence: { ...withdrawn, ...MORE },
    cohorts: IN_BOTH,
  });
  const third = await t.plan();
  assert.deepEqual(await told(t, third), ["ann@example.org: 1 username, 3 +username"]);
  assert.deepEqual(await told(t, third, "correction"), []);
});

test("a plan that is drafted and lost is swept by the next", async () => {
  await using t = await incidentScene();
  const click = await t.ctx.click();
  const lost = "00000000-0000-4000-8000-000000000000";
  await click.command(
    `insert into plan_targets (draft, step, key, subject, registry, account, payload)
     values ('${lost}', 1, 'k', '${lost}', '', '', '')`,
  );
  await t.plan();
  const drafts = await click.query(
    z.object({ draft: z.string() }),
    "select distinct draft from plan_targets",
  );
  assert.ok(!drafts.some((one) => one.draft === lost));
});

test("a difference names the steps and how many targets came and went", async () => {
  await using t = await incidentScene();
  const first = await t.plan();
  await t.incident({ cohorts: { affected: { in: "dump" }, hashed: "affected" } });
  const second = await t.plan();
  const diff = await diffPlans(t.ctx, { incident: INCIDENT, digest: second.digest });
  assert.equal(diff.before, first.digest);
  assert.deepEqual(
    diff.steps.map((one) => [one.name, one.change, one.added, one.removed]),
    [
      ["accounts.lock", "targets", 1, 0],
      ["notices/affected", "same", 0, 0],
    ],
  );
});

test("many small steps over many people take as many approvals as one large one", async () => {
  await using t = await incidentScene({
    organisation: { approvals: { over: 2, people: 2, ceiling: { share: 0.4 } } },
  });
  await t.incident({
    cohorts: {
      de: { country: "DE", in: "dump" },
      fr: { country: "FR", in: "dump" },
      us: { country: "US", in: "dump" },
    },
    actions: ["de", "fr", "us"].map((to) => ({ do: "accounts.lock", to })),
    notices: [],
  });
  const { form } = await t.plan();
  assert.deepEqual(
    form.steps.map((step) => step.targets),
    [1, 1, 1],
  );
  assert.deepEqual([form.approvals.people, form.approvals.over_ceiling], [2, true]);
});
