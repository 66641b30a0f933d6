// A Parquet file as a source. ClickHouse reads it itself, by row number; nothing of it passes through us.
import { z } from "zod";
import { TocsinError } from "../core/errors.ts";
import type { Click } from "../db/click.ts";
import { fileVersion } from "./file-pieces.ts";
import { PAGE_ROWS, type Page } from "./page.ts";
import { named, quoted } from "./sql-text.ts";
import type { ReadInput, Source } from "./source.ts";

const ColumnRow = z.object({ name: z.string() });
const CountRow = z.object({ rows: z.number() });

export function openParquet(click: Click, path: string): Source {
  const file = `file(${quoted(path)}, Parquet)`;
  const version = async () => await fileVersion(path);
  const columns = async (): Promise<string[]> => {
    await version();
    const found = await click.query(ColumnRow, `describe table ${file}`).catch((cause: unknown) => {
      throw new TocsinError(
        "invalid",
        `${path} is no whole Parquet file: its end, which describes it, cannot be read`,
        { cause },
      );
    });
    return found.map(({ name }) => name);
  };
  const count = async (): Promise<number> =>
    (await click.query(CountRow, `select count() as rows from ${file}`))[0]?.rows ?? 0;
  return {
    incremental: false,
    columns,
    version,
    goesOn: async (begun) => JSON.stringify(begun) === JSON.stringify(await version()),
    async *pages(input) {
      yield* parquetPages(path, await count(), input);
    },
    probe: async () => void (await count()),
    [Symbol.asyncDispose]: async () => {},
  };
}

async function* parquetPages(
  path: string,
  rows: number,
  { columns, from, pageRows = PAGE_ROWS }: ReadInput,
): AsyncGenerator<Page> {
  const structure = columns.map((column) => `${named(column)} String`).join(", ");
  const values = new Map(columns.map((column) => [column, named(column)]));
  for (let first = from?.rows ?? 0; first < rows; first += pageRows) {
    const lines = Math.min(pageRows, rows - first);
    yield await Promise.resolve<Page>({
      path,
      disposable: false,
      format: "Parquet",
      structure,
      values,
      rowNumber: "_row_number + 1",
      where: `_row_number >= ${first} and _row_number < ${first + lines}`,
      firstRow: first + 1,
      lines,
      broken: [],
      tidy: false,
      cursor: String(first + lines),
    });
  }
}
