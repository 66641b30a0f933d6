// The drill at several scales, as a child process each: how its phases grow with the number of accounts affected. Writes
// docs/pictures/scale.svg. node bench/drill.ts [--scales=0.05,0.25,1] [--to=FILE.svg] [RESULT.json …]
// Results are what `tocsin drill docker-hub-2019 --json` printed; those given are not run again.
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import type { BenchResult } from "./bench.ts";
import { type Curve, scalePicture } from "./scale-picture.ts";

const ROOT = join(import.meta.dirname, "..");
const GIBIBYTE = 2 ** 30;
const MOST_SECONDS = 300;
const FULL = 190_000;

const Result = z.object({
  ok: z.boolean(),
  scale: z.number(),
  affected: z.int(),
  peakRssBytes: z.number(),
  phases: z.array(z.object({ name: z.string(), seconds: z.number(), limit: z.string() })),
});
type Result = z.output<typeof Result>;

/** Phases of the curve, in the drill's own names. */
const TOTAL = "dump to last notice of the first wave";
const SHOWN = [
  TOTAL,
  "last notice of the first wave",
  "… to last build unlinked",
  "approved plan to last password invalid",
  "dump to list of people",
];

export async function run(): Promise<BenchResult[]> {
  const given = process.argv.filter((arg) => arg.endsWith(".json")).map(readResult);
  const results = [...given];
  for (const scale of scales(given.length === 0 ? "0.05,0.25,1" : "")) {
    results.push(await drillAt(scale));
  }
  results.sort((a, b) => a.affected - b.affected);
  const curves = SHOWN.map((name) => curveOf(name, results));
  const to = text("to") ?? join(ROOT, "docs/pictures/scale.svg");
  if (results.length > 1) writeFileSync(to, scalePicture(curves, machine()));
  return [linearity(results), memory(results), ...phases(results.at(-1))];
}

function text(name: string): string | undefined {
  return process.argv.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
}

function scales(otherwise: string): number[] {
  return (text("scales") ?? otherwise).split(",").filter(Boolean).map(Number);
}

function readResult(path: string): Result {
  return Result.parse(JSON.parse(readFileSync(path, "utf8")));
}

async function drillAt(scale: number): Promise<Result> {
  process.stderr.write(`drill at scale ${scale} …\n`);
  const args = ["drill", "docker-hub-2019", "--json", "--scale", String(scale)];
  const { stdout } = await promisify(execFile)(join(ROOT, "tocsin"), args, { maxBuffer: 1 << 26 });
  const result = Result.parse(JSON.parse(stdout));
  if (!result.ok) throw new Error(`the drill at scale ${scale} did not pass`);
  return result;
}

function machine(): string {
  const [first] = cpus();
  return `${cpus().length} cores${first ? ` (${first.model.trim()})` : ""}, ${Math.round(totalmem() / GIBIBYTE)} GB, everything on one machine`;
}

function secondsOf(result: Result, name: string): number {
  return result.phases.find((phase) => phase.name === name)?.seconds ?? 0;
}

function curveOf(name: string, results: readonly Result[]): Curve {
  return {
    name: LABELS[name] ?? name,
    points: results.map((one) => ({ affected: one.affected, seconds: secondsOf(one, name) })),
  };
}

const LABELS: Readonly<Record<string, string>> = {
  [TOTAL]: "dump to last notice",
  "last notice of the first wave": "planning and telling",
  "… to last build unlinked": "to last build unlinked",
  "approved plan to last password invalid": "to last password invalid",
  "dump to list of people": "dump to list of people",
};

/** Seconds a thousand affected, at the largest against the smallest that lasts long enough to tell. */
function linearity(results: readonly Result[]): BenchResult {
  const each = results.map((one) => (secondsOf(one, TOTAL) / one.affected) * 1_000);
  const ratio = (each.at(-1) ?? Number.NaN) / (each[0] ?? Number.NaN);
  return {
    name: `drill: seconds a thousand affected, ${results.map((one) => one.affected.toLocaleString("en")).join(", ")} accounts`,
    unit: "s",
    ours: each,
    peer: { name: "", values: [] },
    ratio,
    target: "the largest takes no more each than the smallest",
    ok: ratio <= 1.1,
    limitedBy:
      "notices: one Node thread, and two cores for Tocsin, Postgres and the sinks together",
  };
}

function memory(results: readonly Result[]): BenchResult {
  const peaks = results.map((one) => one.peakRssBytes / GIBIBYTE);
  return {
    name: "drill: Tocsin's peak resident memory (VmHWM)",
    unit: "GiB",
    ours: peaks,
    peer: { name: "", values: [] },
    ratio: Number.NaN,
    target: "under 1 GiB at 3.8 million customers",
    ok: results.every((one) => one.affected > FULL || one.peakRssBytes < GIBIBYTE),
    limitedBy: "planning the notices, then matching the dump; a quarter GiB is mapped files",
  };
}

function phases(largest: Result | undefined): BenchResult[] {
  return (largest?.phases ?? []).map(({ name, seconds, limit }) => ({
    name: `drill, ${largest?.affected.toLocaleString("en")} affected: ${name}`,
    unit: "s",
    ours: [seconds],
    peer: { name: "", values: [] },
    ratio: Number.NaN,
    target: name === TOTAL ? "under five minutes at 190,000" : "none of its own",
    ok: name !== TOTAL || (largest?.affected ?? 0) > FULL || seconds < MOST_SECONDS,
    limitedBy: limit,
  }));
}

if (import.meta.main) process.stdout.write(`${JSON.stringify(await run(), null, 2)}\n`);
