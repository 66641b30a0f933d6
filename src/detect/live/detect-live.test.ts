import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { FAILED, liveScene } from "../../../test/support/live.ts";
import { systemClock } from "../../core/clock.ts";
import type { Context } from "../../db/context.ts";
import { streamFigures } from "../../logs/ingest/stream-figures.ts";
import { detectLive } from "./detect-live.ts";

const ANN = { body: "sign-in failed", user: "ann", ip: "203.0.113.9" };

type Scene = Awaited<ReturnType<typeof liveScene>>;

/** One process's live detection, until it is stopped. */
function start(scene: Scene, look?: (ctx: Context) => void) {
  const ending = new AbortController();
  const base = { ...scene.ctx, clock: systemClock, signal: ending.signal };
  const ctx: Context = {
    ...base,
    click: async () => {
      look?.(base);
      return await scene.ctx.click();
    },
  };
  const take = async (): Promise<void> => {};
  const running = detectLive(ctx, { settings: scene.settings, take, pollMs: 10, reloadMs: 100 });
  return {
    stop: async () => {
      ending.abort();
      await running;
    },
  };
}

async function until(what: () => Promise<boolean>): Promise<void> {
  for (const since = Date.now(); !(await what()); await sleep(20))
    assert.ok(Date.now() - since < 10_000, "it did not come");
}

test("of two processes one looks, and the other takes over when it ends", async () => {
  await using scene = await liveScene();
  const looked = new Set<string>();
  const first = start(scene, () => looked.add("first"));
  await until(async () => await Promise.resolve(looked.has("first")));
  const second = start(scene, () => looked.add("second"));
  await scene.send([ANN]);
  await until(async () => (await scene.findings()).length === 1);
  await sleep(300);
  assert.deepEqual([...looked], ["first"]);
  await first.stop();
  await scene.send([ANN]);
  await until(async () => (await scene.findings())[0]?.count === 2);
  assert.ok(looked.has("second"));
  await second.stop();
});

test("a rule that is written while it runs is used within seconds", async () => {
  await using scene = await liveScene({});
  scene.rule("other.yml", "title: broken\n");
  const live = start(scene);
  await sleep(200);
  scene.rule("failed.yml", FAILED);
  await sleep(400);
  await scene.send([ANN]);
  await until(async () => (await scene.findings()).length === 1);
  await live.stop();
});

test("an event older than the allowance is kept, meets rules, and is counted as too late", async () => {
  await using scene = await liveScene();
  await scene.send([
    { ...ANN, at: "2026-01-05T08:54:59Z" },
    { ...ANN, at: "2026-01-05T08:55:01Z" },
    { ...ANN, at: "2026-01-05T23:00:00Z" },
  ]);
  await scene.look();
  const [figures] = await streamFigures(scene.ctx, {});
  assert.deepEqual([figures?.records, figures?.tooLate], [3, 1]);
  assert.equal((await scene.findings())[0]?.count, 3);
});

test("a clock that jumps back by a day harms nothing", async () => {
  await using scene = await liveScene();
  await scene.send([ANN]);
  await scene.look();
  scene.ctx.clock.set("2026-01-04T09:00:00Z");
  await scene.send([ANN]);
  await scene.look();
  scene.ctx.clock.set("2026-01-05T09:01:00Z");
  await scene.send([ANN]);
  await scene.look();
  const [finding, ...others] = await scene.findings();
  assert.equal(others.length, 0);
  assert.equal(finding?.count, 3);
  assert.equal(finding?.first, "2026-01-04T09:00:00.000000Z");
  assert.equal(finding?.last, "2026-01-05T09:01:00.000000Z");
  const [figures] = await streamFigures(scene.ctx, {});
  assert.equal(figures?.tooLate, 0);
});
