// What people and breaches get wrong: each is named with its place, and whatever is right goes on.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { z } from "zod";
import { BCRYPT, INCIDENT, littleHost } from "../support/little-host.ts";

test("a broken tocsin.yaml is refused with file, line and column, before any store opens", async () => {
  await using host = await littleHost();
  const good = await readFile(join(host.folder, "tocsin.yaml"), "utf8");
  const broken = [
    { text: good.replace("    key: id", "    key: [id"), says: /tocsin\.yaml:\d+:\d+: / },
    {
      text: good.replace("    key: id", "    kye: id"),
      says: /tocsin\.yaml:5:5: .*kye.*did you mean key/,
    },
    {
      text: good.replace("[notices]", "[notises]"),
      says: /tocsin\.yaml:12:\d+: .*notices/,
    },
    {
      text: good.replace("smtp://127.0.0.1", `\${MAIL_OF_NOBODY}`),
      says: /tocsin\.yaml:12:\d+: .*MAIL_OF_NOBODY/,
    },
  ];
  for (const { text, says } of broken) {
    await host.write("tocsin.yaml", text);
    const { status, out, err } = await host.run(["check"]);
    assert.deepEqual([status, out], [65, ""], err);
    assert.match(err, says);
  }
});

test("a broken incident.yaml stops its plan and nothing else, and names what it knows", async () => {
  await using host = await littleHost();
  await host.serve();
  await host.run(["registry", "refresh"]);
  await host.run(["new", "leak"]);
  const broken = [
    { text: INCIDENT.replace("in: dump }", "in: dmup }"), says: /incident\.yaml:8:\d+: .*dmup/ },
    { text: INCIDENT.replace("affected,", "afected,"), says: /incident\.yaml:11:\d+: .*afected/ },
    { text: INCIDENT.replace("window:", "\twindow:"), says: /incident\.yaml:\d+:\d+: / },
    {
      text: INCIDENT.replace("evidence/dump.csv", "evidence/dump.txt"),
      says: /evidence\/dump\.txt/,
    },
  ];
  for (const { text, says } of broken) {
    await host.write("incidents/leak/incident.yaml", text);
    const { status, err } = await host.run(["plan", "leak"]);
    assert.ok(status === 65 || status === 66, `${status}: ${err}`);
    assert.match(err, says);
  }
  await host.write("incidents/leak/incident.yaml", INCIDENT);
  assert.equal((await host.run(["plan", "leak"])).status, 0);
});

const Plan = z.object({
  form: z.object({ steps: z.array(z.object({ targets: z.int() })) }),
  view: z.object({ warnings: z.array(z.object({ code: z.string() })) }),
});
const Evidence = z.array(z.object({ key: z.string(), rows: z.int(), setAside: z.int() }));

test("broken rows of a dump are set aside and counted, and the rows around them stay whole", async () => {
  await using host = await littleHost();
  const rows = [
    "id,email,username,password_hash",
    `1,ada@customer.example,ada,${BCRYPT}`,
    '"2",bela@customer.example,"be\nla",',
    "too,many,columns,in,this,row",
    "short",
    `4,dora@customer.example,dora,${BCRYPT}`,
    "9,nobody@elsewhere.example,nobody,",
  ];
  await host.write("incidents/leak/evidence/dump.csv", `${rows.join("\n")}\n`);
  await host.serve();
  await host.run(["registry", "refresh"]);
  await host.run(["new", "leak"]);
  const plan = await host.json(Plan, ["plan", "leak"]);
  assert.deepEqual(
    plan.form.steps.map(({ targets }) => targets),
    [3],
  );
  assert.ok(plan.view.warnings.some(({ code }) => code === "unregistered"));
  const [dump] = await host.json(Evidence, ["evidence", "show", "leak"]);
  assert.deepEqual(dump, { key: "dump", rows: 6, setAside: 2 });
});

test("a secret file that is missing is named by check, and so is a provider that does not answer", async () => {
  const connectors = `connectors:
  hub:
    http: { url: "http://127.0.0.1:9", allow_internal: true, token_file: secrets/hub }
    actions: { end: { path: /end } }
`;
  await using host = await littleHost({ extra: connectors });
  await host.mailbox[Symbol.asyncDispose]();
  const { status, out } = await host.run(["check"]);
  assert.equal(status, 65);
  assert.match(out, /secrets\/hub is not there/);
  assert.match(out, /✗ {2}connectors\.hub/);
  assert.match(out, /✗ {2}mail\.providers\.box +does not answer/);
  assert.match(out, /✓ {2}registry\.customers/);
});
