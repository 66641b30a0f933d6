// Delimited text into the file that ClickHouse reads: the same bytes without the header where every row is whole, and only
// the whole rows, each behind its number, where some are not.
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { fieldsOf, findRecord } from "./delimited-record.ts";
import { Scan } from "./delimited-scan.ts";
import type { Dump, DumpTable } from "./dump.ts";
import { countSetAside } from "./set-aside.ts";
import type { SniffedDialect } from "./sniff-dialect.ts";

const SAMPLE_ROWS = 1_000;

type Source = {
  readonly chunks: AsyncIterable<Buffer>;
  readonly folder: string;
  /** Is given each record that is not whole. */
  readonly broken?: (record: Buffer, number: number) => void;
};

export async function writeDelimited(
  dialect: SniffedDialect,
  source: Source,
): Promise<Omit<Dump, "format">> {
  const path = join(source.folder, "rows.csv");
  const input = { dialect, columns: dialect.columns.length, setAside: countSetAside() };
  const scan = new Scan({ ...input, broken: source.broken });
  const sample: string[][] = [];
  const keep = (whole: ReturnType<Scan["take"]>): void => {
    for (const { bytes } of whole) {
      if (sample.length >= SAMPLE_ROWS) return;
      sample.push(fieldsOf(bytes.toString("utf8"), dialect));
    }
  };
  await using file = await open(path, "wx", 0o600);
  for await (const chunk of dialect.header
    ? withoutHeader(source.chunks, dialect)
    : source.chunks) {
    keep(scan.take(chunk, false));
    await file.writeFile(chunk);
  }
  keep(scan.take(Buffer.alloc(0), true));
  const broken = input.setAside.total;
  const table = {
    name: "",
    columns: dialect.columns,
    settings: settingsOf(dialect),
    format: "CSV",
    before: 0,
    last: scan.rows,
    sample,
    rows: scan.rows - broken,
  } as const;
  if (broken === 0) return { tables: [{ ...table, path, numbered: false }], setAside: [] };
  const numbered: DumpTable = {
    ...table,
    path: await writeNumbered(path, { ...source, dialect }),
    numbered: true,
  };
  return { tables: [numbered], setAside: input.setAside.list() };
}

async function writeNumbered(
  path: string,
  { folder, dialect }: { folder: string; dialect: SniffedDialect },
): Promise<string> {
  const to = join(folder, "whole-rows.csv");
  await using file = await open(to, "wx", 0o600);
  const scan = new Scan({ dialect, columns: dialect.columns.length, setAside: countSetAside() });
  const delimiter = String.fromCharCode(dialect.delimiter);
  const lines = async (chunk: Buffer, final: boolean): Promise<void> => {
    const parts = scan
      .take(chunk, final)
      .flatMap(({ bytes, number }) => [Buffer.from(`${number}${delimiter}`), bytes]);
    const last = parts.at(-1);
    if (final && last && last.at(-1) !== 10) parts.push(Buffer.from("\n"));
    if (parts.length > 0) await file.writeFile(Buffer.concat(parts));
  };
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 }))
    await lines(chunk, false);
  await lines(Buffer.alloc(0), true);
  return to;
}

async function* withoutHeader(
  chunks: AsyncIterable<Buffer>,
  dialect: SniffedDialect,
): AsyncGenerator<Buffer> {
  let held: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of chunks) {
    if (held === undefined) {
      yield chunk;
      continue;
    }
    held = Buffer.concat([held, chunk]);
    const rest = afterHeader(held, dialect, false);
    if (rest === undefined) continue;
    held = undefined;
    if (rest.length > 0) yield rest;
  }
  const rest = held && afterHeader(held, dialect, true);
  if (rest && rest.length > 0) yield rest;
}

function afterHeader(bytes: Buffer, dialect: SniffedDialect, final: boolean): Buffer | undefined {
  for (let from = 0; ;) {
    const found = findRecord(bytes, { from, final }, dialect);
    if (!found) return undefined;
    if (bytes.toString("latin1", from, found.end).trim() !== "" || found.end >= bytes.length)
      return bytes.subarray(found.end);
    from = found.end;
  }
}

function settingsOf({
  delimiter,
  quote,
}: SniffedDialect): Readonly<Record<string, string | number>> {
  return {
    format_csv_delimiter: String.fromCharCode(delimiter),
    format_csv_allow_double_quotes: quote === 34 ? 1 : 0,
    format_csv_allow_single_quotes: quote === 39 ? 1 : 0,
    input_format_csv_detect_header: 0,
    input_format_csv_allow_whitespace_or_tab_as_delimiter: delimiter === 9 ? 1 : 0,
  };
}
