// The child of `tocsin test`: runs the files named by its arguments in this one process and tells its parent of each
// test. Prints failures whole, skips with their reason, and one line a file.
import { relative } from "node:path";
import { run } from "node:test";
import type { EventData } from "node:test";
import { inspect } from "node:util";

const TIMEOUT_MS = 600_000; // a test that hangs is a failure, not a run that never ends

const SLOW_MS = 5_000;

type Ended = EventData.TestPass | EventData.TestFail;

const perFile = new Map<string, { tests: number; ms: number }>();

const stream = run({
  files: process.argv.slice(2),
  isolation: "none",
  concurrency: false,
  timeout: TIMEOUT_MS,
});
stream.on("test:pass", (data) => ended(data, data.skip === undefined ? "passed" : "skipped"));
stream.on("test:fail", (data) => {
  print(
    `✖ ${data.name}\n  ${data.file === undefined ? "" : here(data.file)}:${data.line ?? 0}\n${indent(inspect(reason(data)))}`,
  );
  ended(data, "failed");
});
stream.on("end", () => {
  for (const [file, { tests, ms }] of perFile)
    print(`${here(file)}: ${tests} in ${Math.round(ms)} ms`);
});
stream.resume();

function ended(data: Ended, how: "passed" | "failed" | "skipped"): void {
  if (data.details.type === "suite" && how !== "failed") return;
  process.send?.(how);
  if (how === "failed") process.exitCode = 1;
  if (how === "skipped")
    print(
      `- skipped: ${data.name}: ${typeof data.skip === "string" ? data.skip : "no reason given"}`,
    );
  if (data.details.duration_ms > SLOW_MS)
    print(`slow: ${data.name}: ${Math.round(data.details.duration_ms)} ms`);
  const file = perFile.get(data.file ?? "") ?? { tests: 0, ms: 0 };
  perFile.set(data.file ?? "", { tests: file.tests + 1, ms: file.ms + data.details.duration_ms });
}

function reason(data: EventData.TestFail): unknown {
  const error: unknown = data.details.error.cause ?? data.details.error;
  return error instanceof SuppressedError ? [error.suppressed, error.error] : error; // it shows neither by itself
}

function here(file: string): string {
  return relative(process.cwd(), file);
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, "    ");
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
