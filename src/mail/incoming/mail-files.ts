// Messages out of files: an mbox, a Maildir, a folder of messages, one message. In bounded memory, in a stable order.
import { createReadStream } from "node:fs";
import { open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { TocsinError } from "../../core/errors.ts";
import { MOST_BYTES } from "./incoming-mail.ts";

/** `raw` has at most one byte more than what is read of a message: enough to see that it was longer. */
export type MailFile = { readonly source: string; readonly raw: Buffer };

/** @throws TocsinError `not_found` for a path that is not there */
export async function* mailFiles(path: string): AsyncGenerator<MailFile> {
  const entry = await stat(path).catch((cause: unknown) => {
    throw new TocsinError("not_found", `there is no file ${path}`, { cause });
  });
  if (!entry.isDirectory()) {
    yield* await messagesOf(path);
    return;
  }
  for (const file of await filesOf(path)) yield* await messagesOf(file);
}

// A Maildir keeps messages in `new` and `cur`; what is in `tmp` is not delivered yet.
async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = new Set(entries.filter((one) => one.isDirectory()).map(({ name }) => name));
  if (names.has("cur") && names.has("new")) {
    const parts = await Promise.all(
      ["cur", "new"].map(async (name) => await filesOf(join(folder, name))),
    );
    return parts.flat();
  }
  return entries
    .filter((one) => one.isFile() && !one.name.startsWith("."))
    .map(({ name }) => join(folder, name))
    .toSorted();
}

async function messagesOf(path: string): Promise<AsyncIterable<MailFile> | MailFile[]> {
  const head = await headOf(path, MOST_BYTES + 1);
  if (head.subarray(0, 5).toString("latin1") === "From ") return mboxMessages(path);
  return [{ source: path, raw: head }];
}

async function headOf(path: string, bytes: number): Promise<Buffer> {
  await using file = await open(path);
  const { size } = await file.stat();
  const buffer = Buffer.alloc(Math.min(size, bytes));
  const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
  return buffer.subarray(0, bytesRead);
}

/** RFC 4155: a message begins with a line `From `, after an empty line. `>From ` in it stands for `From ` (mboxrd). */
async function* mboxMessages(path: string): AsyncGenerator<MailFile> {
  let pieces: Buffer[] = [];
  let size = 0;
  let number = 0;
  const take = (piece: Buffer): void => {
    if (size <= MOST_BYTES) pieces.push(piece);
    size += piece.length;
  };
  const message = (): MailFile => {
    number += 1;
    const raw = unescaped(Buffer.concat(pieces));
    pieces = [];
    size = 0;
    return { source: `${path}:${number}`, raw: raw.subarray(0, MOST_BYTES + 1) };
  };
  let carried = Buffer.alloc(0);
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
    const work: Buffer = Buffer.concat([carried, Buffer.from(chunk)]);
    let from = 0;
    for (let at = separator(work, 0); at !== -1; at = separator(work, at + 1)) {
      take(work.subarray(from, at));
      yield message();
      from = at;
    }
    // What a separator that is cut at the end needs before it.
    const keep = Math.max(from, work.length - LOOK_BACK);
    take(Buffer.from(work.subarray(from, keep)));
    carried = Buffer.from(work.subarray(keep));
  }
  take(carried);
  if (size > 0) yield message();
}

const LOOK_BACK = 8;

/** Where the line `From ` begins that follows an empty line; -1 where there is none from `start` on. */
function separator(work: Buffer, start: number): number {
  for (let at = work.indexOf("\nFrom ", start); at !== -1; at = work.indexOf("\nFrom ", at + 1)) {
    const before = work[at - 1] === 0x0d ? at - 2 : at - 1;
    if (work[before] === 0x0a) return at + 1;
  }
  return -1;
}

function unescaped(raw: Buffer): Buffer {
  if (!raw.includes("\n>")) return raw;
  return Buffer.from(raw.toString("latin1").replaceAll(/^>(>*From )/gm, "$1"), "latin1");
}
