// A first incident from an empty folder to its proof: once word for word as the README has it, once for what must not work.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { z } from "zod";
import { BCRYPT, INCIDENT, littleHost, type LittleHost, ROOT } from "../support/little-host.ts";

test("the README's first incident works word for word", async () => {
  const home = await mkdtemp(join(tmpdir(), "tocsin-readme-"));
  chmodSync(home, 0o711);
  try {
    const said = await follow(await firstIncident(), home);
    assert.match(said, /the ledger is whole · \d\d entries, 9 members/);
    const [folder = ""] = await readdir(home);
    const here = join(home, folder, "little-host");
    const html = await readFile(join(here, "incidents/leak/report.html"), "utf8");
    assert.ok(html.includes("A backup was readable on the internet"));
    assert.doesNotMatch(html, /(src|href)="(https?:)?\/\//);
    const mails = await mailsIn(join(here, "mailbox"));
    const told = mails.map(({ to, subject }) => `${to}: ${subject}`).toSorted();
    const first = "Your Little Host account: what happened and what to do";
    assert.deepEqual(told, [
      `ada: ${first}`,
      "bela: Correction: your Little Host account was not affected",
      `bela: ${first}`,
      `chiyo: ${first}`,
      `chiyo: ${first}`,
      `dora: ${first}`,
    ]);
    const [before, after] = mails.filter(({ to }) => to === "chiyo");
    assert.doesNotMatch(before?.text ?? "", /password in scrambled form/);
    assert.match(after?.text ?? "", /password in scrambled form/);
  } finally {
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  }
});

/** The commands of that section, in their order. */
async function firstIncident(): Promise<string> {
  const readme = await readFile(join(ROOT, "README.md"), "utf8");
  const section = /## A first real incident in ten minutes\n(.*?)\n## /s.exec(readme)?.[1] ?? "";
  const blocks = [...section.matchAll(/```sh\n(.*?)```/gs)].map(([, block]) => block ?? "");
  assert.equal(blocks.length, 9);
  return blocks.join("\n");
}

// As a person would, in the checkout, but with a home, a temp folder and a port of its own.
async function follow(commands: string, home: string): Promise<string> {
  const port = await freePort();
  const script = commands
    .replace("tocsin mailbox mailbox", `tocsin mailbox mailbox --port ${port}`)
    .replaceAll("2525", String(port));
  const env = { PATH: process.env["PATH"], HOME: home, TMPDIR: home, TOCSIN_ACTOR: "sam" };
  const child = spawn("bash", ["-c", script], {
    cwd: ROOT,
    env,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => said.push(text));
  const late = setTimeout(() => child.pid && process.kill(-child.pid, "SIGTERM"), 240_000);
  await once(child, "close");
  clearTimeout(late);
  return said.join("");
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  return address !== null && typeof address === "object" ? address.port : 0;
}

type Mail = { readonly to: string; readonly subject: string; readonly text: string };

async function mailsIn(folder: string): Promise<Mail[]> {
  const files = (await readdir(folder)).toSorted();
  return await Promise.all(
    files.map(async (file) => {
      const text = (await readFile(join(folder, file), "utf8")).replaceAll("=\r\n", "");
      const to = /^To: <([a-z]+)@/m.exec(text)?.[1] ?? "";
      return { to, subject: /^Subject: (.*)$/m.exec(text)?.[1]?.trim() ?? "", text };
    }),
  );
}

const Plan = z.object({
  digest: z.string(),
  fresh: z.boolean(),
  form: z.object({
    wave: z.int(),
    steps: z.array(z.object({ kind: z.string(), targets: z.int() })),
  }),
});
const Run = z.object({
  progress: z.object({ state: z.string(), steps: z.array(z.object({ done: z.int() })) }),
});

test("only the approved plan is applied, once, and each wave writes only what is new", async () => {
  await using host = await littleHost();
  const sam = join(host.folder, "sam.key");
  await writeFile(join(host.folder, "allowed_signers"), await signers(host.folder, sam));
  await host.serve();
  await host.run(["registry", "refresh"]);
  await host.run(["new", "leak"]);

  const plan = await host.json(Plan, ["plan", "leak"]);
  const again = await host.json(Plan, ["plan", "leak"]);
  assert.deepEqual([plan.fresh, again.fresh], [true, false]);
  assert.equal(again.digest, plan.digest);

  const unapproved = await host.run(["apply", "leak"]);
  assert.equal(unapproved.status, 78, unapproved.err);
  assert.match(unapproved.err, /has 0 of 1 approvals/);
  const planner = await host.run(["approve", "leak", "--as", "sam", "--sign", sam]);
  assert.equal(planner.status, 78, planner.err);
  assert.match(planner.err, /sam made this plan: somebody else must approve it/);
  const borrowed = await host.run(["approve", "leak", "--as", "kim", "--sign", sam]);
  assert.equal(borrowed.status, 78, borrowed.err);
  assert.deepEqual(host.mails, []);

  assert.equal((await host.approve("leak")).status, 0);
  assert.equal((await host.approve("leak")).status, 73); // once a person and key
  const run = await host.json(Run, ["apply", "leak", "--wait"]);
  assert.deepEqual(run.progress, { state: "complete", steps: [{ done: 2 }] });
  await host.json(Run, ["apply", plan.digest, "--wait"]);
  assert.deepEqual(recipients(host), ["ada@customer.example", "bela@customer.example"]);

  await host.write("incidents/leak/incident.yaml", GROWN);
  await host.write(
    "incidents/leak/evidence/more.csv",
    `id,email,username,password_hash\n1,ada@customer.example,ada,${BCRYPT}\n4,dora@customer.example,dora,${BCRYPT}\n`,
  );
  await host.write("incidents/leak/evidence/withdrawn.csv", "id\n2\n");
  await host.write("incidents/leak/notices/sorry.en.md", SORRY);
  const second = await host.json(Plan, ["plan", "leak"]);
  const steps = second.form.steps.map(({ kind, targets }) => `${kind} ${targets}`);
  assert.deepEqual([second.form.wave, ...steps], [2, "notice 1", "correction 1"]);
  assert.equal((await host.approve("leak")).status, 0);
  await host.json(Run, ["apply", "leak", "--wait"]);
  assert.deepEqual(recipients(host, 2), ["bela@customer.example", "dora@customer.example"]);
});

/** Of the messages from that place on, in order of the address. */
function recipients({ mails }: LittleHost, from = 0): string[] {
  const all: string[] = mails.slice(from).map(({ to }) => to);
  return all.toSorted();
}

async function signers(folder: string, sam: string): Promise<string> {
  const { makeSigningKey } = await import("../../src/incidents/signing/ssh-key.ts");
  const line = await makeSigningKey(sam, "sam");
  const kim = await readFile(join(folder, "allowed_signers"), "utf8");
  return `${kim}sam namespaces="tocsin" ${line.split(" ").slice(0, 2).join(" ")}\n`;
}

const GROWN = INCIDENT.replace(
  "cohorts:",
  "  more: { file: evidence/more.csv, kind: records }\n" +
    "  withdrawn: { file: evidence/withdrawn.csv, kind: records, withdraws: dump }\ncohorts:",
)
  .replaceAll("in: dump", "in: [dump, more]")
  .replace(
    "obligations",
    "  - { to: affected, text: notices/sorry, correction: true }\nobligations",
  );

const SORRY = `# Correction

{{ greeting }}

That {{ accounts }} was in it was wrong. We had named: {{ exposed }}

{{ reference }}
`;
