// A file of one JSON object a line as pages. ClickHouse takes the lines whole and finds the values in them.
import { filePieces } from "./file-pieces.ts";
import { pageBuilder, type BuiltPage, type PageBuilder } from "./page-builder.ts";
import type { Page } from "./page.ts";
import { bound, quoted } from "./sql-text.ts";
import type { ReadInput } from "./source.ts";

const [NEWLINE, RETURN] = [0x0a, 0x0d];
const LONGEST_LINE = 16 * 1024 * 1024;
const EMPTY = Buffer.from("{}\n");

export async function* linePages(path: string, input: ReadInput): AsyncGenerator<Page> {
  const builder = pageBuilder(input.from?.rows ?? 0, input.pageRows);
  const lines = lineTaker(builder);
  let at = Number(input.from?.cursor ?? "0");
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of filePieces(path, at, input.signal)) {
    const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    let from = 0;
    for (let to = bytes.indexOf(NEWLINE); to !== -1; to = bytes.indexOf(NEWLINE, from)) {
      lines.take(bytes, from, to + 1);
      from = to + 1;
      if (builder.full) yield await pageOf(builder.take(), at + from, input);
    }
    if (bytes.length - from > LONGEST_LINE) from = lines.skip(bytes);
    at += from;
    rest = bytes.subarray(from);
  }
  lines.last(rest);
  if (builder.lines > 0) yield await pageOf(builder.take(), at + rest.length, input);
}

async function pageOf(
  { pieces, ...built }: BuiltPage,
  cursor: number,
  input: ReadInput,
): Promise<Page> {
  const escapes = pieces.some((piece) =>
    ["\\u0000", "\\ud", "\\uD"].some((escape) => piece.includes(escape)),
  );
  return {
    ...built,
    path: await input.write(pieces),
    disposable: true,
    format: "LineAsString",
    structure: "line String",
    values: new Map(input.columns.map((column) => [column, valueSql(column)])),
    flaw: FLAW,
    tidy: built.tidy && !escapes,
    cursor: String(cursor),
  };
}

type LineTaker = {
  /** A line with its end. */
  take(bytes: Buffer, from: number, to: number): void;
  /** The bytes end within a line that is too long: it is listed, and what follows of it is passed over. */
  skip(bytes: Buffer): number;
  /** What follows the last line's end. */
  last(bytes: Buffer): void;
};

function lineTaker(builder: PageBuilder): LineTaker {
  let skipping = false;
  return {
    take: (bytes, from, to) => {
      const blank = to - from === 1 || (to - from === 2 && bytes[from] === RETURN);
      if (!blank && !skipping) builder.add(bytes, from, to);
      skipping = false;
    },
    skip: (bytes) => {
      if (!skipping) builder.addBroken("record-too-long", EMPTY);
      skipping = true;
      return bytes.length;
    },
    last: (bytes) => {
      if (skipping || bytes.toString().trim() === "") return;
      if (!isObjectLine(bytes)) return builder.addBroken("truncated", EMPTY);
      const line = Buffer.concat([bytes, Buffer.from("\n")]);
      builder.add(line, 0, line.length);
    },
  };
}

function isObjectLine(line: Buffer): boolean {
  try {
    const value: unknown = JSON.parse(line.toString("utf8"));
    return typeof value === "object" && value !== null;
  } catch {
    return false;
  }
}

const FLAW = `if(isValidJSON(line) and JSONType(line) = 'Object', '', 'broken-record')`;

/** A text as it is; a number, a truth value or a structure as JSON writes it; nothing for null. */
function valueSql(column: string): string {
  const text = `JSONExtractString(line, ${quoted(column)})`;
  const other = `if(js0 in ('null', ''), '', js0)`;
  return bound(
    "js0",
    `JSONExtractRaw(line, ${quoted(column)})`,
    `if(startsWith(js0, '"'), ${text}, ${other})`,
  );
}
