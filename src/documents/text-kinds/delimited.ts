// CSV, TSV and whatever else is parted by one sign. Rows that are not whole are read as text, so that nobody in them is missed.
import { fieldsOf } from "../../evidence/dump/delimited-record.ts";
import { Scan } from "../../evidence/dump/delimited-scan.ts";
import { countSetAside } from "../../evidence/dump/set-aside.ts";
import { type SniffedDialect, sniffDialect } from "../../evidence/dump/sniff-dialect.ts";
import { writeDelimited } from "../../evidence/dump/write-delimited.ts";
import type { Bytes } from "../bytes.ts";
import type { Walk } from "../walk.ts";
import { type Decoded, decoded, described } from "./decoded.ts";

/** From here on rows go to ClickHouse as they are, and it takes them apart. */
const LARGE_BYTES = 1 << 20;
const ROWS = 200;

export async function readDelimited(bytes: Bytes, at: string, walk: Walk): Promise<string> {
  const text = await decoded(bytes);
  const dialect = sniffDialect(text.head);
  const leftovers = await rowsOf({ text, dialect, size: bytes.size }, at, walk);
  await readLeftovers(leftovers, at, walk);
  return described(`CSV, ${dialect.name}`, text);
}

type Rows = {
  readonly text: Decoded;
  readonly dialect: SniffedDialect;
  readonly size: number | undefined;
};

async function rowsOf({ text, dialect, size }: Rows, at: string, walk: Walk): Promise<Leftovers> {
  const leftovers = newLeftovers();
  if ((size ?? text.head.length) >= LARGE_BYTES || text.head.length >= 1 << 18) {
    const folder = await walk.parts.folder();
    const { chunks } = text;
    walk.parts.dump(at, await writeDelimited(dialect, { chunks, folder, broken: leftovers.add }));
    return leftovers;
  }
  const columns = dialect.columns.length;
  const above = dialect.header ? 1 : 0;
  const scan = new Scan({
    dialect,
    columns,
    setAside: countSetAside(),
    broken: (record, number) => leftovers.add(record, number - above),
  });
  const table = walk.parts.table(at, { name: "", columns: dialect.columns });
  const take = async (chunk: Buffer, final: boolean): Promise<void> => {
    for (const { bytes, number } of scan.take(chunk, final)) {
      if (number > above)
        await table.add(number - above, fieldsOf(bytes.toString("utf8"), dialect));
    }
  };
  for await (const chunk of text.chunks) await take(chunk, false);
  await take(Buffer.alloc(0), true);
  await table.end();
  return leftovers;
}

type Leftovers = {
  readonly add: (record: Buffer, number: number) => void;
  readonly rows: { readonly number: number; readonly text: string }[];
  readonly beyond: () => number;
};

const MOST_LEFTOVERS = 64 << 20;

function newLeftovers(): Leftovers {
  const rows: { number: number; text: string }[] = [];
  let bytes = 0;
  let beyond = 0;
  return {
    rows,
    add(record, number) {
      bytes += record.length;
      if (bytes > MOST_LEFTOVERS) beyond += 1;
      else rows.push({ number, text: record.toString("utf8").replaceAll("\0", " ") });
    },
    beyond: () => beyond,
  };
}

const FEWEST_OF_OTHER = 3;

function otherDialect(rows: Leftovers["rows"]): SniffedDialect | undefined {
  if (rows.length < FEWEST_OF_OTHER) return undefined;
  const sample = rows.slice(0, ROWS).map(({ text }) => text);
  const dialect = sniffDialect(Buffer.from(sample.join("")));
  return dialect.columns.length > 1 ? dialect : undefined;
}

// A file whose delimiter changes half way leaves rows that are whole by another dialect.
async function readLeftovers(leftovers: Leftovers, at: string, { parts }: Walk): Promise<void> {
  const { rows } = leftovers;
  if (leftovers.beyond() > 0)
    parts.unread({
      at,
      reason: "too large",
      detail: `${leftovers.beyond()} rows that are not whole, beyond 64 MiB of such`,
    });
  const dialect = otherDialect(rows);
  const text = parts.text(at, "row");
  if (!dialect) {
    for (const row of rows) await text.add(row.number, row.text);
    return;
  }
  const table = parts.table(at, { name: "", columns: dialect.columns });
  for (const row of rows.slice(dialect.header ? 1 : 0)) {
    const fields = fieldsOf(row.text, dialect);
    if (fields.length === dialect.columns.length) await table.add(row.number, fields);
    else await text.add(row.number, row.text);
  }
  await table.end();
}
