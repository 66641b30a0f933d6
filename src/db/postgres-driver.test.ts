import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { testContext } from "../../test/support/context.ts";

test("a pool outlives backends that die inside transactions, and loses no connection to them", async () => {
  await using t = await testContext();
  const { write } = t.ctx.db;
  for (let n = 0; n < 12; n += 1) {
    const dying = write.begin(
      async (tx) => await tx`select pg_terminate_backend(pg_backend_pid())`,
    );
    await assert.rejects(dying, ({ code }) => code === "57P01" || code === "CONNECTION_CLOSED");
  }
  // A query that meets a connection as it dies is told so and may be tried again; in the end every connection serves.
  const ask = async (): Promise<unknown> => await write`select 1 as n`;
  const askAgain = async (): Promise<unknown> =>
    await ask().catch(async () => await setTimeout(50).then(askAgain));
  const served = await Promise.all(Array.from({ length: 8 }, askAgain));
  assert.equal(served.length, 8);
});

test("a transaction that waits on something else while its backend dies is rejected, not the process ended", async () => {
  await using t = await testContext();
  const { write } = t.ctx.db;
  const waiting = write.begin(async (tx) => {
    const [row] = await tx<{ pid: number }[]>`select pg_backend_pid() as pid`;
    await write`select pg_terminate_backend(${row?.pid ?? 0})`;
    await setTimeout(50);
    return await tx`select 1`;
  });
  await assert.rejects(waiting, ({ code }) => code === "57P01" || code === "CONNECTION_CLOSED");
});
