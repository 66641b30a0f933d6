// Rows of COPY's text format, which is ClickHouse's TSV, into pages. A page ends where the key changes: going on behind its
// last key then loses no second row of that key.
import { TocsinError } from "../core/errors.ts";
import { PAGE_ROWS, type Page } from "./page.ts";
import { pageBuilder, type PageBuilder } from "./page-builder.ts";
import type { ReadInput } from "./source.ts";

const [TAB, NEWLINE] = [0x09, 0x0a];
const MOST_LINES = 4 * PAGE_ROWS;

/** Rows with a key behind `after`, in the key's order; or those without a key. */
export type RowsWanted = { readonly after: string | undefined } | "without a key";

/** `read` gives whole rows, any number to a piece; the key is their first column. */
export async function* copyPages(
  read: (wanted: RowsWanted) => AsyncIterable<Buffer>,
  input: ReadInput,
): AsyncGenerator<Page> {
  const from = cursorOf(input.from?.cursor);
  const pages = pagesOf(input);
  if (typeof from === "object") yield* keyedPages(read(from), pages);
  if (from !== "all") yield* keylessPages(read("without a key"), pages);
}

type Pages = {
  readonly builder: PageBuilder;
  readonly key: string;
  readonly take: (cursor: Cursor) => Promise<Page>;
};

function pagesOf(input: ReadInput): Pages {
  const builder = pageBuilder(input.from?.rows ?? 0, input.pageRows);
  const structure = input.columns.map((_column, index) => `c${index} String`).join(", ");
  const values = new Map(input.columns.map((column, index) => [column, `c${index}`]));
  const shape = { disposable: true, format: "TSV", structure, values } as const;
  const take = async (cursor: Cursor): Promise<Page> => {
    const { pieces, ...built } = builder.take();
    return { ...built, ...shape, path: await input.write(pieces), cursor: JSON.stringify(cursor) };
  };
  return { builder, key: input.key, take };
}

async function* keyedPages(
  pieces: AsyncIterable<Buffer>,
  { builder, key, take }: Pages,
): AsyncGenerator<Page> {
  let last = "";
  for await (const piece of pieces) {
    for (const { at, to } of rowsIn(piece)) {
      if (builder.full && keyOf(piece, at) !== last) yield await take({ after: unescaped(last) });
      builder.add(piece, at, to);
      if (builder.full) last = keyOf(piece, at);
      if (builder.lines > MOST_LINES) throw notAKey(key);
    }
  }
  if (builder.lines > 0) yield await take("keyed");
}

// In one page, so that none of them is read twice.
async function* keylessPages(
  pieces: AsyncIterable<Buffer>,
  { builder, key, take }: Pages,
): AsyncGenerator<Page> {
  for await (const piece of pieces) {
    for (const { at, to } of rowsIn(piece)) {
      builder.add(piece, at, to);
      if (builder.lines > MOST_LINES) throw notAKey(key);
    }
  }
  if (builder.lines > 0) yield await take("all");
}

function* rowsIn(piece: Buffer): Generator<{ readonly at: number; readonly to: number }> {
  for (let at = 0, to = 0; at < piece.length; at = to) {
    to = piece.indexOf(NEWLINE, at) + 1;
    yield { at, to };
  }
}

/** JSON of where to go on: behind a key; behind all rows with a key; nowhere. */
type Cursor = { readonly after: string | undefined } | "keyed" | "all";

function cursorOf(text: string | undefined): Cursor {
  if (text === undefined) return { after: undefined };
  const cursor: unknown = JSON.parse(text);
  if (cursor === "keyed" || cursor === "all") return cursor;
  if (
    typeof cursor === "object" &&
    cursor !== null &&
    "after" in cursor &&
    typeof cursor.after === "string"
  ) {
    return { after: cursor.after };
  }
  throw new RangeError("a cursor that this program did not write");
}

function notAKey(key: string): TocsinError {
  return new TocsinError(
    "invalid",
    `${key} is no key: more than ${MOST_LINES} rows have one value of it, or none`,
  );
}

function keyOf(row: Buffer, from: number): string {
  const newline = row.indexOf(NEWLINE, from);
  const tab = row.indexOf(TAB, from);
  return row.toString("utf8", from, tab === -1 || tab > newline ? newline : tab);
}

const ESCAPES: Readonly<Record<string, string>> = {
  0: "\0",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** A value of COPY's text format as it was. */
export function unescaped(text: string): string {
  return text.replaceAll(/\\(.)/gs, (_all, char: string) => ESCAPES[char] ?? char);
}
