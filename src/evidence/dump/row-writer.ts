// Rows that we take apart ourselves (NDJSON, SQL dumps), on their way into files that ClickHouse reads: tab-separated, each
// row behind its number. Later rows may have more columns; those that a row lacks are empty.
import { open, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import type { DumpTable } from "./dump.ts";

const FLUSH_BYTES = 1 << 18;
const SAMPLE_ROWS = 1_000;
const MOST_COLUMNS = 1_000;

export type RowWriter = AsyncDisposable & {
  /** Its place in the table, new where the table has none of that name; undefined where it has too many. */
  column(name: string): number | undefined;
  /** One a column, in order; trailing ones may be missing. */
  add(number: number, values: readonly string[]): Promise<void>;
  table(): Promise<DumpTable>;
};

export async function openRowWriter(
  folder: string,
  { name, file }: { name: string; file: string },
): Promise<RowWriter> {
  const path = join(folder, `${file}.tsv`);
  const handle = await open(path, "wx", 0o600);
  const columns = new Map<string, number>();
  const sample: (readonly string[])[] = [];
  const pending = { lines: [] as string[], length: 0, rows: 0, first: 0, last: 0 };
  return {
    column(label) {
      const known = columns.get(label);
      if (known !== undefined || columns.size >= MOST_COLUMNS) return known;
      columns.set(label, columns.size);
      return columns.size - 1;
    },
    async add(number, values) {
      if (sample.length < SAMPLE_ROWS) sample.push(values);
      const line = `${number}\t${values.map(escaped).join("\t")}\n`;
      pending.lines.push(line);
      pending.length += line.length;
      pending.rows += 1;
      if (pending.rows === 1) pending.first = number;
      pending.last = number;
      if (pending.length >= FLUSH_BYTES) await flush(handle, pending);
    },
    async table() {
      await flush(handle, pending);
      return {
        name,
        columns: [...columns.keys()],
        path,
        format: "TSV",
        settings: { input_format_tsv_allow_variable_number_of_columns: 1 },
        numbered: true,
        before: Math.max(0, pending.first - 1),
        last: pending.last,
        rows: pending.rows,
        sample,
      };
    },
    [Symbol.asyncDispose]: async () => await handle.close(),
  };
}

async function flush(
  handle: FileHandle,
  pending: { lines: string[]; length: number },
): Promise<void> {
  const lines = pending.lines.splice(0);
  pending.length = 0;
  if (lines.length > 0) await handle.writeFile(lines.join(""));
}

const SPECIAL = /[\\\t\n\r\0]/;

function escaped(value: string): string {
  if (!SPECIAL.test(value)) return value;
  return value
    .replaceAll("\\", "\\\\")
    .replaceAll("\t", "\\t")
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r")
    .replaceAll("\0", "\\0");
}
