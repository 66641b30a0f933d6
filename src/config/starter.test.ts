import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { TocsinError } from "../core/errors.ts";
import { testContext } from "../../test/support/context.ts";
import { checkOrganisation } from "./check-organisation.ts";
import { initOrganisation, schemaText, SCHEMA_NAMES } from "./init-organisation.ts";
import { loadIncident } from "./load-incident.ts";
import { loadOrganisation } from "./load-organisation.ts";
import { newIncident } from "./new-incident.ts";

test("what init writes is valid as it stands, and is never written over", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tocsin-init-"));
  try {
    const { files } = await initOrganisation(folder);
    assert.ok(files.includes("allowed_signers"));
    const organisation = await loadOrganisation(join(folder, "tocsin.yaml"), {});
    assert.equal(organisation.approvals.people, 2);
    await assert.rejects(initOrganisation(folder), { code: "conflict" });
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("what new writes is valid as it stands, and is never written over", async () => {
  await using t = await testContext();
  const title = 'Somebody said "hello": # and more';
  const { files } = await newIncident(t.ctx, { incident: "hub-2019", title, lead: "on: call" });
  assert.deepEqual(files, [
    "incidents/hub-2019/incident.yaml",
    "incidents/hub-2019/notices/affected.en.md",
  ]);
  const file = await loadIncident(join(t.dir, "incidents/hub-2019/incident.yaml"), t.ctx);
  assert.deepEqual([file.title, file.lead], [title, "on: call"]);
  await assert.rejects(newIncident(t.ctx, { incident: "hub-2019" }), { code: "conflict" });
  await assert.rejects(newIncident(t.ctx, { incident: "../x" }), { code: "invalid" });
  const ctx = { ...t.ctx, actor: { ...t.ctx.actor, scopes: new Set<never>() } };
  await assert.rejects(newIncident(ctx, { incident: "other" }), { code: "forbidden" });
});

test("check tells of every file and connection, and of secrets that others can read", async () => {
  const token = "secrets/token";
  await using t = await testContext({
    organisation: {
      connectors: { hub: { http: { url: "http://127.0.0.1:1", token_file: token }, actions: {} } },
    },
  });
  await newIncident(t.ctx, { incident: "good" });
  await newIncident(t.ctx, { incident: "bad" });
  await writeFile(join(t.dir, "incidents/bad/incident.yaml"), "incident: bad\ntitel: x\n");
  await mkdir(join(t.dir, "secrets"));
  await writeFile(join(t.dir, token), "s3cret");
  await chmod(join(t.dir, token), 0o644);
  const checks = [
    { name: "hub", run: () => Promise.resolve("answers") },
    {
      name: "mailer",
      run: () => Promise.reject(new TocsinError("unavailable", "does not answer")),
    },
  ];
  const found = await checkOrganisation(t.ctx, { checks });
  assert.equal(found.ok, false);
  assert.deepEqual(
    found.results.map(({ name, ok, problems }) => [name, ok, problems.length]),
    [
      ["incidents/bad/incident.yaml", false, 3],
      ["incidents/good/incident.yaml", true, 0],
      ["hub", true, 0],
      ["mailer", false, 0],
    ],
  );
  assert.deepEqual(found.warnings, [
    `${token} can be read by others on this machine: chmod 600 ${token}`,
  ]);
  await chmod(join(t.dir, token), 0o600);
  assert.deepEqual((await checkOrganisation(t.ctx, { checks })).warnings, []);
});

test("the published schemas are those of the code", async () => {
  for (const name of SCHEMA_NAMES) {
    const path = join(import.meta.dirname, "..", "..", "schemas", `${name}.schema.json`);
    assert.equal(await readFile(path, "utf8"), schemaText(name), "run node tools/schemas.ts");
  }
});
