import { partText, type IncomingMail } from "./incoming-mail.ts";

const TOKEN = /(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f])/g;
/** A digest of many bounces names some hundred; a message made to be looked up has no more effect than that. */
const MOST_TOKENS = 1_000;

/**
 * What could be a token of ours, wherever it stands: in the returned Message-ID, in the address that the message was sent to, in
 * In-Reply-To, in the report's text. Whether it is one, the store knows.
 */
export function mailTokens(mail: IncomingMail): string[] {
  const found = new Set<string>();
  for (const text of texts(mail)) {
    for (const [token] of text.toLowerCase().matchAll(TOKEN)) {
      found.add(token);
      if (found.size >= MOST_TOKENS) return [...found];
    }
  }
  return [...found];
}

function* texts(mail: IncomingMail): Generator<string> {
  for (const values of mail.headers.values()) yield values.join(" ");
  yield mail.text;
  for (const part of mail.parts) if (/^(message|text)\//.test(part.type)) yield partText(part);
}

/** `bounces@example.cloud` and a token → `bounces+TOKEN@example.cloud`: what comes back names its notice, whatever else it forgets. */
export function returnPath(address: string, messageId: string): string {
  const at = address.lastIndexOf("@");
  const token = messageId.slice(0, messageId.indexOf("@"));
  return `${address.slice(0, at)}+${token}${address.slice(at)}`;
}
