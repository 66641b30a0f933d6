// Which number each row and each piece of text has among all that is read together, and where it stands. Rows of tables are
// numbered from 1, pieces of text from 2^31 on.
import { type FileHandle, open } from "node:fs/promises";
import type { Unit } from "./document.ts";

export const FIRST_TEXT = 2 ** 31;
export const MOST_TEXT = 2 ** 32 - 1;

export type Places = AsyncDisposable & {
  /** The number of what stands at `at`, `unit` `number`. */
  row(at: string, unit: Unit, number: number): number;
  text(at: string, unit: Unit, number: number): number;
  /** Numbers for so many rows that follow one another, `unit` 1 first; the first one less one. */
  rows(at: string, unit: Unit, count: number): number;
  write(): Promise<void>;
};

type Run = { at: string; unit: Unit; next: number };

const FLUSH_LINES = 2_000;

/** Writes a line for each run of numbers: first number, place, unit, number there. */
export async function openPlaces(path: string): Promise<Places> {
  const file = await open(path, "wx", 0o600);
  const lines: string[] = [];
  const counters = { row: 0, text: FIRST_TEXT - 1 };
  const runs: Record<"row" | "text", Run | undefined> = { row: undefined, text: undefined };
  const begin = (first: number, at: string, { unit, number }: { unit: Unit; number: number }) => {
    lines.push(`${first}\t${escaped(at)}\t${unit}\t${number}\n`);
  };
  const next = (
    kind: "row" | "text",
    at: string,
    { unit, number }: { unit: Unit; number: number },
  ) => {
    counters[kind] += 1;
    const run = runs[kind];
    if (run && run.at === at && run.unit === unit && run.next === number) run.next += 1;
    else {
      runs[kind] = { at, unit, next: number + 1 };
      begin(counters[kind], at, { unit, number });
    }
    return counters[kind];
  };
  const flush = async (): Promise<void> => await written(file, lines);
  return {
    row: (at, unit, number) => next("row", at, { unit, number }),
    text: (at, unit, number) => next("text", at, { unit, number }),
    rows(at, unit, count) {
      const before = counters.row;
      begin(before + 1, at, { unit, number: 1 });
      counters.row += count;
      runs.row = undefined;
      return before;
    },
    write: async () => {
      if (lines.length >= FLUSH_LINES) await flush();
    },
    [Symbol.asyncDispose]: async () => {
      await flush();
      await file.close();
    },
  };
}

async function written(file: FileHandle, lines: string[]): Promise<void> {
  const text = lines.splice(0).join("");
  if (text !== "") await file.writeFile(text);
}

// As ClickHouse reads tab-separated values. Places have no control characters.
function escaped(at: string): string {
  return at.replaceAll("\\", "\\\\");
}
