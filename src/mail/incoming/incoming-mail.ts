// A message that came in, taken apart within bounds. Says what stands in it; what it means is others' business.
import PostalMime, { type Email } from "postal-mime";
import { sha256Hex } from "../../core/digest.ts";
import { TocsinError } from "../../core/errors.ts";

/** What is read of a message: a bounce says it at its beginning, and a report that is longer than this compressed is no report. */
export const MOST_BYTES = 8 * 1024 * 1024;
/** What is read of a text: a report about 10,000 recipients has 1.2 MB. */
const MOST_TEXT = 4 * 1024 * 1024;
/** RFC 6522 needs three levels, a forwarded report some more. */
const MOST_NESTED = 32;
const MOST_HEADER_BYTES = 512 * 1024;

export type MailPart = {
  /** Lower case, without parameters. */
  readonly type: string;
  readonly name: string;
  readonly bytes: Uint8Array;
};

export type IncomingMail = {
  /** The same for the same message, whatever way it came: SHA-256 of its Message-ID and of what is read of its body, whatever the line ends. */
  readonly identity: string;
  /** Longer than what is read of it: its last part is not whole. */
  readonly cut: boolean;
  /** Without angle brackets; '' where there is none. */
  readonly messageId: string;
  readonly subject: string;
  /** The bare address, in lower case; '' where there is none. */
  readonly from: string;
  /** Of the name in lower case: every value in order, unfolded and otherwise as it stands. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  /** Readable text of the message's own, HTML as text where there is nothing else. */
  readonly text: string;
  /** What is attached, and reports' parts; a returned message is one part and is not taken apart. */
  readonly parts: readonly MailPart[];
};

/** @throws TocsinError `invalid` for what is no message, or is nested or headed beyond bounds */
export async function readMail(raw: Uint8Array): Promise<IncomingMail> {
  const read = withoutEnvelopeLine(raw.subarray(0, MOST_BYTES));
  const email = await parsed(read);
  const headers = new Map<string, string[]>();
  for (const { key, value } of email.headers) {
    const known = headers.get(key);
    if (known) known.push(value);
    else headers.set(key, [value]);
  }
  if (headers.size === 0) throw new TocsinError("invalid", "this is no message: it has no header");
  return {
    identity: identityOf(email.messageId ?? "", read),
    cut: raw.length > MOST_BYTES,
    messageId: bareId(email.messageId ?? ""),
    subject: email.subject ?? "",
    from: (email.from?.address ?? "").toLowerCase(),
    headers,
    text: textOf(email, read),
    parts: email.attachments.map(({ mimeType, filename, content }) => ({
      type: mimeType,
      name: filename ?? "",
      bytes: bytesOf(content),
    })),
  };
}

/** The first value of a header, '' where there is none. */
export function header(mail: Pick<IncomingMail, "headers">, name: string): string {
  return mail.headers.get(name)?.[0]?.trim() ?? "";
}

/** The text of a part, as far as it is read. */
export function partText({ bytes }: MailPart): string {
  return new TextDecoder().decode(bytes.subarray(0, MOST_TEXT));
}

/** `<id@example.com>` → `id@example.com`; also where the brackets are missing. */
export function bareId(text: string): string {
  return plainText(/<([^<>\s]+)>/.exec(text)?.[1] ?? text);
}

/** A stranger's word on one line: without controls, which no store and no terminal wants. */
export function plainText(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/\p{Cc}+/gu, " ")
    .trim();
}

// What a relay adds stands in the header; line ends change with the way a message is kept.
function identityOf(messageId: string, raw: Uint8Array): string {
  const text = Buffer.from(raw.buffer, raw.byteOffset, raw.length).toString("latin1");
  const end = /\r?\n\r?\n/.exec(text);
  const body = end
    ? text
        .slice(end.index + end[0].length)
        .replaceAll("\r\n", "\n")
        .trimEnd()
    : "";
  return sha256Hex(bareId(messageId), "\0", Buffer.from(body, "latin1"));
}

// A multipart whose boundary is not where its header says is read as it stands: what a person would see who looks at the source.
function textOf({ text = "", attachments }: Email, raw: Uint8Array): string {
  if (text.trim() !== "" || attachments.length > 0) return text.slice(0, MOST_TEXT);
  const source = Buffer.from(
    raw.buffer,
    raw.byteOffset,
    Math.min(raw.length, MOST_TEXT),
  ).toString();
  const end = /\r?\n\r?\n/.exec(source);
  return end ? source.slice(end.index + end[0].length).replaceAll("\r\n", "\n") : "";
}

async function parsed(raw: Uint8Array): Promise<Email> {
  try {
    return await PostalMime.parse(raw, {
      forceRfc822Attachments: true,
      maxNestingDepth: MOST_NESTED,
      maxHeadersSize: MOST_HEADER_BYTES,
    });
  } catch (cause) {
    throw new TocsinError("invalid", "the message's MIME structure cannot be read", { cause });
  }
}

/** `From MAILER-DAEMON Thu …`: an mbox's separator, which is no part of the message. */
function withoutEnvelopeLine(raw: Uint8Array): Uint8Array {
  if (Buffer.from(raw.buffer, raw.byteOffset, Math.min(5, raw.length)).toString() !== "From ")
    return raw;
  const end = raw.indexOf(0x0a);
  return end === -1 ? raw : raw.subarray(end + 1);
}

function bytesOf(content: ArrayBuffer | Uint8Array | string): Uint8Array {
  if (typeof content === "string") return Buffer.from(content);
  return content instanceof Uint8Array ? content : new Uint8Array(content);
}
