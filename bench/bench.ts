// What a measurement comes to: ours against a peer, taken in turns on the same machine in the same run.
import { existsSync } from "node:fs";
import { join } from "node:path";

export type BenchResult = {
  readonly name: string;
  readonly unit: string;
  /** One a round. */
  readonly ours: readonly number[];
  readonly peer: { readonly name: string; readonly values: readonly number[] };
  /** Ours to the peer's, by the medians. */
  readonly ratio: number;
  /** In words: `at least 25,000/s and 2.5 times the peer`. */
  readonly target: string;
  readonly ok: boolean;
  /** What stands in the way of more. */
  readonly limitedBy: string;
};

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

export function isBenchResult(value: unknown): value is BenchResult {
  return (
    typeof value === "object" &&
    value !== null &&
    "name" in value &&
    "ours" in value &&
    "ratio" in value
  );
}

/** `--name=N` of the command line. */
export function option(name: string, otherwise: number): number {
  const given = process.argv.find((arg) => arg.startsWith(`--${name}=`));
  return given === undefined ? otherwise : Number(given.slice(name.length + 3));
}

export async function secondsOf(work: () => unknown): Promise<number> {
  const from = performance.now();
  await work();
  return (performance.now() - from) / 1_000;
}

/** The program's path, where the machine has it. */
export function programOf(name: string): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(":"), "/usr/sbin"];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}
