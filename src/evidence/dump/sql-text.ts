// The text of a SQL dump as it comes in: what was read stays until it is understood, within a bound.

const MOST_HELD = 16 << 20;

export class SqlText {
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #decoder = new TextDecoder("utf-8");
  text = "";
  at = 0;
  ended = false;

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** So that at least `length` characters lie ahead, or all that there are. */
  async ahead(length: number): Promise<void> {
    while (!this.ended && this.text.length - this.at < length) await this.more();
  }

  async more(): Promise<void> {
    const next = await this.#chunks.next();
    if (next.done === true) {
      this.text = this.text.slice(this.at) + this.#decoder.decode();
      this.ended = true;
    } else {
      this.text = this.text.slice(this.at) + this.#decoder.decode(next.value, { stream: true });
    }
    this.at = 0;
  }

  /**
   * What `parse` makes of the text from here on, with more of it read as long as it asks for that. Undefined where it is
   * still not satisfied at the end, or after 16 MiB.
   */
  async take<Result>(
    parse: (text: string, at: number) => Result | undefined,
  ): Promise<Result | undefined> {
    for (;;) {
      const result = parse(this.text, this.at);
      if (result !== undefined || this.ended || this.text.length - this.at > MOST_HELD)
        return result;
      const before = this.text.length - this.at;
      // Doubles, so that a long value is not parsed again with every chunk.
      await this.ahead(Math.max(before * 2, 1));
    }
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }
}
