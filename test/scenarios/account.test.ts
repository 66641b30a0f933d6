// docs/account.md word for word, and what a terminal is spared.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { test } from "node:test";
import { z } from "zod";
import { ROOT, tocsin } from "../support/little-host.ts";

const page = await readFile(join(ROOT, "docs", "account.md"), "utf8");
const BLOCKS = [...page.matchAll(/```sh\n(.*?)```/gs)].map(([, block]) => block ?? "");

async function follow(commands: string, folder: string): Promise<string> {
  const path = [ROOT, process.env["PATH"] ?? ""].join(delimiter);
  const env = { PATH: path, HOME: folder, TOCSIN_ACTOR: "sam", NO_COLOR: "1" };
  const child = spawn("bash", ["-e", "-c", commands], { cwd: folder, env, stdio: "pipe" });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => said.push(text));
  const [status]: unknown[] = await once(child, "close");
  assert.equal(status, 0, said.join(""));
  return said.join("");
}

async function inFolder(look: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "tocsin-account-test-"));
  chmodSync(folder, 0o711);
  try {
    await look(folder);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

test("the page's commands say of its logs what the page says, and escapes of a log do not reach the terminal", async () => {
  assert.equal(BLOCKS.length, 3);
  await inFolder(async (folder) => {
    await follow(BLOCKS[0] ?? "", folder);
    const account = await follow(BLOCKS[1] ?? "", folder);
    assert.match(account, /customers\/1 · ada@customer\.example · ada/);
    assert.match(account, /6 events/);
    assert.match(account, /sign-in refused +×2 until 22:00:02 +203\.0\.113\.9 (?:[A-Z]{2} )?new/);
    assert.match(account, /22:01:10 +signed in +203\.0\.113\.9(?: [A-Z]{2})? {2}/);
    assert.match(account, /DownloadBackup 2 different: srv-17 … +×2 until 22:02:30/);
    const activity = await follow(BLOCKS[2] ?? "", folder);
    for (const line of /```\n(not seen.*?)```/s.exec(page)?.[1]?.split("\n") ?? [])
      assert.ok(activity.includes(line.replace(/…$/, "").trim()), `${line} is in ${activity}`);
    await hostile(folder);
  });
});

const Listed = z.array(z.object({ verdict: z.string() }));
const Found = z.object({ seen: z.number(), things: z.array(z.object({ thing: z.string() })) });

async function hostile(folder: string): Promise<void> {
  const evil = "\u001B]0;owned\u0007\u202Eeve";
  const record = {
    time: "2026-11-24T23:00:00Z",
    user: "mallory",
    ip: "203.0.113.9",
    session: evil,
  };
  await writeFile(
    join(folder, "evil.ndjson"),
    `${JSON.stringify({ ...record, user: evil })}\n${JSON.stringify(record)}\n`,
  );
  await writeFile(join(folder, "list"), `\uFEFF${evil}\r\n\r\nmallory\n`);
  await tocsin(["ingest", "evil.ndjson", "--log", "api"], { folder });
  const after = ["--after", "2026-11-24T00:00Z"];
  for (const words of [
    ["account", evil],
    ["account", "mallory"],
    ["activity", "--accounts", "list", ...after],
  ]) {
    const { status, out } = await tocsin(words, { folder });
    assert.equal(status, 0, out);
    // oxlint-disable-next-line no-control-regex -- what a terminal obeys
    assert.doesNotMatch(out, /[\u001B\u0007\u202E]/u, words.join(" "));
  }
  const found = await tocsin(["activity", "--accounts", "list", ...after, "--json"], { folder });
  assert.deepEqual(
    Found.parse(JSON.parse(found.out))
      .things.map(({ thing }) => thing)
      .toSorted(),
    [evil, "mallory"].toSorted(),
  );
  const listed = Listed.parse(JSON.parse((await tocsin(["activity", "--json"], { folder })).out));
  assert.equal(listed.length, 3);
  for (const words of [
    ["activity", "--accounts", "list"],
    ["activity", "--accounts", "nowhere", ...after],
    ["activity", "--of", "affected", ...after],
    ["account", "ada", "--from", "yesterday"],
  ])
    assert.notEqual((await tocsin(words, { folder })).status, 0, words.join(" "));
}
