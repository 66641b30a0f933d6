// Where one record of a CSV text ends (RFC 4180), and how many fields it has. ClickHouse reads the values; this finds what
// would make it refuse a whole page: wrong field counts, text after a closing quote, a lone carriage return, no end.
const [QUOTE, NEWLINE, RETURN, SPACE, TAB] = [0x22, 0x0a, 0x0d, 0x20, 0x09];

export type CsvRecord =
  /** `to` is behind the line's end. */
  | { readonly kind: "record"; readonly to: number; readonly fields: number }
  | { readonly kind: "blank" | "broken"; readonly to: number }
  /** The bytes end first. */
  | { readonly kind: "open" };

/** Reads from `from` on, which is the start of a record. */
export function csvRecord(bytes: Buffer, from: number, delimiter: number): CsvRecord {
  let at = from;
  let fields = 1;
  let broken = false;
  while (at < bytes.length) {
    const start = skipBlanks(bytes, at, delimiter);
    const quoted = bytes[start] === QUOTE;
    if (quoted) {
      at = closingQuote(bytes, start + 1);
      if (at === -1) return { kind: "open" };
      at = skipBlanks(bytes, at + 1, delimiter);
    } else at = start;
    for (; at < bytes.length; at += 1) {
      const byte = bytes[at];
      if (byte === delimiter) break;
      if (byte === NEWLINE) return ended(bytes, { from, at, fields, broken });
      if (byte === RETURN && at + 1 < bytes.length && bytes[at + 1] !== NEWLINE) broken = true;
      else if (quoted && byte !== RETURN) broken = true;
    }
    if (at >= bytes.length) return { kind: "open" };
    fields += 1;
    at += 1;
  }
  return { kind: "open" };
}

type End = { readonly from: number; readonly at: number; readonly fields: number; readonly broken: boolean };

function ended(bytes: Buffer, { from, at, fields, broken }: End): CsvRecord {
  const to = at + 1;
  if (broken) return { kind: "broken", to };
  const blank = at === from || (at === from + 1 && bytes[from] === RETURN);
  return blank ? { kind: "blank", to } : { kind: "record", to, fields };
}

function skipBlanks(bytes: Buffer, from: number, delimiter: number): number {
  let at = from;
  while ((bytes[at] === SPACE || bytes[at] === TAB) && bytes[at] !== delimiter) at += 1;
  return at;
}

/** -1 where it does not close. Two quotes are one that does not. */
function closingQuote(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(QUOTE, from); at !== -1; at = bytes.indexOf(QUOTE, at + 2)) {
    if (bytes[at + 1] !== QUOTE) return at;
  }
  return -1;
}
