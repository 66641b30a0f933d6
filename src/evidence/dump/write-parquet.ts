import { open } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { TocsinError } from "../../core/errors.ts";
import type { Click } from "../../db/click.ts";
import { identifier, quote } from "../../db/click-bind.ts";
import type { Dump, DumpTable } from "./dump.ts";
import { sampleOf } from "./sample-rows.ts";

const Column = z.object({ name: z.string() });
const Bad = z.object({ row: z.number() });
const NUMBERS_KEPT = 100;

/** ClickHouse reads Parquet itself; it comes out as text, each row behind its number in the file. */
export async function writeParquet(
  click: Click,
  chunks: AsyncIterable<Buffer>,
  folder: string,
): Promise<Omit<Dump, "format">> {
  const path = join(folder, "rows.parquet");
  await using file = await open(path, "wx", 0o600);
  for await (const chunk of chunks) await file.writeFile(chunk);
  const source = `file(${quote(path)}, 'Parquet')`;
  const columns = await described(click, source);
  const texts = columns.map(
    ({ name }, at) => `ifNull(toString(${identifier(name)}), '') as c${at}`,
  );
  const whole = columns
    .map((_, at) => `isValidUTF8(c${at}) and position(c${at}, char(0)) = 0`)
    .join(" and ");
  const rows = `(select _row_number + 1 as row, ${texts.join(", ")} from ${source})`;
  const to = join(folder, "rows.tsv");
  await click.unload({
    select: `select row, ${columns.map((_, at) => `c${at}`).join(", ")} from ${rows} where ${whole} order by row`,
    path: to,
    format: "TSV",
  });
  const bad = await click.query(
    Bad,
    `select row from ${rows} where not (${whole}) order by row limit 100000`,
  );
  const counts = await click.query(
    z.object({ rows: z.number() }),
    `select count() as rows from ${source}`,
  );
  const table: DumpTable = {
    name: "",
    columns: columns.map((column) => column.name),
    path: to,
    format: "TSV",
    settings: {},
    numbered: true,
    before: 0,
    last: counts[0]?.rows ?? 0,
    rows: (counts[0]?.rows ?? 0) - bad.length,
    sample: await sampleOf(to),
  };
  const setAside = {
    reason: "not UTF-8",
    count: bad.length,
    rows: bad.slice(0, NUMBERS_KEPT).map(({ row }) => row),
  };
  return { tables: [table], setAside: bad.length === 0 ? [] : [setAside] };
}

async function described(click: Click, source: string): Promise<z.output<typeof Column>[]> {
  try {
    return await click.query(Column, `describe table ${source}`);
  } catch (cause) {
    throw new TocsinError(
      "invalid",
      "the dump is no whole Parquet file: its end, which describes it, cannot be read",
      { cause },
    );
  }
}
