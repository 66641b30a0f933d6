import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { testContext } from "../../test/support/context.ts";

test("a session for reading is refused a write by the database itself", async () => {
  await using t = await testContext();
  await assert.rejects(t.ctx.db.read`create table stray (a int)`, { code: "25006" });
});

test("two contexts see nothing of each other in either store", async () => {
  await using one = await testContext();
  await using other = await testContext();
  await one.ctx.db.write`create table only_mine (a int)`;
  await assert.rejects(other.ctx.db.write`select a from only_mine`, { code: "42P01" });
  const [first, second] = [await one.ctx.click(), await other.ctx.click()];
  await first.command("create table only_mine (a UInt8) order by a");
  const rows = await second.query(
    z.object({ n: z.number() }),
    "select count() as n from system.tables where database = currentDatabase() and name = 'only_mine'",
  );
  assert.deepEqual(rows, [{ n: 0 }]);
});
