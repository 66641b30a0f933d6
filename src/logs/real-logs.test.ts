// Real logs through the whole path, against counts that a plain look at the same lines gives.
import { readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { isIP } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import assert from "node:assert/strict";
import { z } from "zod";
import { testContext, type TestContext } from "../../test/support/context.ts";
import { sharedData } from "../../test/support/shared-data.ts";
import { noProgress } from "../core/progress.ts";
import type { LogInput } from "./list-inputs.ts";
import { readLogs } from "./read-logs.ts";

const ssh = sharedData("web-ssh/auth.log");
const web = sharedData("web-ssh/apache_logs");
const hosting = sharedData("hosting-logs.jsonl");
const skipped = (file?: string): string | false =>
  file === undefined ? "the shared data is not here" : false;

const Tried = z.object({ address: z.string(), attempts: z.number(), accounts: z.number() });

test(
  "the addresses that guessed at SSH, with their attempts and accounts, are those a plain search finds",
  {
    skip: skipped(ssh),
  },
  async () => {
    await using t = await testContext();
    const all = lines(ssh);
    const report = await read(t, [given("auth.log", all)]);
    assert.deepEqual(
      report.sources.map(({ format, records, broken }) => [format, records, broken]),
      [["syslog", all.length, 0]],
    );
    const found = await (
      await t.ctx.click()
    ).query(
      Tried,
      `select src_endpoint_ip as address, count() as attempts, uniqExact(user_name) as accounts from events
     where class_uid = 3002 and activity_id = 1 and status_id = 2 and position(raw, 'Failed ') > 0 group by address`,
    );
    const plain = new Map<string, string[]>();
    for (const line of all) {
      const [, user, address] =
        /Failed \S+ for (?:invalid user )?(.*) from (\S+) port [0-9]+/.exec(line) ?? [];
      if (user === undefined || address === undefined) continue;
      plain.set(address, [...(plain.get(address) ?? []), user]);
    }
    const expected = [...plain].map(([address, users]) => ({
      address,
      attempts: users.length,
      accounts: new Set(users).size,
    }));
    assert.ok(expected.length > 40);
    assert.deepEqual(found.toSorted(byAddress), expected.toSorted(byAddress));
  },
);

const Asked = z.object({
  address: z.string(),
  path: z.string(),
  code: z.number(),
  requests: z.number(),
  bytes: z.number(),
});

test(
  "who asked a web server for which path how often, and what it sent, is what a plain count gives",
  {
    skip: skipped(web),
  },
  async () => {
    await using t = await testContext();
    const all = lines(web);
    const report = await read(t, [given("apache_logs", all)]);
    assert.deepEqual(
      report.sources.map(({ format, records, broken }) => [format, records, broken]),
      [["access-log", all.length, 0]],
    );
    const found = await (
      await t.ctx.click()
    ).query(
      Asked,
      `select src_endpoint_ip as address, http_request_url_path as path, toUInt32(ifNull(http_response_code, 0)) as code, count() as requests,
       toUInt64(sum(ifNull(traffic_bytes_out, 0))) as bytes from events group by address, path, code`,
    );
    const plain = new Map<string, { requests: number; bytes: number }>();
    for (const line of all) {
      const [, address, path, code, bytes] =
        /^(\S+) \S+ \S+ \[[^\]]*\] "\S+ ([^ ?"]+)[^"]*" ([0-9]+) (\S+)/.exec(line) ?? [];
      const key = [address, path, code].join(" ");
      const sum = plain.get(key) ?? { requests: 0, bytes: 0 };
      plain.set(key, { requests: sum.requests + 1, bytes: sum.bytes + (Number(bytes) || 0) });
    }
    assert.deepEqual(
      new Map(
        found.map(({ address, path, code, requests, bytes }) => [
          `${address} ${path} ${code}`,
          { requests, bytes },
        ]),
      ),
      plain,
    );
  },
);

const Scenario = z.object({
  test: z.string(),
  lines: z.array(z.string()),
  overflows: z.array(z.object({ sources: z.array(z.string()) })),
});

test(
  "of real logs of hosters the address that attacked is read from the lines that tell of it",
  {
    skip: skipped(hosting),
  },
  async (t) => {
    await using made = await testContext();
    const scenarios = lines(hosting).map((line) => Scenario.parse(JSON.parse(line)));
    await read(
      made,
      scenarios.map((scenario) => given(scenario.test, scenario.lines)),
    );
    const seen = await (
      await made.ctx.click()
    ).query(
      z.object({ source: z.string(), address: z.string() }),
      "select distinct source, src_endpoint_ip as address from events",
    );
    const pairs = new Set(seen.map(({ source, address }) => `${source} ${address}`));
    const told = scenarios.flatMap((scenario) =>
      [...new Set(scenario.overflows.flatMap(({ sources }) => sources))]
        .filter((address) => isIP(address) > 0 && scenario.lines.some((x) => x.includes(address)))
        // An IPv4 address mapped to IPv6 is the IPv4 address.
        .map((address) => `${scenario.test} ${address.replace("::ffff:", "")}`),
    );
    const missed = told.filter((pair) => !pairs.has(pair));
    t.diagnostic(`${told.length - missed.length} of ${told.length} addresses`);
    assert.deepEqual(missed, []);
    assert.equal(told.length, 164);
  },
);

function lines(file = ""): string[] {
  return readFileSync(file, "utf8").trimEnd().split("\n");
}

function given(name: string, all: readonly string[]): LogInput {
  async function* open(): AsyncGenerator<Buffer> {
    yield Buffer.from(`${all.join("\n")}\n`);
  }
  return { name, bytes: undefined, written: new Date("2026-11-25T12:00:00Z"), open };
}

async function read(t: TestContext, inputs: readonly LogInput[]) {
  const folder = join(t.dir, "pieces");
  await mkdir(folder, { recursive: true });
  return await readLogs(await t.ctx.click(), {
    inputs,
    sourceOf: ({ name }) => name,
    zone: "UTC",
    now: new Date("2026-11-25T12:00:00Z"),
    folder,
    progress: noProgress,
    signal: t.ctx.signal,
  });
}

function byAddress(one: { address: string }, other: { address: string }): number {
  return one.address < other.address ? -1 : 1;
}
