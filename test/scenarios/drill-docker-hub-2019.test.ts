import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { type DrillInput, runDrill } from "../../src/drills/docker-hub-2019.ts";

const PROGRAM = new URL("../../bin/tocsin.ts", import.meta.url).pathname;

async function drill(
  given: Partial<DrillInput>,
  use: (below: string, input: DrillInput) => Promise<void>,
): Promise<void> {
  const below = await mkdtemp(join(tmpdir(), "tocsin-scenario-"));
  try {
    await use(below, {
      name: "docker-hub-2019",
      scale: 0.002,
      seed: 2019,
      keep: false,
      killEvery: 0,
      folder: below,
      tocsin: [process.execPath, PROGRAM],
      environment: process.env,
      signal: new AbortController().signal,
      say: () => {},
      ...given,
    });
  } finally {
    await rm(below, { recursive: true, force: true });
  }
}

test("docker-hub-2019 is answered by commands alone, and every check from outside passes", async () => {
  await drill({}, async (below, input) => {
    const result = await runDrill(input);
    assert.deepEqual(
      result.checks.filter(({ ok }) => !ok),
      [],
    );
    assert.deepEqual(
      [result.lost, result.duplicates, result.wrong, result.unknown, result.untouchedChanged],
      [0, 0, 0, 0, 0],
    );
    assert.equal(result.ok, true);
    assert.equal(result.affected, 380);
    assert.ok(
      result.notified.first > 300 && result.notified.second > 0 && result.notified.corrections > 0,
    );
    assert.ok(result.peakRssBytes > 50_000_000 && result.peakRssBytes < 2 ** 30);
    assert.deepEqual(await readdir(below), [], "nothing is left");
  });
});

test("killed again and again, Tocsin comes to the same end", async () => {
  await drill({ killEvery: 5 }, async (_, input) => {
    const result = await runDrill(input);
    assert.ok(result.kills > 0);
    assert.deepEqual(
      result.checks.filter(({ ok }) => !ok),
      [],
    );
    assert.equal(result.ok, true);
  });
});

test("a drill that is interrupted ends its processes and leaves nothing", async () => {
  const stop = new AbortController();
  await drill({ scale: 0.001, signal: stop.signal }, async (below, input) => {
    const say = (line: string): void => {
      if (line.includes("a dump arrives")) stop.abort();
    };
    await assert.rejects(runDrill({ ...input, say }));
    assert.deepEqual(await readdir(below), []);
  });
});

test("an unknown drill is refused by name", async () => {
  await drill({ name: "no-such-drill" }, async (_, input) => {
    await assert.rejects(runDrill(input), { code: "not_found" });
  });
});

test(
  "a drill that is killed outright takes its processes with it",
  { skip: !existsSync("/proc") },
  async () => {
    const below = await mkdtemp(join(tmpdir(), "tocsin-scenario-"));
    try {
      const words = ["drill", "docker-hub-2019", "--scale", "0.001", "--folder", below];
      const child = spawn(process.execPath, [PROGRAM, ...words], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      for await (const text of child.stdout.setEncoding("utf8")) {
        if (String(text).includes("the incident is declared")) break;
      }
      assert.ok(running(below).length > 2, "Example Cloud, Tocsin and their Postgres");
      child.kill("SIGKILL");
      // A command whose server died waits a minute for it to come back, then it ends.
      for (let waited = 0; running(below).length > 0 && waited < 90_000; waited += 200)
        await delay(200);
      assert.deepEqual(running(below), []);
    } finally {
      await rm(below, { recursive: true, force: true });
    }
  },
);

/** Command lines of what runs in or for a folder. */
function running(folder: string): string[] {
  return readdirSync("/proc").flatMap((pid) => {
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      const here = /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/cwd`).startsWith(folder);
      return here || line.includes(folder) ? [line] : [];
    } catch {
      return []; // it has ended meanwhile
    }
  });
}
