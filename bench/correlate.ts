// Correlations of each type over what rules matched, where few groups come near the limit and where all do, against ClickHouse only grouping the
// same columns, in turns. And a million groups that all fire, and how much memory all of it took.
// node bench/correlate.ts [--events=N] [--rounds=N]
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import type { Click } from "../src/db/click.ts";
import { openClick } from "../src/db/open-click.ts";
import { correlate } from "../src/detect/correlate/correlate.ts";
import { wantedFields } from "../src/detect/correlate/correlate-input.ts";
import type { CorrelationRule } from "../src/detect/sigma/rule.ts";
import { correlationRule } from "../test/support/correlation-rule.ts";
import { type BenchResult, median, option, secondsOf } from "./bench.ts";

const events = option("events", 2_000_000);
const rounds = option("rounds", 3);

/** Of an address of which much is seen: one event each 200 ms, of another account each time, so that 1,801 accounts are in a window. */
const VALUES = 1_800;
const HOT = 200;
const WINDOW_MS = VALUES * 200;

/** One of fifty events is of four addresses that come to the limit, the others of 200,000 that do not; or all are of 200 that do. */
const ADDRESSES = {
  few: `if(number % 50 = 0, intDiv(number, 50) % 4, 1000 + cityHash64(number) % 200000)`,
  all: `number % ${HOT}`,
} as const;

type Near = keyof typeof ADDRESSES;

const sum = VALUES * 450;
const RULES: readonly Partial<CorrelationRule>[] = [
  { type: "value_count", valueFields: ["account"], conditions: [{ op: "gte", to: VALUES }] },
  { type: "event_count", conditions: [{ op: "gte", to: VALUES }] },
  { type: "temporal", rules: ["a", "b"], conditions: [{ op: "gte", to: 2 }] },
  { type: "temporal_ordered", rules: ["a", "b"], conditions: [{ op: "gte", to: 2 }] },
  { type: "value_sum", valueFields: ["amount"], conditions: [{ op: "gte", to: sum }] },
  { type: "value_avg", valueFields: ["amount"], conditions: [{ op: "gte", to: 505 }] },
  { type: "value_median", valueFields: ["amount"], conditions: [{ op: "gte", to: 505 }] },
  {
    type: "value_percentile",
    percentile: 95,
    valueFields: ["amount"],
    conditions: [{ op: "gte", to: 955 }],
  },
];

export async function run(): Promise<BenchResult[]> {
  const folder = await mkdtemp(join(tmpdir(), "tocsin-bench-"));
  try {
    const path = join(folder, "clickhouse");
    const engine = { path, database: "bench", memoryBytes: 600_000_000, who: "bench" };
    const click = await openClick(engine);
    for (const near of ["few", "all"] as const) await fill(click, near);
    const results: BenchResult[] = [];
    for (const [index, given] of RULES.entries())
      for (const near of ["few", "all"] as const)
        results.push(await measure(click, { given, near, turns: index === 0 ? rounds : 1 }));
    results.push(await millionGroups(click), await memory());
    await click.close();
    return results;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function fill(click: Click, near: Near): Promise<void> {
  await click.command(
    `create table matched_${near} (time DateTime64(6, 'UTC'), place UInt64, rule String, address String, account String, amount String)
     engine = MergeTree order by place`,
  );
  await click.command(
    `insert into matched_${near}
     select toDateTime64('2026-11-01 00:00:00', 6, 'UTC') + toIntervalMillisecond(number), number + 1, if(cityHash64(number, 1) % 2 = 0, 'a', 'b'),
       IPv4NumToString(toUInt32(167772160 + ${ADDRESSES[near]})), concat('user', toString(intDiv(number, ${HOT}) % 5000), '@example.com'),
       toString(cityHash64(number, 2) % 1000)
     from numbers(${events})`,
  );
}

/** What a rule matched: all, or where a correlation is of two rules, those of each. */
function relationsFrom(table: string, rule: CorrelationRule): ReadonlyMap<string, string> {
  return new Map(
    rule.rules.map((id) => {
      const values = wantedFields(rule, id).map((field) => `toNullable(${field})`);
      const where = rule.rules.length === 1 ? "" : `where rule = '${id}'`;
      return [
        id,
        `(select time, 'log' as source, place, toUInt64(0) as batch, [${values.join(", ")}] as values from ${table} ${where})`,
      ];
    }),
  );
}

async function hitsOf(click: Click, table: string, rule: CorrelationRule): Promise<number> {
  let hits = 0;
  for await (const some of correlate(click, { rule, relations: relationsFrom(table, rule) }))
    hits += some.length;
  return hits;
}

type Measured = {
  readonly given: Partial<CorrelationRule>;
  readonly near: Near;
  readonly turns: number;
};

async function measure(click: Click, { given, near, turns }: Measured): Promise<BenchResult> {
  const rule = correlationRule({ groupBy: ["address"], timespanMs: WINDOW_MS, ...given });
  const table = `matched_${near}`;
  const ours: number[] = [];
  const peer: number[] = [];
  const cpu: number[] = [];
  let hits = 0;
  for (let turn = 0; turn < turns; turn += 1) {
    const before = process.cpuUsage();
    ours.push(events / (await secondsOf(async () => (hits = await hitsOf(click, table, rule)))));
    const { user, system } = process.cpuUsage(before);
    cpu.push((user + system) / events);
    peer.push(events / (await secondsOf(async () => await groupOnly(click, table, rule))));
  }
  const rate = median(ours);
  const isMeant = rule.type === "value_count" && near === "few";
  return {
    name: `correlate: ${rule.type}, ${near === "few" ? "200,000 groups, of which four have many events" : `${HOT} groups that all have many events`}, ${VALUES} in a window, ${hits} hits, ${median(cpu).toFixed(2)} s of CPU a million events`,
    unit: "events/s",
    ours,
    peer: { name: "ClickHouse grouping only", values: peer },
    ratio: rate / median(peer),
    target: isMeant ? "at least 1,000,000/s" : "stated, not held",
    ok: hits > 0 && (!isMeant || rate >= 1_000_000),
    limitedBy:
      near === "few"
        ? "storing what rules matched with its places, then two groupings"
        : "sorting by group and time, twice",
  };
}

/** The least that anything has to do: read the columns, and count for each group without regard to time. */
async function groupOnly(click: Click, table: string, rule: CorrelationRule): Promise<void> {
  const [value = "place"] = rule.valueFields;
  await click.query(
    z.object({ groups: z.number() }),
    `select count() as groups from (select address, uniqExact(${value}) as many, max(time) as last from ${table} group by address)`,
  );
}

const GROUPS = 1_000_000;

async function millionGroups(click: Click): Promise<BenchResult> {
  await click.command(
    `create table matched_groups (time DateTime64(6, 'UTC'), place UInt64, address String, account String) engine = MergeTree order by place`,
  );
  await click.command(
    `insert into matched_groups
     select toDateTime64('2026-11-01 00:00:00', 6, 'UTC') + toIntervalMillisecond(number % ${GROUPS} + intDiv(number, ${GROUPS})), number + 1,
       IPv4NumToString(toUInt32(167772160 + number % ${GROUPS})), toString(intDiv(number, ${GROUPS})) from numbers(${3 * GROUPS})`,
  );
  const rule = correlationRule({
    type: "value_count",
    groupBy: ["address"],
    valueFields: ["account"],
    conditions: [{ op: "gte", to: 3 }],
  });
  let hits = 0;
  const seconds = await secondsOf(async () => (hits = await hitsOf(click, "matched_groups", rule)));
  return {
    name: `correlate: value_count, ${GROUPS.toLocaleString("en")} groups of three events that all fire`,
    unit: "events/s",
    ours: [(3 * GROUPS) / seconds],
    peer: { name: "", values: [] },
    ratio: hits / GROUPS,
    target: "a hit for each group",
    ok: hits === GROUPS,
    limitedBy: "joining each hit with its events, and handing out a million",
  };
}

async function memory(): Promise<BenchResult> {
  const status = await readFile("/proc/self/status", "utf8");
  const peak = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1_024;
  return {
    name: "correlate: memory of the process at its highest, over all of these",
    unit: "MiB",
    ours: [peak],
    peer: { name: "", values: [] },
    ratio: peak / 1_024,
    target: "below 1 GiB",
    ok: peak < 1_024,
    limitedBy: "the engine's ceiling of 600 MB and its library of 210",
  };
}

if (import.meta.main)
  for (const { name, ours, peer, ratio, unit, ok } of await run())
    process.stdout.write(
      `${ok ? "✓" : "✗"} ${name}: ${ours.map((one) => Math.round(one).toLocaleString("en")).join(", ")} ${unit}${
        peer.values.length > 0
          ? `; ${peer.name} ${peer.values.map((one) => Math.round(one).toLocaleString("en")).join(", ")}; ratio ${ratio.toFixed(2)}`
          : ""
      }\n`,
    );
