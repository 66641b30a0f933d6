// All rules of a folder over the events of a log source, against ClickHouse only reading the fields that they look at, in turns.
// node bench/detect.ts --rules=DIR [--events=N] [--rounds=N]
import { createReadStream, globSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { noProgress } from "../src/core/progress.ts";
import type { Click } from "../src/db/click.ts";
import { migrateClickAlone } from "../src/db/migrate.ts";
import { openClick } from "../src/db/open-click.ts";
import { asked } from "../src/detect/compile/compile-rules.ts";
import { fieldReads } from "../src/detect/compile/field-reads.ts";
import { findMatches } from "../src/detect/compile/find-matches.ts";
import { type PreparedRules, prepareRules } from "../src/detect/prepare-rules.ts";
import { readRules } from "../src/detect/sigma/read-rules.ts";
import type { EventKind } from "../src/detect/compile/log-source.ts";
import { readLogs } from "../src/logs/read-logs.ts";
import { sharedData } from "../test/support/shared-data.ts";
import { type BenchResult, median, option, secondsOf } from "./bench.ts";
import { accessLine, writeLog } from "./log-lines.ts";
import { writeWindowsEvents } from "./windows-events.ts";

const events = option("events", 1_000_000);
const rounds = option("rounds", 3);

type Source = {
  readonly name: string;
  readonly format: string;
  readonly kind: EventKind;
  /** Events a second. */
  readonly wanted: number;
  readonly write: (path: string) => Promise<unknown>;
};

const SOURCES: readonly Source[] = [
  {
    name: "process creations of Windows, 1.7 kB each, one of 2,000 an intruder's",
    format: "windows-event",
    kind: { product: "windows", category: "process_creation", service: "sysmon" },
    wanted: 200_000,
    write: async (path) => {
      await writeWindowsEvents(path, { events, oneIn: 2_000 });
    },
  },
  {
    name: "requests to a web server, 240 bytes each, one of 2,000 for a file that is none of theirs",
    format: "access-log",
    kind: { product: "", category: "webserver", service: "" },
    wanted: 1_000_000,
    write: async (path) => await writeLog(path, requestLine, { bytes: events * 240 }),
  },
];

function requestLine(n: number): string {
  const line = accessLine(n);
  return n % 2_000 === 0 ? line.replace("/shop/item/", "/cgi-bin/../../../../etc/passwd?") : line;
}

/** SigmaHQ's rules, where they are; else none, and nothing is measured. */
function ruleFiles(): readonly string[] {
  const given = process.argv.find((arg) => arg.startsWith("--rules="))?.slice("--rules=".length);
  const folder = given ?? sharedData("sigma");
  return folder === undefined ? [] : globSync(join(folder, "rules*/**/*.yml")).toSorted();
}

export async function run(): Promise<BenchResult[]> {
  const files = ruleFiles();
  if (files.length === 0) {
    process.stderr.write("no rules: name a copy of SigmaHQ with --rules=DIR\n");
    return [];
  }
  const set = await readRules(files, { placeholders: new Map() });
  const results: BenchResult[] = [];
  for (const source of SOURCES) {
    const folder = await mkdtemp(join(tmpdir(), "tocsin-bench-"));
    try {
      const path = join(folder, "clickhouse");
      const engine = { path, database: "bench", memoryBytes: 600_000_000, who: "bench" };
      const click = await openClick(engine);
      await migrateClickAlone(click);
      results.push(await measure(click, { source, folder, rules: await prepareRules(click, set) }));
      await click.close();
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  return results;
}

type Measured = {
  readonly source: Source;
  readonly folder: string;
  readonly rules: PreparedRules;
};

async function measure(click: Click, { source, folder, rules }: Measured): Promise<BenchResult> {
  const read = await take(click, source, folder);
  await click.command("system stop merges");
  const ours: number[] = [];
  const cpu: number[] = [];
  const peer: number[] = [];
  let matches = 0;
  for (let round = 0; round < rounds; round += 1) {
    const before = process.cpuUsage();
    const seconds = await secondsOf(async () => (matches = await count(click, rules)));
    const { user, system } = process.cpuUsage(before);
    ours.push(read / seconds);
    cpu.push((user + system) / read);
    peer.push(read / (await secondsOf(async () => await readOnly(click, source, rules))));
  }
  const rate = median(ours);
  return {
    name: `detect: ${rules.compiled.rules.length.toLocaleString("en")} rules over ${read.toLocaleString("en")} ${source.name}, ${matches} matches, ${median(cpu).toFixed(1)} s of CPU a million, peak ${await peakMiB()} MiB`,
    unit: "events/s",
    ours,
    peer: { name: "ClickHouse only reading these rules' fields", values: peer },
    ratio: rate / median(peer),
    target: `at least ${source.wanted.toLocaleString("en")}/s on two cores`,
    ok: rate >= source.wanted && matches > 0,
    limitedBy: "taking fields out of the records, then one search for all literals",
  };
}

async function take(click: Click, { write, format }: Source, folder: string): Promise<number> {
  const path = join(folder, "log");
  await write(path);
  const { sources } = await readLogs(click, {
    inputs: [
      { name: path, bytes: undefined, written: undefined, open: () => createReadStream(path) },
    ],
    sourceOf: ({ name }) => name,
    zone: "UTC",
    now: new Date(),
    folder,
    progress: noProgress,
    signal: new AbortController().signal,
  });
  await rm(path);
  const [read] = sources;
  if (read?.format !== format) throw new Error(`read as ${read?.format}, not as ${format}`);
  return read.records;
}

async function count(click: Click, rules: PreparedRules): Promise<number> {
  let matches = 0;
  for await (const some of findMatches(click, rules.compiled)) matches += some.length;
  return matches;
}

/** The least that anything has to do with these events: every field that a rule looks at, taken out once and folded. */
async function readOnly(
  click: Click,
  { format, kind }: Source,
  rules: PreparedRules,
): Promise<void> {
  for (const group of rules.compiled.groupsOf(format, kind)) {
    const reads = fieldReads(group.format, asked(group.taxonomy, group.rules), false);
    const source = `(select ${[...reads.columns].join(", ")} from events)`;
    const fields = reads.slots.map(({ folded }) => folded).join(", ");
    await click.command(
      `insert into function null('x UInt64') select sum(cityHash64(${fields})) from ${reads.from(source, [])}
       settings max_block_size = 8192, optimize_move_to_prewhere = 0, max_threads_min_free_memory_per_thread = 0`,
    );
  }
}

async function peakMiB(): Promise<number> {
  const status = await readFile("/proc/self/status", "utf8");
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1_024);
}

if (import.meta.main)
  for (const { name, ours, peer, ratio, ok } of await run())
    process.stdout.write(
      `${ok ? "✓" : "✗"} ${name}: ${ours.map((one) => Math.round(one).toLocaleString("en")).join(", ")} events/s; ${peer.name} ${peer.values.map((one) => Math.round(one).toLocaleString("en")).join(", ")}; ratio ${ratio.toFixed(2)}\n`,
    );
