// A plan for a large share of all accounts: it waits, everybody on the list hears of it, and any of them can stop it.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { littleHost, type LittleHost } from "../support/little-host.ts";

const ALARM = "[oncall@little.example, ciso@little.example]";

async function approved(delay: string): Promise<LittleHost> {
  const host = await littleHost({
    approvals: `{ ceiling: { share: 0.2, delay: ${delay}, alarm: ${ALARM} } }`,
  });
  await host.serve();
  await host.run(["registry", "refresh"]);
  await host.run(["new", "leak"]);
  await host.run(["plan", "leak"]);
  const { status, out, err } = await host.approve("leak");
  assert.equal(status, 0, err);
  assert.match(out, /Over the ceiling: not before .*; tocsin cancel [0-9a-f]{8} stops it/);
  return host;
}

async function untilMails(host: LittleHost, count: number): Promise<void> {
  for (const until = Date.now() + 30_000; host.mails.length < count; await sleep(50))
    assert.ok(Date.now() < until, `${host.mails.length} of ${count} mails came`);
}

test("over the ceiling a plan waits, the alarm says nothing of it, and cancelling ends it", async () => {
  await using host = await approved("15m");
  const early = await host.run(["apply", "leak"]);
  assert.equal(early.status, 78);
  assert.match(early.err, /over the ceiling and waits until/);

  await untilMails(host, 2);
  assert.deepEqual(host.mails.map(({ to }) => to).toSorted(), [
    "ciso@little.example",
    "oncall@little.example",
  ]);
  const [head = "", body = ""] = (await readFile(host.mails[0]?.file ?? "", "utf8")).split(
    "\r\n\r\n",
  );
  const alarm = head + Buffer.from(body, "base64").toString();
  assert.match(alarm, /tocsin cancel [0-9a-f]{8}/);
  assert.doesNotMatch(alarm, /leak|backup|ada|customer\.example|password/i);

  const cancelled = await host.run(["cancel", "leak", "--because", "not ours"], { actor: "ciso" });
  assert.equal(cancelled.status, 0, cancelled.err);
  const late = await host.run(["apply", "leak"]);
  assert.equal(late.status, 78);
  assert.match(late.err, /is cancelled/);
  assert.equal((await host.run(["cancel", "leak"])).status, 73);
  assert.equal(host.mails.length, 2);
});

test("after the delay the plan is applied like any other", async () => {
  await using host = await approved("1s");
  await sleep(1_100);
  const applied = await host.run(["apply", "leak", "--wait"]);
  assert.equal(applied.status, 0, applied.err);
  await untilMails(host, 4);
});
