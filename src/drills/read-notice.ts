// A message as its reader gets it: decoded here, by RFC 2045 and 2047 alone, with nothing of what Tocsin wrote it with.

export type Notice = {
  readonly subject: string;
  readonly language: string;
  readonly text: string;
  /** The HTML form as a reader sees it, without its marks. */
  readonly shown: string;
};

export function readNotice(raw: Buffer): Notice {
  const part = partOf(raw.toString("latin1"));
  const leaves = leavesOf(part);
  const of = (type: string): string => leaves.find((leaf) => leaf.type === type)?.content ?? "";
  return {
    subject: decodeWords(part.headers.get("subject") ?? ""),
    language: part.headers.get("content-language") ?? "",
    text: of("text/plain").replaceAll("\r\n", "\n"),
    shown: shownOf(of("text/html").replaceAll("\r\n", "\n")),
  };
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  "#39": "'",
};

function shownOf(html: string): string {
  const body = html.replace(/^[\s\S]*<body[^>]*>/i, "");
  const items = body.replace(/<li[^>]*>\s*/gi, "\n- ").replace(/<[^>]+>/g, "");
  return items.replace(/&(amp|lt|gt|quot|#39);/g, (whole, name: string) => ENTITIES[name] ?? whole);
}

type Part = { readonly headers: ReadonlyMap<string, string>; readonly body: string };
type Leaf = { readonly type: string; readonly content: string };

function partOf(raw: string): Part {
  const end = raw.indexOf("\r\n\r\n");
  const lines = raw
    .slice(0, end)
    .replace(/\r\n[ \t]+/g, " ")
    .split("\r\n");
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return { headers: new Map(headers), body: raw.slice(end + 4) };
}

function leavesOf(part: Part): Leaf[] {
  const type = part.headers.get("content-type") ?? "text/plain";
  const boundary = /boundary="?([^";]+)"?/i.exec(type)?.[1];
  if (boundary === undefined)
    return [{ type: type.split(";")[0]?.trim().toLowerCase() ?? "", content: contentOf(part) }];
  const pieces = `\r\n${part.body}`.split(`\r\n--${boundary}`).slice(1, -1);
  return pieces.flatMap((piece) => leavesOf(partOf(piece.replace(/^[ \t]*\r\n/, ""))));
}

function contentOf({ headers, body }: Part): string {
  const encoding = headers.get("content-transfer-encoding")?.toLowerCase() ?? "7bit";
  if (encoding === "base64") return Buffer.from(body, "base64").toString("utf8");
  if (encoding === "quoted-printable")
    return Buffer.from(quotedPrintable(body), "latin1").toString("utf8");
  return Buffer.from(body, "latin1").toString("utf8");
}

function quotedPrintable(text: string): string {
  const joined = text.replace(/=[ \t]*\r\n/g, "");
  return joined.replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

function decodeWords(text: string): string {
  const joined = text.replace(/\?=\s+=\?/g, "?==?");
  const word = /=\?utf-8\?([bq])\?([^?]*)\?=/gi;
  const parts: Buffer[] = [];
  let at = 0;
  // Bytes are joined before they are read: a character may be cut between two encoded words.
  for (const found of joined.matchAll(word)) {
    parts.push(Buffer.from(joined.slice(at, found.index)));
    const [whole, how = "", content = ""] = found;
    parts.push(
      how.toLowerCase() === "b"
        ? Buffer.from(content, "base64")
        : Buffer.from(quotedPrintable(content.replaceAll("_", " ")), "latin1"),
    );
    at = found.index + whole.length;
  }
  return Buffer.concat([...parts, Buffer.from(joined.slice(at))]).toString("utf8");
}
