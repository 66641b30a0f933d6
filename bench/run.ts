// Runs every bench that exports `run`, one after the other, and prints one table. `--json` prints the results instead;
// names choose: `node bench/run.ts work`.
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { type BenchResult, isBenchResult, median } from "./bench.ts";

const asked = process.argv.slice(2).filter((arg) => !arg.startsWith("--"));
const results: BenchResult[] = [];
for (const file of readdirSync(import.meta.dirname).toSorted()) {
  const name = basename(file, ".ts");
  if (!file.endsWith(".ts") || ["run", "bench"].includes(name)) continue;
  if (asked.length > 0 && !asked.includes(name)) continue;
  const path = join(import.meta.dirname, file);
  if (!(await exportsRun(path))) continue;
  process.stderr.write(`${name} …\n`);
  const module: { run: () => Promise<unknown> } = await import(path);
  const made = await module.run();
  for (const one of Array.isArray(made) ? made : [made]) if (isBenchResult(one)) results.push(one);
}
process.stdout.write(
  process.argv.includes("--json") ? `${JSON.stringify(results, null, 2)}\n` : table(results),
);
process.exitCode = results.every((one) => one.ok) ? 0 : 1;

// Looked for in the text: a bench that is a program of its own must not start by being imported.
async function exportsRun(path: string): Promise<boolean> {
  const { readFile } = await import("node:fs/promises");
  return /^export (async )?function run\(/m.test(await readFile(path, "utf8"));
}

function table(lines: readonly BenchResult[]): string {
  return lines
    .map((one) => {
      const peer =
        one.peer.values.length > 0
          ? ` · ${one.peer.name} ${figure(one.peer.values)} · ratio ${one.ratio.toFixed(2)}`
          : "";
      const mark = one.ok ? "✓" : "✗";
      return `${mark} ${one.name}: ${figure(one.ours)} ${one.unit}${peer}\n    target: ${one.target} · limited by ${one.limitedBy}\n`;
    })
    .join("");
}

/** Median and spread. */
function figure(values: readonly number[]): string {
  return `${short(median(values))} (${short(Math.min(...values))}–${short(Math.max(...values))})`;
}

function short(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString("en") : value.toPrecision(3);
}
