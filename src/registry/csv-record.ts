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
  let fields = 1;
  let broken = false;
  for (let at = from; at < bytes.length; at += 1, fields += 1) {
    const start = skipBlanks(bytes, at, delimiter);
    const quoted = bytes[start] === QUOTE;
    const close = quoted ? closingQuote(bytes, start + 1) : start;
    if (close === -1) return { kind: "open" };
    const value = quoted ? skipBlanks(bytes, close + 1, delimiter) : start;
    at = fieldEnd(bytes, value, delimiter);
    if (at === bytes.length) return { kind: "open" };
    broken ||= isBroken(bytes, value, { to: at, quoted });
    if (bytes[at] === NEWLINE) return ended(bytes, { from, at, fields, broken });
  }
  return { kind: "open" };
}

/** The delimiter or the newline behind a value, or the bytes' end. */
function fieldEnd(bytes: Buffer, from: number, delimiter: number): number {
  let at = from;
  while (at < bytes.length && bytes[at] !== delimiter && bytes[at] !== NEWLINE) at += 1;
  return at;
}

/** Text behind a closing quote, or a carriage return that ends no line. */
function isBroken(bytes: Buffer, from: number, end: { to: number; quoted: boolean }): boolean {
  const lineEnds = bytes[end.to] === NEWLINE && end.to > from && bytes[end.to - 1] === RETURN;
  const to = lineEnds ? end.to - 1 : end.to;
  if (end.quoted) return to > from;
  for (let at = from; at < to; at += 1) if (bytes[at] === RETURN) return true;
  return false;
}

type End = {
  readonly from: number;
  readonly at: number;
  readonly fields: number;
  readonly broken: boolean;
};

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
