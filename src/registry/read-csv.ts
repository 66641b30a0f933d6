// A CSV file as a source. Its delimiter is the one that the first line has most of.
import { open } from "node:fs/promises";
import { TocsinError } from "../core/errors.ts";
import { csvRecord } from "./csv-record.ts";
import { fileVersion, filePieces } from "./file-pieces.ts";
import { pageBuilder, type PageBuilder } from "./page-builder.ts";
import type { Page } from "./page.ts";
import type { ReadInput, Source } from "./source.ts";

/** An unclosed quote would swallow the file: a record that is longer ends at its first line. */
const LONGEST_RECORD = 16 * 1024 * 1024;
const LONGEST_HEADER = 1024 * 1024;
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

const noFile = async (): Promise<string> => await Promise.resolve("");

type Header = {
  readonly columns: readonly string[];
  readonly delimiter: number;
  readonly from: number;
};

export function openCsv(path: string): Source {
  const version = async () => await fileVersion(path);
  return {
    incremental: false,
    columns: async () => (await readHeader(path)).columns,
    version,
    goesOn: async (begun) => JSON.stringify(begun) === JSON.stringify(await version()),
    async *pages(input) {
      yield* csvPages(path, await readHeader(path), input);
    },
    probe: async (input) => {
      await csvPages(path, await readHeader(path), { ...input, write: noFile }).next();
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

/** @throws TocsinError `invalid` for an empty file, UTF-16, or a column named twice */
async function readHeader(path: string): Promise<Header> {
  const file = await open(path).catch((cause: unknown) => {
    throw new TocsinError("not_found", `there is no file ${path}`, { cause });
  });
  await using _ = file;
  const { buffer, bytesRead } = await file.read(Buffer.alloc(LONGEST_HEADER), 0, LONGEST_HEADER, 0);
  const bytes = buffer.subarray(0, bytesRead);
  refuseUtf16(path, bytes);
  const start = bytes.subarray(0, 3).equals(BOM) ? 3 : 0;
  const delimiter = delimiterOf(bytes.subarray(start));
  const line = csvRecord(bytes, start, delimiter);
  const to = line.kind === "open" ? bytes.length : line.to;
  if (to === start || line.kind === "blank")
    throw new TocsinError("invalid", `${path} has no line of column names`);
  const columns = headerNames(
    bytes.subarray(start, to).toString("utf8"),
    String.fromCharCode(delimiter),
  );
  const twice = columns.find((column, index) => columns.indexOf(column) !== index);
  if (twice !== undefined)
    throw new TocsinError("invalid", `${path} names the column ${twice} twice`);
  return { columns, delimiter, from: to };
}

function refuseUtf16(path: string, bytes: Buffer): void {
  const mark = bytes.subarray(0, 2).toString("hex");
  if (mark === "fffe" || mark === "feff") {
    throw new TocsinError(
      "invalid",
      `${path} is in UTF-16: save it as UTF-8, for instance with iconv -f UTF-16 -t UTF-8`,
    );
  }
}

function delimiterOf(bytes: Buffer): number {
  const end = bytes.indexOf(0x0a);
  const line = bytes
    .subarray(0, end === -1 ? bytes.length : end)
    .toString("latin1")
    .replaceAll(/"[^"]*"/g, "");
  const counts = [",", ";", "\t", "|"].map((char) => ({ char, count: line.split(char).length }));
  const most = counts.reduce((best, one) => (one.count > best.count ? one : best));
  return most.char.charCodeAt(0);
}

function headerNames(line: string, delimiter: string): string[] {
  const names: string[] = [];
  const field = new RegExp(
    `[ \\t]*(?:"((?:[^"]|"")*)"[ \\t]*|([^${delimiter === "|" ? "\\|" : delimiter}\\r\\n]*))(${delimiter === "|" ? "\\|" : delimiter}|\\r?\\n|$)`,
    "y",
  );
  for (let end = delimiter; end === delimiter;) {
    const found = field.exec(line);
    if (!found) break;
    names.push((found[1]?.replaceAll('""', '"') ?? found[2] ?? "").trim());
    end = found[3] ?? "";
  }
  return names;
}

async function* csvPages(path: string, header: Header, input: ReadInput): AsyncGenerator<Page> {
  const offset = input.from === undefined ? header.from : Number(input.from.cursor);
  const builder = pageBuilder(input.from?.rows ?? 0, input.pageRows);
  const { delimiter, columns } = header;
  const structure = columns.map((_column, index) => `c${index} String`).join(", ");
  const values = new Map(input.columns.map((column) => [column, `c${columns.indexOf(column)}`]));
  const page = async (at: number): Promise<Page> => {
    const { pieces, ...built } = builder.take();
    const settings = { format_csv_delimiter: String.fromCharCode(delimiter) };
    return {
      ...built,
      path: await input.write(pieces),
      disposable: true,
      format: "CSV",
      structure,
      settings,
      values,
      cursor: String(at),
    };
  };
  const placeholder = Buffer.from(
    `""${String.fromCharCode(delimiter).repeat(columns.length - 1)}\n`,
  );
  const scan = scanner(builder, { delimiter, fields: columns.length, placeholder });
  let at = offset;
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of filePieces(path, offset, input.signal)) {
    const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    let taken = 0;
    for (let next = scan(bytes, taken, false); next > taken; next = scan(bytes, taken, false)) {
      taken = next;
      if (builder.full) yield await page(at + taken);
    }
    at += taken;
    rest = bytes.subarray(taken);
  }
  for (let taken = 0; taken < rest.length;) {
    taken = scan(rest, taken, true);
    if (builder.full || taken >= rest.length) yield await page(at + taken);
  }
  if (builder.lines > 0) yield await page(at + rest.length);
}

type Shape = { readonly delimiter: number; readonly fields: number; readonly placeholder: Buffer };

/** Takes records into the builder until it is full or the bytes end, and says up to where. `last`: nothing follows. */
function scanner(builder: PageBuilder, { delimiter, fields, placeholder }: Shape) {
  return (bytes: Buffer, from: number, last: boolean): number => {
    let at = from;
    while (at < bytes.length && !builder.full) {
      const record = csvRecord(bytes, at, delimiter);
      if (record.kind === "open") {
        if (!last && bytes.length - at < LONGEST_RECORD) break;
        at = takeOpen(builder, { bytes, at, delimiter, fields, placeholder });
        continue;
      }
      if (record.kind === "record" && record.fields === fields) builder.add(bytes, at, record.to);
      else if (record.kind !== "blank") builder.addBroken("broken-record", placeholder);
      at = record.to;
    }
    return at;
  };
}

// The last line may lack its end. Otherwise a quote never closes: only the line that opens it is lost.
function takeOpen(
  builder: PageBuilder,
  left: Shape & { readonly bytes: Buffer; readonly at: number },
): number {
  const { bytes, at, delimiter, fields, placeholder } = left;
  const newline = bytes.indexOf(0x0a, at);
  if (newline !== -1) {
    builder.addBroken(
      bytes.length - at < LONGEST_RECORD ? "broken-record" : "record-too-long",
      placeholder,
    );
    return newline + 1;
  }
  const whole = Buffer.concat([bytes.subarray(at), Buffer.from("\n")]);
  const record = csvRecord(whole, 0, delimiter);
  if (record.kind === "record" && record.fields === fields) builder.add(whole, 0, whole.length);
  else if (record.kind !== "blank") builder.addBroken("truncated", placeholder);
  return bytes.length;
}
