import { test } from "node:test";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { testContext, type TestContext } from "../../test/support/context.ts";

const CHILD = join(import.meta.dirname, "..", "..", "test", "support", "scope-child.ts");

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

test("a scoping that is killed anywhere and begun again ends as one that was not, and leaves nothing in the clear", async () => {
  await using t = await testContext();
  const people = Array.from({ length: 3_000 }, (_, n) => [n, `u${n}@example.org`, `user${n}`]);
  await writeFile(
    join(t.dir, "customers.csv"),
    ["id,email,username", ...people.map((row) => row.join(","))].join("\n"),
  );
  const rows = Array.from(
    { length: 2_000 },
    (_, n) => `user${n},u${n % 1_500}@example.org,token-${n}`,
  );
  await writeFile(join(t.dir, "dump.csv"), ["username,email,api_key", ...rows].join("\n"));
  for (const killAfterMs of [20, 120, 250]) await run(t, killAfterMs);
  const after = await run(t);
  assert.match(after, /^\d+ \d+ left 0$/);
  assert.deepEqual(
    (await readdir(join(t.ctx.folder.data, "tmp"))).filter((name) => name.startsWith("private-")),
    [],
  );
  await rm(join(t.dir, ".tocsin", "clickhouse"), { recursive: true });
  assert.equal(await run(t), after);
});
