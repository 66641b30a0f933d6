// `tocsin test`: every test beside the code in one process, then the scenarios in another. Each process is a child, so
// that a crash of an engine inside it is counted as the failure it is.
import { fork } from "node:child_process";
import { globSync } from "node:fs";
import { join, relative, resolve } from "node:path";

export type TestCounts = { passed: number; failed: number; skipped: number };

const ROOT = join(import.meta.dirname, "..", "..");
const SCENARIOS = join(ROOT, "test", "scenarios");

/**
 * Runs the given files, or all. Its last line on standard output is exactly `N passed, N failed, N skipped`.
 * @returns the exit status: 0 only where something passed and nothing failed
 */
export async function runTests(files: readonly string[]): Promise<number> {
  const all = files.length > 0 ? files.map((file) => resolve(file)) : everyTest();
  const total: TestCounts = { passed: 0, failed: 0, skipped: 0 };
  for (const group of inTwo(all)) {
    if (group.length > 0) await runProcess(group, total);
  }
  process.stdout.write(
    `${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`,
  );
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
}

function everyTest(): string[] {
  return globSync("{src,test,tools,bin}/**/*.test.ts", { cwd: ROOT })
    .map((file) => join(ROOT, file))
    .toSorted();
}

function inTwo(files: readonly string[]): [string[], string[]] {
  return [files.filter((file) => !isScenario(file)), files.filter(isScenario)];
}

function isScenario(file: string): boolean {
  return !relative(SCENARIOS, file).startsWith("..");
}

// The terminal tells the child too; we stay for the last line.
function outlive(): void {}

async function runProcess(files: readonly string[], total: TestCounts): Promise<void> {
  const child = fork(join(import.meta.dirname, "test-process.ts"), files, { cwd: ROOT });
  const before = total.failed;
  child.on("message", (message) => count(message, total));
  process.on("SIGINT", outlive);
  const end = await new Promise<string | number>((done) => {
    child.once("close", (status, signal) => done(signal ?? status ?? 1));
  });
  process.off("SIGINT", outlive);
  if (end !== 0 && total.failed === before) {
    process.stdout.write(`the test process ended with ${end} before its tests did\n`);
    total.failed += 1;
  }
}

function count(message: unknown, total: TestCounts): void {
  if (message === "passed" || message === "failed" || message === "skipped") total[message] += 1;
}
