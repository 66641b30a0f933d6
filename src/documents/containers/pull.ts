/** Takes bytes out of a stream by count. */
export class Pull {
  readonly #source: AsyncIterator<Buffer>;
  #held: Buffer = Buffer.alloc(0);
  #ended = false;
  #left = 0;

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#source = chunks[Symbol.asyncIterator]();
  }

  /** More was asked for than there was. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Fewer at the end. Not for long parts: they are held in memory. */
  async take(bytes: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for await (const part of this.#pieces(bytes)) parts.push(part);
    return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
  }

  async skip(bytes: number): Promise<void> {
    for await (const _ of this.#pieces(bytes));
  }

  /** The next so many bytes. Whoever stops before their end goes on with `toEndOf`. */
  chunks(bytes: number): AsyncGenerator<Buffer> {
    this.#left = bytes;
    return this.#rest();
  }

  async toEndOf(): Promise<void> {
    for await (const _ of this.#rest());
  }

  async *#rest(): AsyncGenerator<Buffer> {
    while (this.#left > 0) {
      const part = await this.#next(this.#left);
      if (!part) return;
      this.#left -= part.length;
      yield part;
    }
  }

  async *#pieces(bytes: number): AsyncGenerator<Buffer> {
    for (let left = bytes; left > 0;) {
      const part = await this.#next(left);
      if (!part) return;
      left -= part.length;
      yield part;
    }
  }

  async #next(most: number): Promise<Buffer | undefined> {
    if (this.#held.length === 0) {
      const next = await this.#source.next();
      if (next.done === true) {
        this.#ended = true;
        return undefined;
      }
      this.#held = next.value;
    }
    const part = this.#held.subarray(0, most);
    this.#held = this.#held.subarray(part.length);
    return part;
  }
}
