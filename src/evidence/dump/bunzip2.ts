import { TocsinError } from "../../core/errors.ts";

// eslint-disable-next-line require-yield
export async function* bunzip2(_chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  throw new TocsinError("incompatible", "bzip2 is not read: unpack the file first");
}
