import { test } from "node:test";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { testContext, type TestContext } from "../../../test/support/context.ts";

const CHILD = join(import.meta.dirname, "..", "..", "..", "test", "support", "ingest-child.ts");

// What the child printed last; '' where it was killed before.
async function run(t: TestContext, killAfterMs?: number): Promise<string> {
  const child = spawn(process.execPath, [CHILD, t.dir, t.databaseUrl], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    if (printed === "" && killAfterMs !== undefined)
      void delay(killAfterMs).then(() => child.kill("SIGKILL"));
    printed += text;
  });
  await new Promise((resolve) => child.once("close", resolve));
  return printed.split("\n")[1] ?? "";
}

test("a reading that is killed anywhere and begun again has every record once, and leaves nothing in the clear", async () => {
  await using t = await testContext();
  const lines = (from: number): string =>
    Array.from({ length: 60_000 }, (_, n) => {
      const time =
        n % 7 === 0 ? "never" : new Date(Date.UTC(2026, 0, 1) + (from + n) * 1_000).toISOString();
      return JSON.stringify({ time, n: from + n, text: "x".repeat(500) });
    }).join("\n");
  await writeFile(join(t.dir, "a.log"), lines(0));
  const before = await run(t);
  assert.match(before, /^60000 \d+ left 0 recorded 60000$/);
  await writeFile(join(t.dir, "a.log"), `${lines(0)}\n${lines(60_000)}`);
  for (const killAfterMs of [30, 200, 450, 800]) await run(t, killAfterMs);
  const after = await run(t);
  assert.match(after, /^120000 \d+ left 0 recorded 120000$/);
  assert.equal(await run(t), after);
  assert.deepEqual(
    (await readdir(join(t.ctx.folder.data, "tmp"))).filter((name) => name.startsWith("private-")),
    [],
  );
});
