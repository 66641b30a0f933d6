import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { createHash } from "node:crypto";
import { TocsinError } from "../../core/errors.ts";
import type { Context } from "../../db/context.ts";
import { privateFolder } from "../../evidence/private-folder.ts";
import { eventSelect, ROW_COLUMNS, SELECT_SETTINGS } from "../event-select.sql.ts";
import type { Format } from "../format.ts";
import { Piece, PIECE_STRUCTURE } from "../reading/piece.ts";
import {
  type Begun,
  beginBatch,
  finishBatch,
  type IngestRequest,
  type Taken,
} from "./batch-state.ts";
import type { Stream } from "./stream.ts";
import { BUSY, type Refusal, refuse } from "./refusal.ts";

export type WriteBatchInput = {
  readonly stream: Stream;
  /** How their records are read; OTLP's may differ from lines'. */
  readonly format: Format;
  readonly owner: string;
  readonly requests: readonly IngestRequest[];
  /** Told the number while it is being written. */
  readonly active: Set<number>;
  /** For tests: a crash at this place. */
  readonly fault?: (at: "begun" | "loaded" | "finished") => void;
};

/** Many requests, one part of ClickHouse. Answers each in its order, once its records are durable in both stores. */
export async function writeBatch(
  ctx: Context,
  input: WriteBatchInput,
): Promise<(Taken | Refusal)[]> {
  const { stream, owner, active, fault } = input;
  const begun = await beginBatch(ctx, input);
  if (begun.records > 0) {
    active.add(begun.batch);
    try {
      fault?.("begun");
      const digest = await loadRows(ctx, input, begun);
      fault?.("loaded");
      if (!(await finishBatch(ctx, { stream: stream.name, owner, begun, digest })))
        throw new TocsinError(
          "unavailable",
          `batch ${begun.batch} was dropped while it was written`,
        );
      fault?.("finished");
    } finally {
      // Where it is not finished, it is dropped from now on.
      active.delete(begun.batch);
    }
  }
  return begun.fates.map((fate) => ("answer" in fate ? fate.answer : REFUSED[fate.is]));
}

const REFUSED = {
  unfinished: BUSY,
  conflict: refuse(409, "this idempotency key was used for another body: take a new one"),
} as const satisfies Readonly<Record<string, Refusal>>;

async function loadRows(ctx: Context, input: WriteBatchInput, begun: Begun): Promise<string> {
  const { stream, format, requests } = input;
  await using folder = await privateFolder(ctx.folder);
  const path = join(folder.path, `${begun.batch}.records`);
  const digest = await writeRows(
    path,
    requests.filter((_, at) => begun.fates[at]?.is === "fresh"),
    begun,
  );
  const click = await ctx.click();
  const columns = ROW_COLUMNS.join(", ");
  await click.load({
    into: `events (${columns})`,
    select: (source) => eventSelect(format, source),
    path,
    format: "RowBinary",
    structure: PIECE_STRUCTURE,
    params: {
      source: stream.name,
      batch: begun.batch,
      zone: stream.zone,
      now: new Date(begun.arrivedAt),
      arrival: new Date(begun.arrivedAt),
    },
    settings: SELECT_SETTINGS,
  });
  await rm(path, { force: true });
  return digest;
}

const PIECE_BYTES = 1 << 20;

/** As rows, a megabyte at a time. Answers the SHA-256 of the records, each ended by a newline. */
async function writeRows(
  path: string,
  requests: readonly IngestRequest[],
  { firstPlace }: Begun,
): Promise<string> {
  const file = createWriteStream(path, { flags: "wx", mode: 0o600 });
  const hash = createHash("sha256");
  let place = firstPlace;
  let piece = new Piece(PIECE_BYTES);
  for (const { records } of requests) {
    for (const { bytes, flaw } of records) {
      hash.update(bytes).update("\n");
      piece.add(place, { bytes, from: 0, to: bytes.length, flaw });
      place += 1;
      if (piece.length < PIECE_BYTES) continue;
      await flushed(file, piece.bytes);
      piece = new Piece(PIECE_BYTES);
    }
  }
  await flushed(file, piece.bytes);
  await new Promise<void>((resolve, reject) => {
    file.once("error", reject).end(resolve);
  });
  return hash.digest("hex");
}

async function flushed(file: ReturnType<typeof createWriteStream>, bytes: Buffer): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    file.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}
