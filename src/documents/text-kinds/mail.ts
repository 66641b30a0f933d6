// A mail message: its headers, its text in every form, and what is attached, each as the document that it is.
import PostalMime, { type Email } from "postal-mime";
import { type Bytes, bytesOf, wholeBytes } from "../bytes.ts";
import { placeIn, Unreadable } from "../document.ts";
import type { Walk } from "../walk.ts";
import { readHtml } from "./html.ts";
import { readPlain } from "./plain.ts";

const AT_ONCE = 128 << 20;
const DEEPEST = 32;
const MOST_HEADER_BYTES = 4 << 20;

export async function readMail(bytes: Bytes, at: string, walk: Walk): Promise<string> {
  const mail = await parsed(await wholeBytes(bytes, AT_ONCE));
  for (const [index, { key, value }] of mail.headers.entries()) {
    const place = ADDRESSED.test(key) ? placeIn(at, `header ${key}`) : placeIn(at, "headers");
    await walk.parts.text(place, "entry").add(index + 1, value);
  }
  if (mail.text !== undefined)
    await readPlain(await bytesOf(once(Buffer.from(mail.text))), placeIn(at, "text"), walk);
  if (mail.html !== undefined)
    await readHtml(await bytesOf(once(Buffer.from(mail.html))), placeIn(at, "HTML"), walk);
  for (const [index, { filename, content }] of mail.attachments.entries()) {
    const attached = bufferOf(content);
    const name = filename ?? `attachment ${index + 1}`;
    await walk.inner(await bytesOf(once(attached), { size: attached.length }), placeIn(at, name));
  }
  return "mail message";
}

function bufferOf(content: ArrayBuffer | Uint8Array | string): Buffer {
  if (typeof content === "string") return Buffer.from(content);
  return content instanceof Uint8Array ? Buffer.from(content) : Buffer.from(content);
}

const ADDRESSED =
  /^(?:from|to|cc|bcc|reply-to|sender|return-path|delivered-to|x-original-to|envelope-to)$/;

async function parsed(whole: Buffer): Promise<Email> {
  try {
    return await PostalMime.parse(whole, {
      maxNestingDepth: DEEPEST,
      maxHeadersSize: MOST_HEADER_BYTES,
      forceRfc822Attachments: true,
    });
  } catch (error) {
    const why = error instanceof Error ? error.message.slice(0, 200) : "unknown";
    throw new Unreadable("damaged", `the message cannot be read: ${why}`);
  }
}

async function* once(content: Buffer): AsyncGenerator<Buffer> {
  await Promise.resolve();
  yield content;
}
