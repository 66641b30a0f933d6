// Logs that come by themselves, through `tocsin serve` as it runs: a finding while they come, an incident that it opens, and a server that is
// killed in the middle.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { littleHost, type LittleHost, type Server } from "../support/little-host.ts";

const TOKEN = "a-token-of-the-shop-0123456789";

const EXTRA = `
logs:
  shop: { ingest: { token_file: shop.token } }
detect:
  rules: [rules]
  opens: [{ level: high, incident: sign-ins }]
`;

const RULE = `title: Sign-in that failed
id: 5f0e0b6a-0000-4000-8000-000000000001
level: high
logsource: { service: shop }
detection:
  told: { body|contains: failed }
  condition: told
`;

async function host(): Promise<LittleHost> {
  const made = await littleHost({ extra: EXTRA });
  await made.write("shop.token", `${TOKEN}\n`);
  await made.write("rules/failed.yml", RULE);
  return made;
}

function record(user: string, n: number): object {
  return {
    timeUnixNano: String(BigInt(Date.now()) * 1_000_000n + BigInt(n)),
    body: { stringValue: `sign-in failed (${n})` },
    attributes: [{ key: "user.name", value: { stringValue: user } }],
  };
}

async function send(server: Server, records: readonly object[]): Promise<number> {
  const attributes = [{ key: "service.name", value: { stringValue: "shop" } }];
  const body = {
    resourceLogs: [{ resource: { attributes }, scopeLogs: [{ logRecords: records }] }],
  };
  const answer = await fetch(`${server.url}/v1/logs`, {
    method: "POST",
    headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(5_000),
  });
  await answer.arrayBuffer();
  return answer.status;
}

const Findings = z.array(
  z.object({
    class_uid: z.literal(2004),
    count: z.number(),
    observables: z.array(z.object({ name: z.string(), value: z.string() })),
  }),
);

async function countsOf(made: LittleHost): Promise<Map<string, number>> {
  const findings = await made.json(Findings, ["findings"]);
  return new Map(
    findings.map(({ observables, count }) => [
      observables.find(({ name }) => name === "user.name")?.value ?? "",
      count,
    ]),
  );
}

async function until(what: () => Promise<boolean>): Promise<void> {
  for (const since = Date.now(); !(await what()); await sleep(100))
    assert.ok(Date.now() - since < 20_000, "it did not come");
}

test("a finding comes within seconds, opens an incident once, and can be read and suppressed", async () => {
  await using made = await host();
  const server = await made.serve();
  assert.equal(await send(server, [record("ann", 1)]), 200);
  await until(async () => (await countsOf(made)).get("ann") === 1);
  const incidents = await made.json(z.array(z.object({ name: z.string(), state: z.string() })), [
    "incidents",
  ]);
  assert.deepEqual(incidents, [{ name: "sign-ins", state: "suspected" }]);
  const listed = await made.run(["findings"]);
  assert.match(listed.out, /high +1 .*ann +Sign-in that failed +sign-ins/);
  const uid = /\n([0-9a-f]{8}) /.exec(listed.out)?.[1] ?? "";
  assert.match((await made.run(["finding", uid])).out, /sign-in failed \(1\)/);
  const suppress = ["findings", "suppress", "Sign-in that failed", "user.name=ann"];
  const refused = await made.run(suppress);
  assert.equal(refused.status, 65);
  const suppressed = await made.run([
    ...suppress,
    "--until",
    "2099-01-01T00:00:00Z",
    "--because",
    "a test",
  ]);
  assert.match(suppressed.out, /1 that were open are set aside/);
  assert.match((await made.run(["findings"])).out, /nothing was found\nsuppressed until 2099/);
  const kafka = await made.run([
    "logs",
    "kafka",
    "shop",
    "--brokers",
    "k1:9092",
    "--topic",
    "shop-logs",
  ]);
  assert.match(
    kafka.out,
    /engine = Kafka\s+settings kafka_broker_list = 'k1:9092', kafka_topic_list = 'shop-logs'/,
  );
  assert.doesNotMatch(kafka.out, new RegExp(TOKEN));
});

test("killed again and again while records come, what was answered is there once and found once", async () => {
  await using made = await host();
  let server = await made.serve();
  const killing = { going: true };
  const killer = async (): Promise<void> => {
    for (let life = 0; life < 3; life += 1) {
      await sleep(1_000 + life * 333);
      await server.kill();
      server = await made.serve();
    }
    killing.going = false;
  };
  const sent = new Map<string, number>();
  const sender = async (): Promise<void> => {
    for (let n = 0; killing.going; n += 2) {
      const user = `user${(n / 2) % 3}`;
      const records = [record(user, n), record(user, n + 1)];
      // Whoever is not answered sends the same again.
      while ((await send(server, records).catch(() => 0)) !== 200) await sleep(50);
      sent.set(user, (sent.get(user) ?? 0) + 2);
    }
  };
  await Promise.all([killer(), sender()]);
  await until(async () => {
    const counts = await countsOf(made);
    return [...sent].every(([user, count]) => (counts.get(user) ?? 0) >= count);
  });
  await sleep(500);
  assert.deepEqual(await countsOf(made), sent);
});
