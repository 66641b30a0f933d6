import type { z } from "zod";

/** Rows a batch of a stream. */
const BATCH = 10_000;

/**
 * JSONEachRow in pieces of any size → parsed rows, at most 10,000 at a time. Lines end with a byte that UTF-8 holds
 * nowhere else, so a piece may end inside a character.
 */
export async function* parseRows<Row extends z.ZodType>(
  row: Row,
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<z.output<Row>[]> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of pieces) {
    const bytes = Buffer.concat([rest, piece]);
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    yield* batches(row, bytes.subarray(0, end));
    rest = bytes.subarray(end);
  }
  yield* batches(row, rest);
}

const NEWLINE = 0x0a;

function* batches<Row extends z.ZodType>(row: Row, bytes: Buffer): Generator<z.output<Row>[]> {
  let batch: z.output<Row>[] = [];
  let from = 0;
  while (from < bytes.length) {
    const found = bytes.indexOf(NEWLINE, from);
    const to = found === -1 ? bytes.length : found;
    if (to > from) batch.push(row.parse(JSON.parse(bytes.toString("utf8", from, to))));
    from = to + 1;
    if (batch.length === BATCH) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}
