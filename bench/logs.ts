// Logs into events: told by their content, cut, judged, put into OCSF columns, stored and put in the place of what was there; against ClickHouse only
// reading the same file, and only extracting the same fields of it, in turns. And that size makes neither memory nor time grow.
// node bench/logs.ts [--megabytes=N] [--rounds=N] [--big=MEGABYTES]
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { noProgress } from "../src/core/progress.ts";
import { quote } from "../src/db/click-bind.ts";
import type { Click } from "../src/db/click.ts";
import { migrateClickAlone } from "../src/db/migrate.ts";
import { openClick } from "../src/db/open-click.ts";
import { listInputs } from "../src/logs/list-inputs.ts";
import { readLogs } from "../src/logs/read-logs.ts";
import { type BenchResult, median, option, secondsOf } from "./bench.ts";
import { accessLine, jsonLine, writeLog } from "./log-lines.ts";

const megabytes = option("megabytes", 300);
const rounds = option("rounds", 3);
const big = option("big", 1_024);

const LIMITED_BY =
  "half by the values' extraction, half by writing 47 columns; both cores are busy";

/** The fields that the generic format reads, and those that the access log's does. */
const EXTRACTION = {
  json: "cityHash64(isValidJSON(raw), parseDateTime64BestEffortOrNull(JSONExtractString(raw, 'timestamp'), 6, 'UTC'))",
  "access-log": String.raw`cityHash64(extractGroups(raw, '^([^ ]+) [^ ]+ ([^ ]+) \\[([^\\]]+)\\] "([^ ]+) ([^ ?]+)([^ ]*) [^"]*" ([0-9]+) ([0-9]+) "([^"]*)" "([^"]*)"'))`,
} as const;

type Kind = keyof typeof EXTRACTION;

export async function run(): Promise<BenchResult[]> {
  const folder = await mkdtemp(join(tmpdir(), "tocsin-bench-"));
  try {
    const files = { json: join(folder, "a.ndjson"), "access-log": join(folder, "a.log") };
    const sizes = {
      json: await writeLog(files.json, jsonLine, { bytes: megabytes * 1e6 }),
      "access-log": await writeLog(files["access-log"], accessLine, { bytes: megabytes * 1e6 }),
    };
    const results: BenchResult[] = [];
    const click = await openClick({
      path: join(folder, "clickhouse"),
      database: "bench",
      memoryBytes: 600_000_000,
      who: "bench",
    });
    await migrateClickAlone(click);
    for (const kind of ["json", "access-log"] as const)
      results.push(
        ...(await measure(click, { kind, path: files[kind], bytes: sizes[kind], folder })),
      );
    await click.close();
    results.push(...(await growth(folder)));
    return results;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type Measured = {
  readonly kind: Kind;
  readonly path: string;
  readonly bytes: number;
  readonly folder: string;
};

async function measure(
  click: Click,
  { kind, path, bytes, folder }: Measured,
): Promise<BenchResult[]> {
  const rates = {
    ours: new Array<number>(),
    read: new Array<number>(),
    extract: new Array<number>(),
  };
  const rate = async (work: () => Promise<unknown>): Promise<number> =>
    bytes / 1e6 / (await secondsOf(work));
  const ask = async (sql: string): Promise<unknown> =>
    await click.query(
      z.object({ n: z.number() }),
      `select ${sql} as n from file(${quote(path)}, 'LineAsString', 'raw String')`,
    );
  for (let round = 0; round <= rounds; round += 1) {
    const ours = await rate(async () => await read(click, { paths: [path], folder, expect: kind }));
    const one = await rate(async () => await ask("sum(length(raw)) % 2"));
    const extract = await rate(async () => await ask(`sum(${EXTRACTION[kind]}) % 2`));
    if (round === 0) continue; // warms all of them up
    rates.ours.push(ours);
    rates.read.push(one);
    rates.extract.push(extract);
  }
  const least = kind === "json" ? 150 : 60;
  const result = (name: string, values: readonly number[]): BenchResult => {
    const ratio = median(rates.ours) / median(values);
    return {
      name: `${kind} into events`,
      unit: "MB/s",
      ours: rates.ours,
      peer: { name, values },
      ratio,
      target: `at least ${least} MB/s`,
      ok: median(rates.ours) >= least,
      limitedBy: LIMITED_BY,
    };
  };
  return [
    result("ClickHouse only reads it", rates.read),
    result("ClickHouse only extracts its fields", rates.extract),
  ];
}

type Reading = {
  readonly paths: readonly string[];
  readonly folder: string;
  readonly expect?: string;
};

async function read(click: Click, { paths, folder, expect }: Reading): Promise<void> {
  const { inputs } = await listInputs({ paths, from: folder, standardInput: () => process.stdin });
  const report = await readLogs(click, {
    inputs,
    sourceOf: ({ name }) => name,
    zone: "UTC",
    now: new Date(),
    folder,
    progress: noProgress,
    signal: new AbortController().signal,
  });
  const wrong = report.sources.find(
    ({ format, broken, records }) =>
      broken > 0 || records === 0 || (expect !== undefined && format !== expect),
  );
  if (wrong || report.unread.length > 0)
    throw new Error(`${wrong?.name ?? report.unread[0]?.name} was not read as it should be`);
}

/** In a process of its own, whose peak is told by the kernel. */
async function growth(folder: string): Promise<BenchResult[]> {
  const one = join(folder, "big");
  await writeLog(one, jsonLine, { bytes: big * 1e6 });
  const tenth = Array.from({ length: 10 }, (_, part) => join(folder, `small-${part}`));
  for (const [part, path] of tenth.entries())
    await writeLog(path, jsonLine, { bytes: (big / 10) * 1e6, first: part * 1_000_000 });
  const small = await child(folder, tenth);
  const large = await child(folder, [one]);
  const result = {
    ours: [large.seconds],
    ratio: large.seconds / small.seconds,
    limitedBy: LIMITED_BY,
  };
  return [
    {
      ...result,
      name: `one log of ${big} MB`,
      unit: "s",
      peer: { name: "ten of a tenth", values: [small.seconds] },
      target: "at most 1.2 times ten of a tenth",
      ok: large.seconds <= 1.2 * small.seconds,
    },
    {
      ...result,
      name: "its peak of memory",
      unit: "MiB",
      ours: [large.peak],
      peer: { name: "ten of a tenth", values: [small.peak] },
      ratio: large.peak / small.peak,
      target: "below 1,024 MiB",
      ok: large.peak < 1_024,
    },
  ];
}

const Told = z.object({ seconds: z.number(), peak: z.number() });

async function child(folder: string, paths: readonly string[]): Promise<z.output<typeof Told>> {
  const started = spawn(process.execPath, [import.meta.filename, "--child", folder, ...paths], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let told = "";
  started.stdout.setEncoding("utf8").on("data", (text: string) => (told += text));
  await new Promise((resolve) => started.once("close", resolve));
  return Told.parse(JSON.parse(told));
}

async function asChild(folder: string, paths: readonly string[]): Promise<void> {
  const path = await mkdtemp(join(folder, "child-"));
  const click = await openClick({
    path: join(path, "clickhouse"),
    database: "bench",
    memoryBytes: 600_000_000,
    who: "bench",
  });
  await migrateClickAlone(click);
  const seconds = await secondsOf(async () => await read(click, { paths, folder: path }));
  await click.close();
  const status = await readFile("/proc/self/status", "utf8");
  const peak = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1_024;
  await rm(path, { recursive: true, force: true });
  process.stdout.write(JSON.stringify({ seconds, peak }));
}

if (import.meta.main && process.argv[2] === "--child")
  await asChild(process.argv[3] ?? "", process.argv.slice(4));
else if (import.meta.main) {
  for (const { name, ours, peer, ratio, unit, ok } of await run())
    process.stdout.write(
      `${ok ? "✓" : "✗"} ${name}: ${median(ours).toFixed(1)} ${unit} · ${peer.name} ${median(peer.values).toFixed(1)} · ratio ${ratio.toFixed(2)}\n`,
    );
}
