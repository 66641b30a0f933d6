import assert from "node:assert/strict";
import { test } from "node:test";
import { TocsinError } from "../core/errors.ts";
import type { Json } from "../core/canonical.ts";
import type { Context } from "../db/context.ts";
import { testContext } from "../../test/support/context.ts";
import { appendBatch } from "./append.ts";
import { openRequest } from "./request-key.ts";
import { write } from "./write.ts";

const note = (ctx: Context, says: string): Promise<{ says: string }> =>
  write(ctx, "incidents:write", async (tx) => {
    await tx`select 1`;
    return { result: { says }, entry: { kind: "note.written", body: { says } } };
  });

const countOf = async (ctx: Context): Promise<number> => {
  const [row] = await ctx.db.read<
    { count: number }[]
  >`select count(*)::int as count from ledger_entries`;
  return row?.count ?? -1;
};

const codeOf =
  (code: string, retryable?: boolean) =>
  (error: unknown): boolean =>
    error instanceof TocsinError &&
    error.code === code &&
    (retryable === undefined || error.retryable === retryable);

test("a write commits with its entry, and is refused without its scope", async () => {
  await using t = await testContext();
  assert.deepEqual(await note(t.ctx, "one"), { says: "one" });
  assert.equal(await countOf(t.ctx), 1);
  const nobody = { ...t.ctx, actor: { ...t.ctx.actor, scopes: new Set<never>() } };
  await assert.rejects(note(nobody, "two"), codeOf("forbidden"));
  assert.equal(await countOf(t.ctx), 1);
});

test("a write that fails leaves neither its rows nor its entry", async () => {
  await using t = await testContext();
  const failing = write(t.ctx, "incidents:write", async (tx) => {
    await appendBatch(tx, t.ctx, { kind: "a.b", members: [{ id: "1", body: null }] });
    throw new TocsinError("refused", "no");
  });
  await assert.rejects(failing, codeOf("refused"));
  assert.equal(await countOf(t.ctx), 0);
});

test("the same idempotency key gives the first answer again and writes nothing", async () => {
  await using t = await testContext();
  const under = (input: Json): Context => ({
    ...t.ctx,
    requestKey: openRequest("key-1", "note", input),
  });
  assert.deepEqual(await note(under({ n: 1 }), "first"), { says: "first" });
  assert.deepEqual(await note(under({ n: 1 }), "second"), { says: "first" });
  assert.equal(await countOf(t.ctx), 1);
  await assert.rejects(note(under({ n: 2 }), "third"), codeOf("conflict"));
});

test("a request that writes twice is answered write by write", async () => {
  await using t = await testContext();
  const twice = async (mark: string): Promise<string[]> => {
    const ctx = { ...t.ctx, requestKey: openRequest("key-1", "twice", null) };
    return [(await note(ctx, `a ${mark}`)).says, (await note({ ...ctx }, `b ${mark}`)).says];
  };
  assert.deepEqual(await twice("first"), ["a first", "b first"]);
  assert.deepEqual(await twice("again"), ["a first", "b first"]);
});

test("keys of different people do not meet", async () => {
  await using t = await testContext();
  const other = { ...t.ctx, actor: { ...t.ctx.actor, name: "other" } };
  await note({ ...t.ctx, requestKey: openRequest("key-1", "note", null) }, "mine");
  assert.deepEqual(
    await note({ ...other, requestKey: openRequest("key-1", "note", null) }, "theirs"),
    { says: "theirs" },
  );
});

test("of two same requests at once one runs and both get its answer", async () => {
  await using t = await testContext();
  let ran = 0;
  const slow = (): Promise<{ ran: number }> =>
    write(
      { ...t.ctx, requestKey: openRequest("key-1", "slow", null) },
      "incidents:write",
      async (tx) => {
        ran += 1;
        await tx`select pg_sleep(0.05)`;
        return { result: { ran }, entry: { kind: "slow.done", body: null } };
      },
    );
  assert.deepEqual(await Promise.all([slow(), slow(), slow()]), [
    { ran: 1 },
    { ran: 1 },
    { ran: 1 },
  ]);
  assert.equal(await countOf(t.ctx), 1);
});

test("a failed write stores no answer: its repetition runs", async () => {
  await using t = await testContext();
  const ctx = (): Context => ({ ...t.ctx, requestKey: openRequest("key-1", "note", null) });
  await assert.rejects(
    write(ctx(), "incidents:write", () => Promise.reject(new TocsinError("refused", "no"))),
  );
  assert.deepEqual(await note(ctx(), "now"), { says: "now" });
});

test("a deadlock's victim runs again where its work is repeatable, and is retryable where it is not", async () => {
  for (const repeatable of [true, false]) {
    await using t = await testContext();
    const met = Promise.withResolvers<void>();
    let arrived = 0;
    const crossing = (first: number, second: number): Promise<{ first: number }> =>
      write(
        t.ctx,
        repeatable ? { scope: "incidents:write", repeatable } : "incidents:write",
        async (tx) => {
          await tx`set local deadlock_timeout = '20ms'`;
          await tx`select pg_advisory_xact_lock(${first})`;
          arrived += 1;
          if (arrived >= 2) met.resolve();
          await met.promise;
          await tx`select pg_advisory_xact_lock(${second})`;
          return { result: { first }, entry: { kind: "road.crossed", body: { first } } };
        },
      );
    const ends = await Promise.allSettled([crossing(1, 2), crossing(2, 1)]);
    const failed = ends.filter((end) => end.status === "rejected");
    assert.equal(failed.length, repeatable ? 0 : 1);
    assert.ok(failed.every((end) => codeOf("unavailable", true)(end.reason)));
    assert.equal(await countOf(t.ctx), repeatable ? 2 : 1);
  }
});

test("a connection lost before the commit is retryable, for nothing was written", async () => {
  await using t = await testContext();
  const cut = write(t.ctx, "incidents:write", async (tx) => {
    await tx`select pg_terminate_backend(pg_backend_pid())`;
    return { result: null, entry: { kind: "never.written", body: null } };
  });
  await assert.rejects(cut, codeOf("unavailable", true));
  assert.equal(await countOf(t.ctx), 0);
});

test("a commit whose answer was lost is not retryable, but under a key its repetition tells", async () => {
  await using t = await testContext();
  // Cuts the connection at the commit: a deferred trigger runs after the last statement, before the answer.
  await t.ctx.db.write.unsafe(`
    create table cuts (n int);
    create function cut() returns trigger language plpgsql as $$ begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$;
    create constraint trigger cut after insert on cuts deferrable initially deferred for each row execute function cut();`);
  await assert.rejects(insertCut(t.ctx), codeOf("unavailable", false));
  await assert.rejects(
    insertCut({ ...t.ctx, requestKey: openRequest("k", "cut", null) }),
    codeOf("unavailable", true),
  );
});

async function insertCut(ctx: Context): Promise<null> {
  return await write(ctx, "incidents:write", async (tx) => {
    await tx`insert into cuts values (1)`;
    return { result: null, entry: { kind: "never.known", body: null } };
  });
}
