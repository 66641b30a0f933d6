// Records of one known format → rows of `events`. Reading is ours, in pieces of 32 MB, so that memory is bounded, what is broken is told
// apart and progress is known; what a record says is SQL, a piece at a time, while the next one is read.
import { isAscii } from "node:buffer";
import { randomUUID } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { sniffDialect } from "../evidence/dump/sniff-dialect.ts";
import type { Click } from "../db/click.ts";
import { type EventParams, eventSelect, ROW_COLUMNS, SELECT_SETTINGS } from "./event-select.sql.ts";
import type { Format } from "./format.ts";
import { csvRecords } from "./reading/csv-records.ts";
import { jsonRecords } from "./reading/json-records.ts";
import { keyToRead } from "./reading/key-inside.ts";
import { lineRecords } from "./reading/line-records.ts";
import { peek } from "./reading/peek.ts";
import { Piece, PIECE_STRUCTURE } from "./reading/piece.ts";
import type { Cutter, Take } from "./reading/record.ts";

/** `events` itself, for a batch of a live source; or where a source is gathered before it takes the place of its former self. */
export type EventTable = "events" | "events_reading";

export type LoadRecordsInput = EventParams & {
  /** UTF-8 text, not packed: see `plainText` for bytes of any kind. */
  readonly chunks: AsyncIterable<Buffer>;
  readonly format: Format;
  readonly into: EventTable;
  /** Private; pieces stand in it while they are loaded. */
  readonly folder: string;
  /** Places go on after this one: 0 by default. */
  readonly after?: number;
  readonly signal?: AbortSignal;
  /** Bytes of text read so far. */
  readonly progress?: (bytes: number) => void;
};

export type LoadedRecords = {
  readonly records: number;
  /** Of these, records with bytes that were no UTF-8, read as Latin-1. */
  readonly repaired: number;
  readonly bytes: number;
};

// A statement costs 30 to 50 ms before it reads anything; but of records of many megabytes each column and each step holds a copy.
const PIECE_BYTES = 32_000_000;
const LONG_RECORDS = { pieceBytes: 16_000_000, recordBytes: 200_000 } as const;
/** Rows are worked on in blocks of about this size, each on a core. */
const BLOCK_BYTES = 2_000_000;

// Each reads and works on a part of a piece; more would only hold more in memory.
const CORES = Math.min(4, availableParallelism());

// A piece becomes one part: each costs a header for every column.
const ONE_PART = {
  min_insert_block_size_rows: 10_000_000,
  min_insert_block_size_bytes: 100_000_000,
};

/**
 * Adds every record that is not empty, in order, `place` from 1. Broken ones too, with the reason. Not atomic: whoever repeats it after a
 * crash takes away first what is there of (source, batch).
 * @throws TocsinError `limited` (memory), `unavailable`; whatever `chunks` throws
 */
export async function loadRecords(click: Click, input: LoadRecordsInput): Promise<LoadedRecords> {
  await using loader = new Loader(click, input);
  const { after = 0 } = input;
  const take: Take = (place, span) => loader.piece.add(after + place, span);
  const { head, chunks } = await peek(input.chunks, 1);
  const cutter = cutterFor(input.format, head, take);
  let bytes = 0;
  for await (const chunk of chunks) {
    input.signal?.throwIfAborted();
    // What a record to come begins with may not have been ASCII.
    loader.piece.check = !isAscii(chunk) || (cutter.held > 0 && loader.piece.check);
    cutter.push(chunk);
    bytes += chunk.length;
    input.progress?.(bytes);
    if (isFull(loader.piece)) await loader.send();
  }
  cutter.end();
  await loader.send();
  await loader.settled();
  return { records: loader.records, repaired: loader.repaired, bytes };
}

function isFull({ length, records }: Piece): boolean {
  return (
    length >= PIECE_BYTES ||
    (length >= LONG_RECORDS.pieceBytes && length / records >= LONG_RECORDS.recordBytes)
  );
}

/** As a format says. `head` is the beginning of the text: of delimited text it tells the delimiter. */
export function cutterFor({ records }: Pick<Format, "records">, head: Buffer, take: Take): Cutter {
  switch (records.by) {
    case "line":
      return lineRecords(take, records.continues);
    case "json":
      return jsonRecords(take, keyToRead(records, head));
    case "csv":
      return csvRecords(take, sniffDialect(head));
    default:
      return records satisfies never;
  }
}

/** One piece is filled while the one before it is loaded. */
class Loader implements AsyncDisposable {
  readonly #click: Click;
  readonly #input: LoadRecordsInput;
  #other = new Piece(PIECE_BYTES + 2_000_000);
  #loading: Promise<void> = Promise.resolve();
  piece = new Piece(PIECE_BYTES + 2_000_000);
  records = 0;

  constructor(click: Click, input: LoadRecordsInput) {
    this.#click = click;
    this.#input = input;
  }

  get repaired(): number {
    return this.piece.repaired + this.#other.repaired;
  }

  async send(): Promise<void> {
    await this.#loading;
    if (this.piece.records === 0) return;
    this.records += this.piece.records;
    const full = this.piece;
    this.piece = this.#other;
    this.piece.check = full.check;
    this.#other = full;
    this.#loading = this.#load(full);
    this.#loading.catch(() => {}); // told by whoever waits for it
  }

  async settled(): Promise<void> {
    await this.#loading;
  }

  async #load(piece: Piece): Promise<void> {
    const { format, into, folder, source, batch, zone, now, arrival } = this.#input;
    const parts = piece
      .parts(CORES)
      .map((bytes) => ({ bytes, path: join(folder, `${randomUUID()}.rows`) }));
    const rows = Math.ceil((BLOCK_BYTES * piece.records) / piece.length);
    try {
      for (const { bytes, path } of parts)
        await writeFile(path, bytes, { flag: "wx", mode: 0o600 });
      await this.#click.load({
        into: `${into} (${ROW_COLUMNS.join(", ")})`,
        select: (from) => eventSelect(format, from),
        path: parts.map(({ path }) => path),
        format: "RowBinary",
        structure: PIECE_STRUCTURE,
        params: { source, batch, zone, now, arrival },
        settings: {
          ...SELECT_SETTINGS,
          ...ONE_PART,
          max_block_size: Math.min(65_409, Math.max(64, rows)),
        },
      });
    } finally {
      piece.clear();
      for (const { path } of parts) await rm(path, { force: true });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#loading.catch(() => {});
  }
}
