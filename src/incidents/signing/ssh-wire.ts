// The SSH wire encoding (RFC 4251, section 5): what keys and signatures are made of.
import { TocsinError } from "../../core/errors.ts";

/** Reads one field after the other. @throws TocsinError `invalid` where the bytes end too soon */
export class WireReader {
  #at = 0;
  readonly #bytes: Buffer;
  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes);
  }

  bytes(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new TocsinError("invalid", "the ssh data ends too soon");
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  byte(): number {
    return this.bytes(1).readUInt8(0);
  }

  uint32(): number {
    return this.bytes(4).readUInt32BE(0);
  }

  string(): Buffer {
    return this.bytes(this.uint32());
  }

  text(): string {
    return this.string().toString("utf8");
  }

  /** A non-negative mpint without its sign byte. */
  mpint(): Buffer {
    const value = this.string();
    return value[0] === 0 ? value.subarray(1) : value;
  }

  get ended(): boolean {
    return this.#at === this.#bytes.length;
  }
}

export function wireString(value: string | Uint8Array): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([wireUint32(bytes.length), bytes]);
}

export function wireUint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** The body of a PEM-like block. @throws TocsinError `invalid` when there is none with that label */
export function unarmour(text: string, label: string): Buffer {
  const body = new RegExp(
    `-----BEGIN ${label}-----([A-Za-z0-9+/=\\s]+)-----END ${label}-----`,
  ).exec(text)?.[1];
  if (body === undefined) throw new TocsinError("invalid", `no ${label} block found`);
  return Buffer.from(body.replaceAll(/\s/g, ""), "base64");
}

export function armour(bytes: Uint8Array, label: string): string {
  const lines =
    Buffer.from(bytes)
      .toString("base64")
      .match(/.{1,70}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
