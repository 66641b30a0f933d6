import { Readable, type Writable } from "node:stream";

/** `envelope`: the far side has not said 354 yet. `body`: some of it is written, the final dot is not. `sent`: the final dot may have left. */
export type Stage = "envelope" | "body" | "sent";

const CHUNK = 64 * 1024;

/**
 * The bytes of one message, and how far they have come. nodemailer pipes it once the far side has said 354, and appends the
 * final dot at the end of the stream: so as long as the last chunk has not been given away, the message cannot have been taken.
 */
export class MessageBody extends Readable {
  stage: Stage = "envelope";
  readonly #data: Buffer;

  constructor(data: Buffer) {
    super({ read() {} });
    this.#data = data;
  }

  override pipe<Target extends NodeJS.WritableStream>(target: Target & Partial<Writable>): Target {
    this.stage = "body";
    this.#writeFrom(0, target);
    return target;
  }

  #writeFrom(start: number, target: NodeJS.WritableStream & Partial<Writable>): void {
    let at = start;
    while (this.#data.length - at > CHUNK) {
      const room = target.write(this.#data.subarray(at, at + CHUNK));
      at += CHUNK;
      if (!room) {
        target.once("drain", () => {
          if (!this.destroyed) this.#writeFrom(at, target);
        });
        return;
      }
    }
    this.stage = "sent";
    target.end(this.#data.subarray(at));
  }
}
