// A mailbox in one file (RFC 4155): messages one after the other, each behind a line that begins with `From `.
import { type Bytes, bytesOf } from "../bytes.ts";
import { placeIn } from "../document.ts";
import type { Walk } from "../walk.ts";

const SEPARATOR = Buffer.from("\nFrom ");
const LONGEST_MESSAGE = 128 << 20;

export async function readMbox(bytes: Bytes, at: string, walk: Walk): Promise<string> {
  let number = 0;
  for await (const message of messages(bytes.chunks)) {
    number += 1;
    const place = placeIn(at, `message ${number}`);
    const body = message.subarray(message.indexOf(10) + 1);
    await walk.inner(await bytesOf(once(body), { size: body.length }), place);
  }
  return `mailbox of ${number}`;
}

async function* messages(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    const last = parts.pop();
    let rest = last ? Buffer.concat([last, chunk]) : chunk;
    length += chunk.length;
    for (let found = nextMessage(rest); found >= 0; found = nextMessage(rest)) {
      yield Buffer.concat([...parts, rest.subarray(0, found)]);
      parts = [];
      rest = rest.subarray(found);
      length = rest.length;
    }
    if (length > LONGEST_MESSAGE) {
      yield Buffer.concat([...parts, rest]);
      parts = [Buffer.from("From ")];
      length = 0;
    } else parts.push(rest);
  }
  const all = Buffer.concat(parts);
  if (all.length > 0) yield all;
}

// `From ` within a text is not always quoted: a message begins where headers follow.
function nextMessage(bytes: Buffer): number {
  for (let at = bytes.indexOf(SEPARATOR); at >= 0; at = bytes.indexOf(SEPARATOR, at + 1)) {
    const lineEnd = bytes.indexOf(10, at + 1);
    if (lineEnd < 0) return -1;
    const next = bytes.toString("latin1", lineEnd + 1, lineEnd + 120);
    if (/^(?:>?[A-Za-z][\w-]{0,60}:|>From )/.test(next)) return at + 1;
    if (next.length < 119 && !next.includes("\n")) return -1;
  }
  return -1;
}

async function* once(content: Buffer): AsyncGenerator<Buffer> {
  await Promise.resolve();
  yield content;
}
