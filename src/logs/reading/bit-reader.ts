/** Bits of bytes that come in pieces, the highest of a byte first. */
export class BitReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  #bits = 0;
  #held = 0;
  #over = false;

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** So many bytes are there to be read, or all there are. Answers false where there is none. */
  async ensure(bytes: number): Promise<boolean> {
    const parts = [this.#bytes.subarray(this.#at)];
    let have = this.#bytes.length - this.#at;
    while (have < bytes && !this.#over) {
      const next = await this.#chunks.next();
      if (next.done === true) this.#over = true;
      else {
        parts.push(next.value);
        have += next.value.length;
      }
    }
    if (parts.length > 1) this.#bytes = Buffer.concat(parts);
    else this.#bytes = parts[0] ?? this.#bytes;
    this.#at = 0;
    return have > 0;
  }

  /** At most 24 bits. @throws RangeError at the end */
  read(count: number): number {
    while (this.#held < count) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) throw new RangeError("the data end too soon");
      this.#at += 1;
      this.#bits = ((this.#bits << 8) | byte) & 0x7fffffff;
      this.#held += 8;
    }
    this.#held -= count;
    return (this.#bits >>> this.#held) & ((1 << count) - 1);
  }

  /** On to the next whole byte. */
  align(): void {
    this.#held = 0;
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }
}
