import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { testContext } from "../../../test/support/context.ts";
import { sha256Hex } from "../../core/digest.ts";
import type { Context } from "../../db/context.ts";
import { json } from "../formats/json.ts";
import { otlp } from "../formats/otlp.ts";
import { dropUnfinished, pruneIngest } from "./drop-unfinished.ts";
import { openIngest } from "./open-ingest.ts";
import { requestRecords } from "./request-records.ts";
import { isRefusal } from "./refusal.ts";
import type { Stream } from "./stream.ts";
import type { WriteBatchInput } from "./write-batch.ts";

const STREAM: Stream = { name: "app", format: json, otlpFormat: otlp, zone: "UTC", tokenFile: "" };

function takeOf(text: string, id?: string) {
  const body = Buffer.from(text);
  const records = requestRecords(body, json);
  const request = { id, digest: sha256Hex(body), records, bytes: body.length, rejected: 0 };
  return { stream: STREAM, format: json, request };
}

async function eventsIn(ctx: Context): Promise<string[]> {
  const rows = await (
    await ctx.click()
  ).query(
    z.object({ raw: z.string() }),
    "select raw from events where source = 'app' order by place",
  );
  return rows.map(({ raw }) => raw);
}

class Crash extends Error {}

/** A process that dies at this place: its lock goes with it, and nobody is answered. */
async function dieAt(ctx: Context, place: string, text: string): Promise<void> {
  const fault: WriteBatchInput["fault"] = (at) => {
    if (at === place) throw new Crash();
  };
  await using dying = await openIngest(ctx, { fault });
  const answer = await dying.take(takeOf(text, "k1"));
  assert.ok(isRefusal(answer) && answer.status === 503);
}

for (const place of ["begun", "loaded", "finished"] as const) {
  test(`killed when a batch is ${place}, what was sent again is there once`, async () => {
    await using t = await testContext();
    await dieAt(t.ctx, place, '{"n":1}\n{"n":2}\n');
    await using next = await openIngest(t.ctx);
    assert.equal(await next.tend(), place === "finished" ? 0 : 1);
    const again = await next.take(takeOf('{"n":1}\n{"n":2}\n', "k1"));
    assert.ok(!isRefusal(again));
    assert.equal(again.records, 2);
    assert.deepEqual(await next.take(takeOf('{"n":1}\n{"n":2}\n', "k1")), again);
    assert.deepEqual(await eventsIn(t.ctx), ['{"n":1}', '{"n":2}']);
    assert.equal(await next.tend(), 0);
  });
}

test("killed while a dead one's batch is dropped, the next drops the rest of it", async () => {
  await using t = await testContext();
  await dieAt(t.ctx, "loaded", '{"n":1}\n');
  const fault = (): never => {
    throw new Crash();
  };
  const input = { owner: "11111111-1111-4111-8111-111111111111", active: new Set<number>() };
  await assert.rejects(dropUnfinished(t.ctx, { ...input, fault }), Crash);
  assert.equal(await dropUnfinished(t.ctx, input), 1);
  assert.deepEqual(await eventsIn(t.ctx), []);
  const left = await t.ctx.db.read`select id from ingest_requests`;
  assert.equal(left.length, 0);
});

test("a batch that another process is writing is left alone, and its requests are told to wait", async () => {
  await using t = await testContext();
  const loaded = Promise.withResolvers<void>();
  const holding = Promise.withResolvers<void>();
  await using theirs = await openIngest(t.ctx);
  await using ours = await openIngest(t.ctx);
  const click = await t.ctx.click();
  const slow: Context = {
    ...t.ctx,
    click: async () => ({
      ...click,
      load: async (input) => {
        await click.load(input);
        loaded.resolve();
        await holding.promise;
      },
    }),
  };
  await using writer = await openIngest(slow);
  await using ending = new AsyncDisposableStack();
  ending.defer(() => holding.resolve());
  const taking = writer.take(takeOf('{"n":1}\n', "k1"));
  await loaded.promise;
  assert.equal(await ours.tend(), 0);
  assert.equal(await theirs.tend(), 0);
  const meanwhile = await ours.take(takeOf('{"n":1}\n', "k1"));
  assert.ok(isRefusal(meanwhile) && meanwhile.status === 429);
  holding.resolve();
  assert.ok(!isRefusal(await taking));
  assert.deepEqual(await eventsIn(t.ctx), ['{"n":1}']);
});

test("after a day a request is forgotten, and rows that a dropped batch got late are gone", async () => {
  await using t = await testContext();
  await dieAt(t.ctx, "begun", '{"n":1}\n');
  await using ingest = await openIngest(t.ctx);
  await ingest.tend();
  await (
    await t.ctx.click()
  ).command("insert into events (source, batch, place, raw) select 'app', 1, 1, 'late'");
  await ingest.take(takeOf('{"n":2}\n', "k2"));
  t.ctx.clock.advance(24 * 3_600_000 + 1);
  await pruneIngest(t.ctx);
  assert.deepEqual(await eventsIn(t.ctx), ['{"n":2}']);
  assert.equal((await t.ctx.db.read`select from ingest_requests`).length, 0);
  assert.equal(
    (await t.ctx.db.read`select from ingest_batches`).length,
    2,
    "nobody looked at them yet",
  );
  await t.ctx.db.write`update detect_position set batch = 2`;
  await pruneIngest(t.ctx);
  assert.equal((await t.ctx.db.read`select from ingest_batches`).length, 0);
});

test("without the scope nothing is opened", async () => {
  await using t = await testContext();
  const actor = { name: "mallory", via: "http" as const, scopes: new Set<never>() };
  await assert.rejects(openIngest({ ...t.ctx, actor }), { code: "forbidden" });
});
