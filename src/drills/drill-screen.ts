// The end of a drill, as a person reads it.
import type { Check } from "./check.ts";
import type { DrillResult } from "./drill-result.ts";

/** Colours, where the screen has them. */
export type Paint = {
  bold(text: string): string;
  dim(text: string): string;
  green(text: string): string;
  red(text: string): string;
};

/** What the company of 2019 needed, where it is known. */
const IN_2019: Readonly<Record<string, string>> = {
  "last notice of the first wave": "about a day",
};

export function drillScreen(result: DrillResult, paint: Paint): string {
  return [
    "",
    `${paint.bold(result.drill.padEnd(56))} ${"Tocsin".padStart(10)}  ${paint.dim("2019".padStart(12))}`,
    ...result.phases.flatMap(({ name, seconds, limit }) => [
      `  ${name.padEnd(54)} ${time(seconds).padStart(10)}  ${paint.dim((IN_2019[name] ?? "").padStart(12))}`,
      paint.dim(`      limit: ${limit}`),
    ]),
    "",
    paint.bold("Checked from outside, in Example Cloud's own stores and mailboxes"),
    ...result.checks.map((check) => checkLine(check, paint)),
    ...summary(result, paint),
  ].join("\n");
}

function checkLine({ name, expected, actual, ok }: Check, paint: Paint): string {
  if (ok)
    return `  ${paint.green("✓")} ${expected === 0 ? `no ${name}` : `${number(actual)} ${name}`}`;
  return `  ${paint.red("✗")} ${name}: ${number(actual)}, expected ${number(expected)}`;
}

function summary(result: DrillResult, paint: Paint): string[] {
  const { lost, duplicates, wrong, unknown, peakRssBytes, kills, spedUp } = result;
  const counts = `lost ${lost} · doubled ${duplicates} · wrong ${wrong} · unknown ${unknown}`;
  const fast = Object.entries(spedUp).map(([what, times]) => `${what} × ${times}`);
  return [
    `  ${counts} · peak memory ${Math.round(peakRssBytes / 2 ** 20)} MiB · killed ${kills} times`,
    paint.dim(`  sped up: ${fast.join(", ")}`),
    ...(result.report === undefined ? [] : [`Report: ${result.report}`]),
    result.ok ? paint.green("The drill passed.") : paint.red("The drill failed."),
  ];
}

export function time(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)}`;
}

function number(value: number): string {
  return value.toLocaleString("en-US");
}
