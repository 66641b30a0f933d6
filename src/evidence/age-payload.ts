// The payload of an age file (https://age-encryption.org/v1, "Payload"): ChaCha20-Poly1305 over chunks of 64 KiB in the
// STREAM construction. Headers are made by the `age-encryption` library; the payload is OpenSSL's, because the library's
// own cipher seals 30 MB/s here and OpenSSL's 640 (bench/seal.ts).
import { createCipheriv, createDecipheriv, hkdfSync } from "node:crypto";
import { Transform, type TransformCallback } from "node:stream";
import { TocsinError } from "../core/errors.ts";

export const NONCE_BYTES = 16;
const CHUNK = 65_536;
const TAG = 16;
const CIPHER = "chacha20-poly1305";

export type PayloadKey = { readonly fileKey: Uint8Array; readonly nonce: Uint8Array };

/** Plain bytes in, sealed chunks out, without the header and the nonce before them. */
export function sealPayload(key: PayloadKey): Transform {
  const streamKey = streamKeyOf(key);
  return rechunked(CHUNK, (chunk, counter, last) => {
    const cipher = createCipheriv(CIPHER, streamKey, nonceOf(counter, last), {
      authTagLength: TAG,
    });
    const sealed = cipher.update(chunk);
    cipher.final();
    return Buffer.concat([sealed, cipher.getAuthTag()]);
  });
}

/** The reverse. A chunk is handed on once it is proven whole; a truncated or altered payload ends in `invalid`. */
export function openPayload(key: PayloadKey): Transform {
  const streamKey = streamKeyOf(key);
  return rechunked(CHUNK + TAG, (chunk, counter, last) => {
    // An empty last chunk stands only for an empty file.
    if (chunk.length < TAG || (chunk.length === TAG && counter > 0)) throw damaged();
    const decipher = createDecipheriv(CIPHER, streamKey, nonceOf(counter, last), {
      authTagLength: TAG,
    });
    decipher.setAuthTag(chunk.subarray(chunk.length - TAG));
    const plain = decipher.update(chunk.subarray(0, chunk.length - TAG));
    try {
      decipher.final();
    } catch (cause) {
      throw damaged(cause);
    }
    return plain;
  });
}

function damaged(cause?: unknown): TocsinError {
  return new TocsinError("invalid", "the sealed file is damaged: restore it from a backup", {
    cause,
  });
}

function streamKeyOf({ fileKey, nonce }: PayloadKey): Buffer {
  return Buffer.from(hkdfSync("sha256", fileKey, nonce, "payload", 32));
}

// 11 bytes of counter, then 1 for the last chunk.
function nonceOf(counter: number, last: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(counter, 5, 6);
  nonce[11] = last ? 1 : 0;
  return nonce;
}

type Turn = (chunk: Buffer, counter: number, last: boolean) => Buffer;

// A full chunk is held back until more bytes come: only then is it known not to be the last.
function rechunked(size: number, turn: Turn): Transform {
  const held: Buffer = Buffer.allocUnsafe(size);
  let filled = 0;
  let counter = 0;
  const push = (to: Transform, input: Buffer): void => {
    for (let from = 0; from < input.length;) {
      if (filled === size) {
        to.push(turn(held, counter, false));
        counter += 1;
        filled = 0;
      }
      const copied = input.copy(held, filled, from, from + size - filled);
      filled += copied;
      from += copied;
    }
  };
  return new Transform({
    writableHighWaterMark: 4 * CHUNK,
    readableHighWaterMark: 4 * CHUNK,
    transform(input: Buffer, _encoding, done) {
      settle(done, () => push(this, input));
    },
    flush(done) {
      settle(done, () => this.push(turn(held.subarray(0, filled), counter, true)));
    },
  });
}

function settle(done: TransformCallback, act: () => unknown): void {
  try {
    act();
    done();
  } catch (error) {
    done(error instanceof Error ? error : new Error("unknown failure", { cause: error }));
  }
}
