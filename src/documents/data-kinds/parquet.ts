// Parquet, in JavaScript: ClickHouse would read hostile files with native code in our own process.
import { read as readCallback } from "node:fs";
import { promisify } from "node:util";
import { type AsyncBuffer, parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { type Bytes, seekable } from "../bytes.ts";
import { Unreadable } from "../document.ts";
import type { Walk } from "../walk.ts";
import { parseExact } from "./exact-json.ts";
import { isBranch, TreeTables } from "./tree-tables.ts";

const read = promisify(readCallback);
const ROWS = 10_000;

export async function readParquet(bytes: Bytes, at: string, walk: Walk): Promise<string> {
  await using file = await seekable(bytes, walk.parts);
  const buffer = asBuffer(file.fd, file.size);
  const tables = new TreeTables(at, walk.parts);
  try {
    const metadata = await parquetMetadataAsync(buffer);
    const rows = Number(metadata.num_rows);
    for (let from = 0; from < rows; from += ROWS) {
      const part = await parquetReadObjects({
        file: buffer,
        metadata,
        compressors,
        rowStart: from,
        rowEnd: Math.min(rows, from + ROWS),
      });
      if (part.length === 0) break;
      for (const row of part) {
        const tree = parseExact(JSON.stringify(row, plain));
        if (tree !== undefined && isBranch(tree)) await tables.row(tree, []);
      }
    }
  } catch (error) {
    await tables.end();
    if (error instanceof Unreadable) throw error;
    const why = error instanceof Error ? error.message.slice(0, 200) : "unknown";
    throw new Unreadable("damaged", `the Parquet file is not whole: ${why}`);
  }
  await tables.end();
  return "Parquet";
}

function asBuffer(fd: number, byteLength: number): AsyncBuffer {
  return {
    byteLength,
    async slice(start, end = byteLength) {
      const from = start < 0 ? Math.max(0, byteLength + start) : start;
      const length = Math.max(0, Math.min(end, byteLength) - from);
      const into = Buffer.alloc(length);
      const { bytesRead } = await read(fd, into, 0, length, from);
      return into.buffer.slice(into.byteOffset, into.byteOffset + bytesRead);
    },
  };
}

function plain(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  return value instanceof Uint8Array ? Buffer.from(value).toString("utf8") : value;
}
