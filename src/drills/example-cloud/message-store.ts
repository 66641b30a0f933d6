// What a sink has taken, in one append-only file. A message is on disk before its sender hears 250, so a sink that is
// killed has lost nothing it answered for; half a record at the end of the file belongs to a sender that heard nothing.
import { closeSync, createReadStream, existsSync, openSync, truncateSync, writev } from "node:fs";

export type StoredMessage = {
  readonly sink: string;
  readonly at: string;
  readonly from: string;
  readonly to: readonly string[];
  /** As in the header, without angle brackets. */
  readonly messageId: string;
};

export type MessageStore = {
  /** Resolves once the message is in the file (not through the disk's own cache: the drill cuts no power). */
  keep(message: StoredMessage, raw: Buffer): Promise<void>;
  has(messageId: string): boolean;
  readonly count: () => number;
  close(): void;
};

/** Opens or continues a file, cutting off half a record at its end. One process writes it. */
export async function openMessageStore(path: string): Promise<MessageStore> {
  const known = new Set<string>();
  let count = 0;
  let end = 0;
  if (existsSync(path)) {
    for await (const { message, endsAt } of readMessages(path)) {
      known.add(message.messageId);
      count += 1;
      end = endsAt;
    }
    truncateSync(path, end);
  }
  const fd = openSync(path, "a", 0o600);
  const append = appender(fd);
  return {
    keep: async (message, raw) => {
      await append(record(message, raw));
      known.add(message.messageId);
      count += 1;
    },
    has: (messageId) => known.has(messageId),
    count: () => count,
    close: () => closeSync(fd),
  };
}

const HEAD = 8;

function record(message: StoredMessage, raw: Buffer): Buffer {
  const meta = Buffer.from(JSON.stringify(message));
  const head = Buffer.alloc(HEAD);
  head.writeUInt32LE(meta.length, 0);
  head.writeUInt32LE(raw.length, 4);
  return Buffer.concat([head, meta, raw]);
}

/** Everything that waits goes into one `writev`: 3,000 messages a second need a few hundred calls. */
function appender(fd: number): (bytes: Buffer) => Promise<void> {
  let waiting: { bytes: Buffer; settle: (error: Error | null) => void }[] = [];
  let writing = false;
  const next = (): void => {
    if (waiting.length === 0) return;
    const batch = waiting.splice(0, 512);
    writing = true;
    const buffers = batch.map(({ bytes }) => bytes);
    const wanted = buffers.reduce((sum, bytes) => sum + bytes.length, 0);
    writev(fd, buffers, (error, written) => {
      writing = false;
      const failure =
        error ??
        (written === wanted ? null : new Error(`disk full: ${written} of ${wanted} bytes written`));
      for (const { settle } of batch) settle(failure);
      next();
    });
  };
  return async (bytes) =>
    await new Promise((resolve, reject) => {
      waiting.push({ bytes, settle: (error) => (error ? reject(error) : resolve()) });
      if (!writing) next();
    });
}

export type ReadMessage = {
  readonly message: StoredMessage;
  readonly raw: Buffer;
  readonly endsAt: number;
};

/** Every whole record, in the order of arrival, in memory of a few chunks. */
export async function* readMessages(path: string): AsyncGenerator<ReadMessage> {
  let rest: Buffer = Buffer.alloc(0);
  let at = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    rest = rest.length === 0 ? asBuffer(chunk) : Buffer.concat([rest, asBuffer(chunk)]);
    let from = 0;
    while (rest.length - from >= HEAD) {
      const meta = rest.readUInt32LE(from);
      const end = from + HEAD + meta + rest.readUInt32LE(from + 4);
      if (end > rest.length) break;
      const message = parseMessage(rest.toString("utf8", from + HEAD, from + HEAD + meta));
      yield { message, raw: rest.subarray(from + HEAD + meta, end), endsAt: at + end };
      from = end;
    }
    at += from;
    rest = rest.subarray(from);
  }
}

function asBuffer(chunk: unknown): Buffer {
  if (!Buffer.isBuffer(chunk)) throw new TypeError("a file is read as bytes");
  return chunk;
}

// Written by `record` alone, in this file.
function parseMessage(text: string): StoredMessage {
  return JSON.parse(text) as StoredMessage;
}
