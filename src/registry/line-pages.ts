// A file of one JSON object a line as pages. ClickHouse takes the lines whole and finds the values in them.
import { filePieces } from "./file-pieces.ts";
import { pageBuilder } from "./page-builder.ts";
import type { Page } from "./page.ts";
import { bound, quoted } from "./sql-text.ts";
import type { ReadInput } from "./source.ts";

const NEWLINE = 0x0a;
const LONGEST_LINE = 16 * 1024 * 1024;
const EMPTY = Buffer.from("{}\n");

export async function* linePages(path: string, input: ReadInput): AsyncGenerator<Page> {
  const builder = pageBuilder(input.from?.rows ?? 0, input.pageRows);
  let at = Number(input.from?.cursor ?? "0");
  const page = async (cursor: number): Promise<Page> => {
    const { pieces, ...built } = builder.take();
    const written = await input.write(pieces);
    const escapes = pieces.some((piece) => piece.includes("\\u0000"));
    const shape = { format: "LineAsString", structure: "line String" } as const;
    const values = new Map(input.columns.map((column) => [column, valueSql(column)]));
    return { ...built, ...shape, tidy: built.tidy && !escapes, path: written, disposable: true, values, flaw: FLAW, cursor: String(cursor) };
  };
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of filePieces(path, at, input.signal)) {
    const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    let from = 0;
    for (let to = bytes.indexOf(NEWLINE); to !== -1; to = bytes.indexOf(NEWLINE, from)) {
      takeLine(bytes, from, to + 1);
      from = to + 1;
      if (builder.full) yield await page(at + from);
    }
    at += from;
    rest = bytes.subarray(from);
    if (rest.length > LONGEST_LINE) rest = EMPTY.subarray(0, 1); // its end is found later: what is left is no object
  }
  const whole = Buffer.concat([rest, Buffer.from("\n")]);
  if (isObjectLine(rest)) builder.add(whole, 0, whole.length);
  else if (rest.toString().trim() !== "") builder.addBroken("truncated", EMPTY);
  if (builder.lines > 0) yield await page(at + rest.length);

  function takeLine(bytes: Buffer, from: number, to: number): void {
    if (to - from > 2 || (to - from === 2 && bytes[from] !== 0x0d)) builder.add(bytes, from, to);
  }
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
  return bound("js0", `JSONExtractRaw(line, ${quoted(column)})`, `if(startsWith(js0, '"'), ${text}, ${other})`);
}
