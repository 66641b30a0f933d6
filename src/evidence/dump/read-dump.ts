import type { Context } from "../../db/context.ts";
import type { Dump } from "./dump.ts";
import type { PlainBytes } from "./plain-bytes.ts";
import { sniffDialect } from "./sniff-dialect.ts";
import { writeDelimited } from "./write-delimited.ts";
import { writeNdjson } from "./write-ndjson.ts";
import { writeParquet } from "./write-parquet.ts";
import { isSqlDump, writeSqlDump } from "./write-sql-dump.ts";

/** Puts a dump into `folder` in a form that ClickHouse reads: as UTF-8, rows that are not whole set aside. */
export async function readDump(ctx: Context, plain: PlainBytes, folder: string): Promise<Dump> {
  const { chunks } = plain;
  if (plain.head.subarray(0, 4).toString("latin1") === "PAR1") {
    return {
      ...(await writeParquet(await ctx.click(), chunks, folder)),
      format: described("Parquet", plain),
    };
  }
  const head = plain.head.toString("utf8");
  if (isJsonLines(head))
    return { ...(await writeNdjson(chunks, folder)), format: described("NDJSON", plain) };
  if (isSqlDump(head))
    return {
      ...(await writeSqlDump(chunks, { folder, head })),
      format: described("SQL dump", plain),
    };
  const dialect = sniffDialect(plain.head);
  return {
    ...(await writeDelimited(dialect, { chunks, folder })),
    format: described(`CSV, ${dialect.name}`, plain),
  };
}

// Most of the first lines are objects: a broken one among them is a row to set aside.
function isJsonLines(head: string): boolean {
  const lines = head.split("\n", 20).filter((line) => line.trim() !== "");
  return (
    lines.length > 0 &&
    lines.filter((line) => line.trimStart().startsWith("{")).length * 2 > lines.length
  );
}

function described(format: string, { compression, encoding }: PlainBytes): string {
  return [
    format,
    ...(encoding === "utf-8" ? [] : [encoding]),
    ...(compression === undefined ? [] : [compression]),
  ].join(", ");
}
