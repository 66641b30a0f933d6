// Parts into files that ClickHouse reads. Tables of one name with the same columns become one, wherever they stand: an archive
// of a thousand spreadsheets is one table.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { DumpTable, SetAside } from "../evidence/dump/dump.ts";
import { openRowWriter, type RowWriter } from "../evidence/dump/row-writer.ts";
import type { Parts, TableShape, Unit, Unread } from "./document.ts";
import { openPlaces, type Places } from "./places.ts";
import { tableParts } from "./table-parts.ts";

/** More tables than this are read as text. */
const MOST_TABLES = 300;
const MOST_COLUMNS = 1_000;
const LONGEST_PIECE = 1 << 16;
const MOST_UNREAD = 10_000;

export type Written = {
  readonly tables: readonly DumpTable[];
  readonly setAside: readonly SetAside[];
  readonly unread: readonly Unread[];
  /** Beyond those listed. */
  readonly unlisted: number;
};

export type PartsWriter = AsyncDisposable & {
  readonly parts: Parts;
  readonly written: () => Promise<Written>;
};

export const PLACES_FILE = "places.tsv";

export async function writeParts(folder: string): Promise<PartsWriter> {
  const stack = new AsyncDisposableStack();
  const places = stack.use(await openPlaces(join(folder, PLACES_FILE)));
  const texts = stack.use(await openRowWriter(folder, { name: "", file: "texts" }));
  texts.column("text");
  const into = new Into({ folder, stack, places, texts });
  return {
    parts: into,
    written: async () => await into.written(),
    [Symbol.asyncDispose]: async () => await stack.disposeAsync(),
  };
}

type Open = {
  readonly folder: string;
  readonly stack: AsyncDisposableStack;
  readonly places: Places;
  readonly texts: RowWriter;
};

type RowSink = {
  readonly add: (number: number, cells: readonly string[], at?: string) => Promise<void>;
};

class Into implements Parts {
  readonly #open: Open;
  readonly #writers = new Map<string, RowWriter>();
  readonly #tables: DumpTable[] = [];
  readonly #setAside: SetAside[] = [];
  readonly #unread: Unread[] = [];
  #unlisted = 0;
  #folders = 0;

  constructor(open: Open) {
    this.#open = open;
  }

  table(at: string, shape: TableShape) {
    const unit = shape.unit ?? "row";
    return tableParts({
      columns: shape.columns,
      text: this.text(at, unit),
      open: async (columns) => await this.#rows(at, { ...shape, unit, columns }),
    });
  }

  text(at: string, unit: Unit) {
    const { places, texts } = this.#open;
    return {
      add: async (number: number, text: string) => {
        for (const piece of pieces(text)) {
          await texts.add(places.text(at, unit, number), [piece]);
          await places.write();
        }
      },
    };
  }

  dump(at: string, { tables, setAside }: Parameters<Parts["dump"]>[1]): void {
    const last = Math.max(0, ...tables.map((table) => table.last));
    const offset = this.#open.places.rows(at, "row", last);
    for (const table of tables)
      this.#tables.push({
        ...table,
        offset,
        before: table.before + offset,
        last: table.last + offset,
      });
    this.#setAside.push(...setAside.map((one) => ({ ...one, at })));
  }

  unread(unread: Unread): void {
    if (this.#unread.length < MOST_UNREAD) this.#unread.push(unread);
    else this.#unlisted += 1;
  }

  async folder(): Promise<string> {
    this.#folders += 1;
    const path = join(this.#open.folder, `part-${this.#folders}`);
    await mkdir(path, { mode: 0o700 });
    return path;
  }

  async #rows(
    at: string,
    { name, unit, columns }: { name: string; unit: Unit; columns: readonly string[] },
  ): Promise<RowSink> {
    const { places } = this.#open;
    const writer = await this.#writer(name, columns.slice(0, MOST_COLUMNS));
    const text = this.text(at, unit);
    if (!writer)
      return { add: async (number, cells) => await text.add(number, labelled(columns, cells)) };
    return {
      async add(number, cells, own = at) {
        for (let more = columns.length; more < Math.min(cells.length, MOST_COLUMNS); more += 1)
          writer.column(`column_${more + 1}`);
        await writer.add(places.row(own, unit, number), cells.slice(0, MOST_COLUMNS));
        await places.write();
        if (cells.length > MOST_COLUMNS)
          await text.add(number, cells.slice(MOST_COLUMNS).filter(Boolean).join(" "));
      },
    };
  }

  // Undefined where there are too many tables.
  async #writer(name: string, columns: readonly string[]): Promise<RowWriter | undefined> {
    const key = JSON.stringify([name, ...columns]);
    const known = this.#writers.get(key);
    if (known || this.#writers.size >= MOST_TABLES) return known;
    const { folder, stack } = this.#open;
    const file = `rows-${this.#writers.size + 1}`;
    const writer = stack.use(await openRowWriter(folder, { name, file }));
    for (const column of columns) writer.column(column);
    this.#writers.set(key, writer);
    return writer;
  }

  async written(): Promise<Written> {
    const rows: DumpTable[] = [];
    for (const writer of this.#writers.values()) rows.push(await writer.table());
    const texts: DumpTable = { ...(await this.#open.texts.table()), prose: true };
    return {
      tables: [...this.#tables, ...rows, texts].filter((table) => table.rows > 0),
      setAside: this.#setAside,
      unread: this.#unread,
      unlisted: this.#unlisted,
    };
  }
}

function labelled(columns: readonly string[], cells: readonly string[]): string {
  return cells
    .flatMap((cell, at) => (cell === "" ? [] : [`${columns[at] ?? at + 1}: ${cell}`]))
    .join("\n");
}

// Cut at a blank, so that nothing that is looked for is cut in two.
function* pieces(text: string): Generator<string> {
  let from = 0;
  while (text.length - from > LONGEST_PIECE) {
    const blank = text.lastIndexOf(" ", from + LONGEST_PIECE);
    const to = blank > from + LONGEST_PIECE / 2 ? blank : from + LONGEST_PIECE;
    yield text.slice(from, to);
    from = to;
  }
  const rest = text.slice(from);
  if (rest.trim() !== "") yield rest;
}
