/** The first bytes of a stream, and the stream with them still in it. Closing what is returned closes the source. */
export async function peek(
  source: AsyncIterable<Buffer>,
  bytes: number,
): Promise<{ head: Buffer; chunks: AsyncGenerator<Buffer> }> {
  const iterator = source[Symbol.asyncIterator]();
  const first: Buffer[] = [];
  let have = 0;
  while (have < bytes) {
    const next = await iterator.next();
    if (next.done === true) break;
    first.push(next.value);
    have += next.value.length;
  }
  const head = Buffer.concat(first);
  async function* chunks(): AsyncGenerator<Buffer> {
    try {
      if (first.length > 0) yield* first.splice(0);
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next())
        yield next.value;
    } finally {
      await iterator.return?.();
    }
  }
  return { head, chunks: chunks() };
}
