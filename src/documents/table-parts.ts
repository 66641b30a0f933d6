import { distinct, isHeader } from "../evidence/dump/sniff-dialect.ts";
import type { TableParts, TextParts } from "./document.ts";

type Row = {
  readonly number: number;
  readonly cells: readonly string[];
  readonly at: string | undefined;
};

export type TablePartsInput = {
  /** Where they are known; else the header is looked for. */
  readonly columns: readonly string[] | undefined;
  readonly open: (columns: readonly string[]) => Promise<{
    add(number: number, cells: readonly string[], at?: string): Promise<void>;
  }>;
  /** For what stands above the header. */
  readonly text: TextParts;
};

const LOOKED_AT = 30;
/** Titles and notes stand above a header, and not many of them. */
const DEEPEST_HEADER = 12;

/** A table that is opened when its columns are known. Rows without a value are left out. */
export function tableParts({ columns, open, text }: TablePartsInput): TableParts {
  let held: Row[] | undefined = columns ? undefined : [];
  let sink: Promise<Awaited<ReturnType<TablePartsInput["open"]>>> | undefined;
  const begin = async (): Promise<void> => {
    const rows = held ?? [];
    held = undefined;
    const { above, header, below } = parted(rows);
    for (const { number, cells } of above) await text.add(number, cells.filter(Boolean).join(" "));
    const width = Math.max(0, ...rows.map(({ cells }) => cells.length));
    sink = open(columns ?? namesOf(header, width));
    const into = await sink;
    for (const { number, cells, at } of below) await into.add(number, cells, at);
  };
  return {
    async add(number, cells, at) {
      if (cells.every((cell) => cell === "")) return;
      if (held) {
        held.push({ number, cells, at });
        if (held.length >= LOOKED_AT) await begin();
        return;
      }
      if (!sink) await begin();
      const into = await sink;
      await into?.add(number, cells, at);
    },
    async end() {
      if (held && held.length > 0) await begin();
    },
  };
}

// A header has a name over most columns; a title stands alone in its row.
function parted(rows: readonly Row[]): {
  above: readonly Row[];
  header: readonly string[] | undefined;
  below: readonly Row[];
} {
  const filled = rows.map(({ cells }) => cells.filter((cell) => cell !== "").length);
  const wide = Math.max(0, ...filled);
  for (const [at, { cells }] of rows.slice(0, DEEPEST_HEADER).entries()) {
    if ((filled[at] ?? 0) * 2 < wide || (wide > 1 && (filled[at] ?? 0) < 2)) continue;
    const names = cells.map((cell) => cell.trim());
    const rest = rows.slice(at + 1).map((row) => row.cells);
    if (isHeader(names, rest) && rest.length > 0)
      return { above: rows.slice(0, at), header: names, below: rows.slice(at + 1) };
  }
  return { above: [], header: undefined, below: rows };
}

function namesOf(header: readonly string[] | undefined, width: number): string[] {
  const count = Math.max(width, header?.length ?? 0);
  return distinct(Array.from({ length: count }, (_, at) => header?.[at] || `column_${at + 1}`));
}
