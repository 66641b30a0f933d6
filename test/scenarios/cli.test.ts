// The CLI as a stranger meets it: help, completion, mistyped commands, JSON, exit status.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { z } from "zod";
import { COMMANDS } from "../../src/cli/commands.ts";
import { helpOf } from "../../src/cli/help.ts";
import { terminalOf } from "../../src/cli/terminal.ts";
import { littleHost, tocsin } from "../support/little-host.ts";

async function inEmptyFolder(look: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "tocsin-cli-"));
  try {
    await look(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test("every command loads, and its help says what it is for and names its options", async () => {
  for (const command of COMMANDS) {
    assert.equal(typeof (await command.load()).run, "function", command.path);
    const help = helpOf(command, terminalOf(process.stdout, { NO_COLOR: "1" }));
    assert.ok(help.startsWith(`tocsin ${command.path}`), help);
    assert.ok(help.toLowerCase().includes(command.summary.toLowerCase()), help);
    for (const { name } of command.options ?? []) assert.ok(help.includes(`--${name}`), help);
  }
  await inEmptyFolder(async (folder) => {
    for (const words of [["plan"], ["registry", "refresh"], ["serve"]]) {
      const { status, out } = await tocsin([...words, "--help"], { folder });
      assert.equal(status, 0);
      assert.ok(out.startsWith(`tocsin ${words.join(" ")}`), out);
    }
  });
});

test("the overview names every command", async () => {
  await inEmptyFolder(async (folder) => {
    const { status, out } = await tocsin([], { folder });
    assert.equal(status, 0);
    for (const { path } of COMMANDS) assert.ok(out.includes(`  ${path} `), path);
  });
});

test("completion is a script that its shell parses, and knows every command", async (t) => {
  await inEmptyFolder(async (folder) => {
    for (const [shell, check] of [
      ["bash", "-n"],
      ["zsh", "-n"],
      ["fish", "--no-execute"],
    ] as const) {
      const { status, out } = await tocsin(["completion", shell], { folder });
      assert.equal(status, 0);
      for (const { path } of COMMANDS) assert.ok(out.includes(path.split(" ")[0] ?? path), path);
      const parsed = spawnSync(shell, [check], { input: out, encoding: "utf8" });
      if (parsed.error) t.diagnostic(`${shell} is not here`);
      else assert.equal(parsed.status, 0, parsed.stderr);
    }
    assert.equal((await tocsin(["completion", "tcsh"], { folder })).status, 65);
  });
});

test("bash completes commands, then their words, then incidents", async () => {
  await inEmptyFolder(async (folder) => {
    const { out } = await tocsin(["completion", "bash"], { folder });
    const ask = (...words: string[]): string => {
      const line = words.map((word) => `'${word}'`).join(" ");
      const script = `${out}\nCOMP_WORDS=(tocsin ${line}); COMP_CWORD=${words.length}; _tocsin; echo "\${COMPREPLY[*]}"`;
      return spawnSync("bash", ["-c", script], { cwd: folder, encoding: "utf8" }).stdout.trim();
    };
    assert.equal(ask("regis"), "registry");
    assert.equal(ask("registry", "ref"), "refresh");
    assert.equal(ask("plan", "--on"), "--only");
  });
});

test("a mistyped command line ends with 2 and says what would be right", async () => {
  await inEmptyFolder(async (folder) => {
    const mistyped = [
      { words: ["plam"], says: "there is no command plam" },
      { words: ["registry"], says: "registry refresh" },
      { words: ["plan"], says: "INCIDENT is missing" },
      { words: ["plan", "leak", "--onyl"], says: "usage: tocsin plan INCIDENT" },
      { words: ["note", "leak"], says: "SAYS is missing" },
      { words: ["plan", "leak", "more"], says: "what is more?" },
    ];
    const asked = mistyped.map(async ({ words, says }) => {
      const { status, out, err } = await tocsin(words, { folder });
      assert.deepEqual([status, out], [2, ""], words.join(" "));
      assert.ok(err.includes(says), err);
    });
    await Promise.all(asked);
  });
});

test("without a tocsin.yaml every command says how to get one, also as JSON", async () => {
  await inEmptyFolder(async (folder) => {
    const plain = await tocsin(["incidents"], { folder });
    assert.deepEqual([plain.status, plain.out], [66, ""]);
    assert.match(plain.err, /no tocsin\.yaml .*: tocsin init/);
    const json = await tocsin(["incidents", "--json"], { folder });
    assert.equal(json.status, 66);
    const Problem = z.object({ error: z.object({ code: z.literal("not_found") }) });
    Problem.parse(JSON.parse(json.out));
  });
});

test("every command that reads gives its result as JSON", async () => {
  await using host = await littleHost();
  await host.serve();
  await host.json(z.array(z.object({ accounts: z.literal(5) })), ["registry", "refresh"]);
  await host.json(z.object({ opened: z.literal(true) }), ["new", "leak"]);
  const planned = await host.json(z.object({ digest: z.string(), fresh: z.boolean() }), [
    "plan",
    "leak",
  ]);
  const reading = [
    ["check"],
    ["registry", "show"],
    ["registry", "set-aside"],
    ["incidents"],
    ["handover", "leak"],
    ["evidence", "show", "leak"],
    ["people", "leak"],
    ["people", "leak", "--cohort", "affected - hashed"],
    ["people", "leak", "--do-not-contact"],
    ["plan", "leak", "--diff"],
    ["approve", planned.digest],
    ["runs", "leak"],
    ["vendor", "requests", "leak"],
    ["ledger", "show"],
    ["ledger", "checkpoint"],
    ["ledger", "verify"],
    ["ledger", "prove", "1"],
    ["report", "leak"],
    ["sign-in"],
  ];
  for (const words of reading) await host.json(z.json(), words);
});
