import { TocsinError } from "../core/errors.ts";
import type { Context } from "../db/context.ts";
import { type UnsealInput, unsealedStream } from "../evidence/unseal.ts";
import type { Dump } from "./dump.ts";
import { type PlainBytes, plainBytes } from "./plain-bytes.ts";
import { sniffDialect } from "./sniff-dialect.ts";
import { writeDelimited } from "./write-delimited.ts";

/**
 * Unseals a dump into `folder`, in a form that ClickHouse reads: unpacked, as UTF-8, rows that are not whole set aside.
 * @throws TocsinError `invalid` where it holds no rows
 */
export async function prepareDump(ctx: Context, input: UnsealInput, folder: string): Promise<Dump> {
  const { stream, evidence } = await unsealedStream(ctx, input);
  const plain = await plainBytes(stream, evidence.bytes);
  const dump = await readPlain(plain, folder);
  if (dump.tables.length === 0) throw new TocsinError("invalid", `evidence ${input.key} holds no rows of records: is its kind right?`);
  return dump;
}

async function readPlain(plain: PlainBytes, folder: string): Promise<Dump> {
  const dialect = sniffDialect(plain.head, true);
  const dump = await writeDelimited(dialect, { chunks: plain.chunks, folder });
  return { ...dump, format: described(`CSV, ${dialect.name}`, plain) };
}

function described(format: string, { compression, encoding }: PlainBytes): string {
  return [format, ...(encoding === "utf-8" ? [] : [encoding]), ...(compression === undefined ? [] : [compression])].join(", ");
}
