/** The same items; the next one is made while the last one is used. */
export async function* oneAhead<Item>(items: AsyncIterable<Item>): AsyncGenerator<Item> {
  const iterator = items[Symbol.asyncIterator]();
  let next = iterator.next();
  try {
    for (;;) {
      const { done, value } = await next;
      if (done === true) return;
      next = iterator.next();
      next.catch(() => {}); // told to whoever asks for that item
      yield value;
    }
  } finally {
    await next.catch(() => {});
    await iterator.return?.();
  }
}
