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
  let batch: z.output<Row>[] = [];
  for await (const line of lines(pieces)) {
    batch.push(row.parse(JSON.parse(line)));
    if (batch.length === BATCH) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

const NEWLINE = 0x0a;

async function* lines(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of pieces) {
    const bytes =
      rest.length === 0
        ? Buffer.from(piece.buffer, piece.byteOffset, piece.length)
        : Buffer.concat([rest, piece]);
    let from = 0;
    for (let to = bytes.indexOf(NEWLINE); to !== -1; to = bytes.indexOf(NEWLINE, from)) {
      if (to > from) yield bytes.toString("utf8", from, to);
      from = to + 1;
    }
    rest = bytes.subarray(from);
  }
  if (rest.length > 0) yield rest.toString("utf8");
}
