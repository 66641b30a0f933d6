import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { FAILED, liveScene, MANY } from "../../../test/support/live.ts";
import { systemClock } from "../../core/clock.ts";
import { closeFinding } from "../findings/close-finding.ts";
import { ingestLogs } from "../../logs/sources/ingest-logs.ts";
import { lookAtSource, nextSource } from "./look-at-source.ts";
import { lookAtSources } from "./look-at-sources.ts";
import { readLiveRules } from "./read-live-rules.ts";

type Scene = Awaited<ReturnType<typeof liveScene>>;

/** A file of OTLP records at these seconds, as it is now. */
async function ingest(scene: Scene, seconds: readonly number[]): Promise<string> {
  const path = join(scene.dir, "shop.ndjson");
  const lines = seconds.map((second) =>
    JSON.stringify({
      time_unix_nano: String(BigInt(Date.UTC(2026, 2, 1, 12, 0, second)) * 1_000_000n),
      severity_number: 9,
      body: "sign-in failed",
      attributes: { "user.name": "ann", "client.address": "203.0.113.9" },
      resource: { "service.name": "shop" },
      scope: {},
    }),
  );
  writeFileSync(path, `${lines.join("\n")}\n`);
  await ingestLogs(scene.ctx, { paths: [path], format: "otlp" });
  return path;
}

/** One look, as the server's. Undefined where no log waits for one. */
async function look(scene: Scene) {
  const rules = await readLiveRules(scene.ctx, undefined);
  const waiting = await nextSource(scene.ctx);
  assert.ok(rules);
  return waiting && (await lookAtSource(scene.ctx, { rules, waiting }));
}

const BOTH = {
  "failed.yml": FAILED,
  "many.yml": MANY.replace("gte: 3 }", "gte: 3 }\n  generate: true"),
};

test("a log that was ingested is looked at once, by rules and correlations", async () => {
  await using scene = await liveScene(BOTH);
  await ingest(scene, [0, 10, 20]);
  assert.equal((await look(scene))?.opened.length, 2);
  const findings = await scene.findings();
  assert.deepEqual(findings.map(({ title, count }) => `${title}: ${count}`).toSorted(), [
    "Many sign-ins that failed: 3",
    "Sign-in that failed: 3",
  ]);
  await ingest(scene, [0, 10, 20]);
  assert.equal(await look(scene), undefined);
});

test("a log that has grown is looked at again: its findings are replaced, and what was closed stays closed until there is more", async () => {
  await using scene = await liveScene();
  await ingest(scene, [0, 10]);
  const first = await look(scene);
  await ingest(scene, [0, 10, 20]);
  assert.deepEqual((await look(scene))?.grown, first?.opened);
  assert.deepEqual(
    (await scene.findings()).map(({ count }) => count),
    [3],
  );
  const [uid = ""] = first?.opened ?? [];
  await closeFinding(scene.ctx, { uid, because: "ann forgot it" });
  await scene.ctx.db.write`update log_sources set looked_at = null`;
  assert.deepEqual(await look(scene), { opened: [], grown: [], suppressed: 0 });
  await ingest(scene, [0, 10, 20, 30]);
  assert.equal((await look(scene))?.opened.length, 1);
});

test("a log that is read again while it is looked at is looked at again", async () => {
  await using scene = await liveScene();
  await ingest(scene, [0]);
  const rules = await readLiveRules(scene.ctx, undefined);
  const waiting = await nextSource(scene.ctx);
  assert.ok(rules && waiting);
  await ingest(scene, [0, 10]);
  await assert.rejects(lookAtSource(scene.ctx, { rules, waiting }), { code: "conflict" });
  assert.equal((await scene.findings()).length, 0);
  assert.equal((await look(scene))?.opened.length, 1);
});

test("a server that starts later finds what was ingested before, and what is ingested while it runs", async () => {
  await using scene = await liveScene();
  const path = await ingest(scene, [0]);
  const ending = new AbortController();
  const ctx = { ...scene.ctx, clock: systemClock, signal: ending.signal };
  const take = async (): Promise<void> => {};
  const running = lookAtSources(ctx, { opens: [], take, pollMs: 10 });
  const counts = async (): Promise<string> =>
    (await scene.findings()).map(({ count }) => count).join();
  for (const [seconds, expected] of [
    [undefined, "1"],
    [[0, 10], "2"],
  ] as const) {
    if (seconds) assert.equal(await ingest(scene, seconds), path);
    for (const since = Date.now(); (await counts()) !== expected; await sleep(20))
      assert.ok(Date.now() - since < 10_000, `${expected} did not come`);
  }
  ending.abort();
  await running;
});
