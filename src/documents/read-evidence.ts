// Evidence of an incident as tables: a plain dump as it comes, everything else by the readers of documents, in their child.
import { Readable } from "node:stream";
import { TocsinError } from "../core/errors.ts";
import type { Context } from "../db/context.ts";
import type { Dump } from "../evidence/dump/dump.ts";
import { type PlainBytes, plainBytes } from "../evidence/dump/plain-bytes.ts";
import { readDump } from "../evidence/dump/read-dump.ts";
import { type UnsealInput, unsealedStream } from "../evidence/unseal.ts";
import { peek } from "../logs/reading/peek.ts";
import { parseExact } from "./data-kinds/exact-json.ts";
import { isBranch } from "./data-kinds/tree-tables.ts";
import { type Unread, placeIn } from "./document.ts";
import { kindOf } from "./kind-of.ts";
import { readDocuments } from "./read-documents.ts";

export type ReadEvidence = Dump & {
  readonly unread: readonly Unread[];
  /** Of documents: where each number stands. Rows of a plain dump are numbered by themselves. */
  readonly places: string | undefined;
};

/**
 * Unseals evidence into `folder`, in a form that ClickHouse reads.
 * @throws TocsinError `invalid` where nothing of it can be read
 */
export async function readEvidence(
  ctx: Context,
  input: UnsealInput,
  folder: string,
): Promise<ReadEvidence> {
  const { stream, evidence } = await unsealedStream(ctx, input);
  const packed = await peek(stream, 10);
  const read = isBzip2(packed.head)
    ? await asDocument(ctx, input, { ...evidence, folder, first: packed.chunks })
    : await readPlain(ctx, input, {
        ...evidence,
        folder,
        plain: await plainBytes(Readable.from(packed.chunks), evidence.bytes),
      });
  if (read.tables.length > 0) return read;
  const why = read.unread[0];
  throw new TocsinError(
    "invalid",
    why === undefined
      ? `evidence ${input.key} holds no rows of records: is its kind right?`
      : `evidence ${input.key} cannot be read: ${why.at === input.key ? "" : `${why.at}: `}${why.detail}`,
    { problems: read.unread.slice(0, 100).map(({ at, detail }) => ({ at, message: detail })) },
  );
}

type Plain = {
  readonly plain: PlainBytes;
  readonly folder: string;
  readonly bytes: number;
  readonly name: string;
};

async function readPlain(ctx: Context, input: UnsealInput, of: Plain): Promise<ReadEvidence> {
  const { plain, folder } = of;
  if (isDump(plain.head))
    return { ...(await readDump(ctx, plain, folder)), unread: [], places: undefined };
  const read = await asDocument(ctx, input, { ...of, first: plain.chunks });
  const { compression } = plain;
  return compression === undefined ? read : { ...read, format: `${read.format}, ${compression}` };
}

// Lists of values, one a line, are a dump too.
const MOST_WORDY = 0.4;

function isDump(head: Buffer): boolean {
  const { kind } = kindOf(head);
  if (kind === "text") {
    const lines = head
      .toString("utf8")
      .split("\n", 200)
      .filter((line) => line.trim() !== "");
    return lines.filter((line) => /\S\s+\S/.test(line)).length <= lines.length * MOST_WORDY;
  }
  if (kind === "json") return isFlat(head.toString("utf8"));
  return kind === "delimited" || kind === "ndjson" || kind === "sql" || kind === "parquet";
}

// One object of plain values is one row, with its empty columns too.
function isFlat(text: string): boolean {
  const row = parseExact(text);
  if (row === undefined || !isBranch(row)) return false;
  return Object.values(row).every((value) => typeof value !== "object" || value === null);
}

function isBzip2(head: Buffer): boolean {
  return head.toString("latin1", 0, 3) === "BZh";
}

type AsDocument = {
  readonly folder: string;
  readonly bytes: number;
  readonly first: AsyncIterable<Buffer>;
};

// Where a child did not survive, the evidence is unsealed again for the next one.
async function asDocument(
  ctx: Context,
  input: UnsealInput,
  { folder, bytes, first }: AsDocument,
): Promise<ReadEvidence> {
  let source: AsyncIterable<Buffer> | undefined = first;
  const open = async (): Promise<Readable> => {
    const chunks = source ?? (await unsealedStream(ctx, input)).stream;
    source = undefined;
    return Readable.from(chunks, { objectMode: false, highWaterMark: 1 << 20 });
  };
  const { signal } = ctx;
  const name = placeIn("", input.key);
  const read = await readDocuments({ documents: [{ name, bytes, open }], folder, signal });
  const { tables, setAside, unread, places, kinds } = read;
  return { format: kinds[0] ?? "unread", tables, setAside, unread, places };
}
