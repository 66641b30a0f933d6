export type SimpleMail = {
  readonly headers: readonly { readonly key: string; readonly value: string }[];
  readonly html: boolean;
  readonly body: Buffer;
};

const LONGEST_HEADER = 1 << 16;

/**
 * A message that is one text as it stands (RFC 5322 without MIME's encodings): most of the mail in old mailboxes, read here at a tenth of
 * the library's cost. Undefined for every other one.
 */
export function simpleMail(message: Buffer): SimpleMail | undefined {
  const end = headerEnd(message);
  if (!end || end.at > LONGEST_HEADER) return undefined;
  const head = message.toString("utf8", 0, end.at);
  if (head.includes("\ufffd") || head.includes("=?")) return undefined;
  const headers = head
    .replace(/\r?\n[ \t]+/g, " ")
    .split(/\r?\n/)
    .flatMap((line) => {
      const colon = line.indexOf(":");
      return colon < 1
        ? []
        : [{ key: line.slice(0, colon).trim().toLowerCase(), value: line.slice(colon + 1).trim() }];
    });
  const valueOf = (key: string): string =>
    headers.find((header) => header.key === key)?.value.toLowerCase() ?? "";
  const type = valueOf("content-type");
  if (!PLAIN_TYPE.test(type) || !PLAIN_ENCODING.test(valueOf("content-transfer-encoding")))
    return undefined;
  return { headers, html: type.startsWith("text/html"), body: message.subarray(end.body) };
}

const PLAIN_TYPE = /^(?:$|text(?:$|\/plain|\/html)(?:\s*;\s*charset="?(?:utf-8|us-ascii)"?)?\s*$)/;
const PLAIN_ENCODING = /^(?:|7bit|8bit|binary)$/;

function headerEnd(message: Buffer): { at: number; body: number } | undefined {
  const plain = message.indexOf("\n\n");
  const windows = message.indexOf("\r\n\r\n");
  if (windows >= 0 && (plain < 0 || windows < plain)) return { at: windows, body: windows + 4 };
  return plain < 0 ? undefined : { at: plain, body: plain + 2 };
}
