// A mail message: its headers, its text in every form, and what is attached, each as the document that it is.
import PostalMime, { type Email } from "postal-mime";
import { type Bytes, bytesOf, wholeBytes } from "../bytes.ts";
import { placeIn, Unreadable } from "../document.ts";
import type { Walk } from "../walk.ts";
import { readHtml } from "./html.ts";
import { readPlain } from "./plain.ts";
import { simpleMail } from "./simple-mail.ts";

const AT_ONCE = 128 << 20;
const DEEPEST = 32;
const MOST_HEADER_BYTES = 4 << 20;

export async function readMail(bytes: Bytes, at: string, walk: Walk): Promise<string> {
  const whole = await wholeBytes(bytes, AT_ONCE);
  const simple = simpleMail(whole);
  if (simple) {
    await readHeaders(simple.headers, at, walk);
    await readText(simple.body, { at, walk, html: simple.html });
    return "mail message";
  }
  const mail = await parsed(whole);
  await readHeaders(mail.headers, at, walk);
  if (mail.text !== undefined) await readText(Buffer.from(mail.text), { at, walk, html: false });
  if (mail.html !== undefined) await readText(Buffer.from(mail.html), { at, walk, html: true });
  for (const [index, { filename, content }] of mail.attachments.entries()) {
    const attached = bufferOf(content);
    const name = filename ?? `attachment ${index + 1}`;
    await walk.inner(await bytesOf(once(attached), { size: attached.length }), placeIn(at, name));
  }
  return "mail message";
}

async function readHeaders(
  headers: readonly { readonly key: string; readonly value: string }[],
  at: string,
  walk: Walk,
): Promise<void> {
  for (const [index, { key, value }] of headers.entries()) {
    const place = ADDRESSED.test(key) ? placeIn(at, `header ${key}`) : placeIn(at, "headers");
    await walk.parts.text(place, "entry").add(index + 1, value);
  }
}

async function readText(
  text: Buffer,
  { at, walk, html }: { readonly at: string; readonly walk: Walk; readonly html: boolean },
): Promise<void> {
  const bytes = await bytesOf(once(text));
  if (html) await readHtml(bytes, placeIn(at, "HTML"), walk);
  else await readPlain(bytes, placeIn(at, "text"), walk);
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
