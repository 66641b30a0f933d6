// What a person sees: colours and redrawn lines only on a terminal, plain lines elsewhere.
import type { Progress } from "../core/progress.ts";

export type Terminal = {
  readonly colours: boolean;
  readonly width: number;
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
};

export function terminalOf(
  stream: NodeJS.WriteStream,
  environment: Readonly<Record<string, string | undefined>>,
): Terminal {
  const colours =
    stream.isTTY && environment["NO_COLOR"] === undefined && environment["TERM"] !== "dumb";
  const paint = (code: number) => (text: string) =>
    colours ? `\u001B[${code}m${text}\u001B[0m` : text;
  return {
    colours,
    width: stream.isTTY ? Math.max(40, stream.columns) : 100,
    bold: paint(1),
    dim: paint(2),
    red: paint(31),
    green: paint(32),
    yellow: paint(33),
  };
}

const QUIET_MS = 2_000;
const LINE_EVERY_MS = 10_000;

export type Bars = { readonly progress: Progress; end(): void };

/** Draws what takes more than two seconds, with rate and time left: one redrawn line on a terminal, a line each ten seconds elsewhere. */
export function progressBars(stream: NodeJS.WriteStream): Bars {
  let current = { what: "", since: 0, first: 0, drawn: 0 };
  let open = false;
  const end = (): void => {
    if (open) stream.write("\r\u001B[K");
    open = false;
  };
  const progress: Progress = (report) => {
    const now = Date.now();
    if (report.what !== current.what) {
      end();
      current = { what: report.what, since: now, first: report.done, drawn: 0 };
    }
    const every = stream.isTTY ? 100 : LINE_EVERY_MS;
    if (now - current.since < QUIET_MS || now - current.drawn < every) return;
    current.drawn = now;
    const line = progressLine(
      report,
      (report.done - current.first) / ((now - current.since) / 1000),
    );
    if (stream.isTTY) stream.write(`\r${line.slice(0, stream.columns - 1)}\u001B[K`);
    else stream.write(`${line}\n`);
    open = stream.isTTY;
  };
  return { progress, end };
}

const BAR = 25;

export function progressLine(report: Parameters<Progress>[0], ratePerS: number): string {
  const { what, done, of, unit } = report;
  const rate = ratePerS > 0 ? ` · ${number(ratePerS)} ${unit}/s` : "";
  if (of === undefined || of === 0) return `${what}   ${number(done)} ${unit}${rate}`;
  const full = Math.round((BAR * Math.min(done, of)) / of);
  const left = ratePerS > 0 ? ` · ${duration(((of - done) / ratePerS) * 1000)} left` : "";
  return `${what}   ${"█".repeat(full)}${"░".repeat(BAR - full)}  ${number(done)} of ${number(of)}${rate}${left}`;
}

export function number(value: number): string {
  return (
    value < 10 && !Number.isInteger(value) ? Math.round(value * 10) / 10 : Math.round(value)
  ).toLocaleString("en-US");
}

/** `45 min`, `1 min 42`, `31 s`, `69 h 12 min`, `2 d 3 h`. */
export function duration(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 60) return `${s} s`;
  if (s < 3600)
    return s % 60 === 0 || s >= 600
      ? `${Math.round(s / 60)} min`
      : `${Math.floor(s / 60)} min ${s % 60}`;
  const h = Math.floor(s / 3600);
  const min = Math.floor((s % 3600) / 60);
  if (h >= 96) return `${Math.floor(h / 24)} d ${h % 24} h`;
  return min === 0 ? `${h} h` : `${h} h ${min} min`;
}

/** Columns as wide as they need; those in `right` (by place) are set to the right. */
export function table(rows: readonly (readonly string[])[], right: readonly number[] = []): string {
  const widths: number[] = [];
  for (const row of rows)
    for (const [place, cell] of row.entries())
      widths[place] = Math.max(widths[place] ?? 0, visible(cell));
  return rows
    .map((row) =>
      row
        .map((cell, place) => {
          const pad = " ".repeat((widths[place] ?? 0) - visible(cell));
          return right.includes(place) ? pad + cell : cell + pad;
        })
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

// oxlint-disable-next-line no-control-regex -- the escape sequences that the functions above write
const ESCAPES = /\u001B\[\d+m/g;

function visible(text: string): number {
  return Array.from(text.replaceAll(ESCAPES, "")).length;
}
