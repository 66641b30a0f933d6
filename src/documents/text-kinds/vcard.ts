// vCard 2.1, 3.0 and 4.0 (RFC 2426, 6350): a row a card.
import { type Bytes, wholeBytes } from "../bytes.ts";
import { placeIn } from "../document.ts";
import { TreeTables } from "../data-kinds/tree-tables.ts";
import type { Walk } from "../walk.ts";
import { decoded, described } from "./decoded.ts";

const AT_ONCE = 256 << 20;
const LONGEST_VALUE = 10_000;

/** Columns as they are called elsewhere, so that they are recognised. */
const NAMES: Readonly<Record<string, string>> = {
  fn: "full_name",
  n: "name_parts",
  tel: "phone",
  adr: "address",
  bday: "birthday",
  org: "organisation",
};

export async function readVcard(bytes: Bytes, at: string, walk: Walk): Promise<string> {
  const text = await decoded(bytes);
  const whole = await wholeBytes({ ...bytes, head: text.head, chunks: text.chunks }, AT_ONCE);
  const lines = whole
    .toString("utf8")
    .replace(/\r?\n[ \t]/g, "")
    .split(/\r?\n/);
  const table = new TreeTables(at, walk.parts);
  let card: Record<string, string> | undefined;
  let number = 0;
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? "";
    if (/^BEGIN:VCARD/i.test(line)) card = {};
    else if (/^END:VCARD/i.test(line)) {
      number += 1;
      if (card) await table.row(card, []);
      card = undefined;
    } else if (card) {
      let soft = line;
      while (isQuotedPrintable(line) && soft.endsWith("="))
        soft = soft.slice(0, -1) + (lines[(index += 1)] ?? "");
      addProperty(card, soft, (name) =>
        walk.parts.unread({
          at: placeIn(at, `card ${number + 1}`),
          reason: "unknown",
          detail: `its ${name} is data: a picture, sound or key`,
        }),
      );
    }
  }
  await table.end();
  return described(`vCard of ${number}`, text);
}

function isQuotedPrintable(line: string): boolean {
  return /^[^:]*QUOTED-PRINTABLE[^:]*:/i.test(line);
}

function addProperty(
  card: Record<string, string>,
  line: string,
  onData: (name: string) => void,
): void {
  const found = /^(?:[\w-]+\.)?([\w-]+)((?:;(?:"[^"]*"|[^":])*)?):(.*)$/s.exec(line);
  if (!found) return;
  const [, property = "", parameters = "", raw = ""] = found;
  const name = NAMES[property.toLowerCase()] ?? property.toLowerCase();
  if (/^(?:version|prodid|rev)$/.test(name)) return;
  if (raw.length > LONGEST_VALUE || /ENCODING=(?:b|base64)\b/i.test(parameters)) {
    onData(name);
    return;
  }
  const plain = /QUOTED-PRINTABLE/i.test(parameters) ? fromQuotedPrintable(raw) : raw;
  const value = plain
    .replace(/\\n/gi, "\n")
    .replace(/\\([,;:\\])/g, "$1")
    .replace(/^(?:mailto|tel):/i, "");
  let column = name;
  for (let more = 2; card[column] !== undefined; more += 1) column = `${name}_${more}`;
  if (value.replace(/[;\s]/g, "") !== "") card[column] = value;
}

function fromQuotedPrintable(text: string): string {
  const bytes = text.replace(/=([0-9A-F]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, "latin1").toString("utf8");
}
