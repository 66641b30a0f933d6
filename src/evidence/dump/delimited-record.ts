// One record of delimited text, found in bytes. RFC 4180 with any delimiter; what it leaves open is as ClickHouse reads it:
// blanks before a field are not part of it, and a quote within an unquoted field is an ordinary character.

export type Dialect = {
  /** One ASCII byte. */
  readonly delimiter: number;
  /** `"` or `'`, doubled within itself. */
  readonly quote: number;
};

export type FoundRecord = {
  /** After its line end. */
  readonly end: number;
  readonly fields: number;
  readonly problem: "" | "stray quote" | "open quote" | "stray carriage return";
};

const LF = 10;
const CR = 13;
const SPACE = 32;
const TAB = 9;

/** Undefined where the record does not end within `bytes`; with `final`, the end of the bytes ends it. */
export function findRecord(
  bytes: Buffer,
  { from, final }: { from: number; final: boolean },
  dialect: Dialect,
): FoundRecord | undefined {
  const how = { ...dialect, final };
  for (let start = from, fields = 1; ; fields += 1) {
    const stop = fieldEnd(bytes, start, how);
    if (stop === OPEN)
      return final ? { end: bytes.length, fields, problem: "open quote" } : undefined;
    if (stop < 0) return { end: lineEnd(bytes, -stop), fields, problem: "stray quote" };
    if (stop >= bytes.length) return final ? { end: stop, fields, problem: "" } : undefined;
    if (bytes[stop] !== dialect.delimiter) return recordEnd(bytes, stop, { fields, final });
    start = stop + 1;
  }
}

const OPEN = -1;

// Where the field's delimiter or line end stands, or the end of the bytes. OPEN for a quote that does not close here; where
// something stands between a closing quote and the delimiter, its place, negative.
function fieldEnd(
  bytes: Buffer,
  start: number,
  { delimiter, quote, final }: Dialect & { final: boolean },
): number {
  const first = skipBlanks(bytes, start, delimiter);
  if (bytes[first] !== quote) return stopAfter(bytes, first, delimiter);
  const close = closingQuote(bytes, first + 1, { quote, final });
  if (close < 0) return OPEN;
  const after = skipBlanks(bytes, close + 1, delimiter);
  return after >= bytes.length || isStop(bytes[after], delimiter) ? after : -after;
}

function recordEnd(
  bytes: Buffer,
  at: number,
  { fields, final }: { fields: number; final: boolean },
): FoundRecord | undefined {
  if (bytes[at] === LF) return { end: at + 1, fields, problem: "" };
  if (at + 1 >= bytes.length) return final ? { end: bytes.length, fields, problem: "" } : undefined;
  if (bytes[at + 1] === LF) return { end: at + 2, fields, problem: "" };
  return { end: lineEnd(bytes, at), fields, problem: "stray carriage return" };
}

function stopAfter(bytes: Buffer, from: number, delimiter: number): number {
  let at = from;
  while (at < bytes.length && !isStop(bytes[at], delimiter)) at += 1;
  return at;
}

function skipBlanks(bytes: Buffer, from: number, delimiter: number): number {
  let at = from;
  while ((bytes[at] === SPACE || bytes[at] === TAB) && bytes[at] !== delimiter) at += 1;
  return at;
}

// A quote in the last byte may be the first of a pair: only the end of the file tells.
function closingQuote(
  bytes: Buffer,
  from: number,
  { quote, final }: { quote: number; final: boolean },
): number {
  let at = bytes.indexOf(quote, from);
  while (at >= 0) {
    if (at + 1 >= bytes.length) return final ? at : -1;
    if (bytes[at + 1] !== quote) return at;
    at = bytes.indexOf(quote, at + 2);
  }
  return -1;
}

function isStop(byte: number | undefined, delimiter: number): boolean {
  return byte === delimiter || byte === LF || byte === CR;
}

/** After the next line end. */
export function lineEnd(bytes: Buffer, from: number): number {
  const found = bytes.indexOf(LF, from);
  return found < 0 ? bytes.length : found + 1;
}

/** The fields of a record without a problem, blanks around them off. */
export function fieldsOf(record: string, dialect: Dialect): string[] {
  const delimiter = String.fromCharCode(dialect.delimiter);
  const quote = String.fromCharCode(dialect.quote);
  const text = record.replace(/\r?\n$/, "");
  if (!text.includes(quote)) return text.split(delimiter).map(trimBlanks);
  const fields: string[] = [];
  for (let at = 0; at <= text.length;) {
    const start = skipBlanksOf(text, at, delimiter);
    if (text[start] === quote) {
      const close = closeOf(text, start + 1, quote);
      fields.push(trimBlanks(text.slice(start + 1, close).replaceAll(quote + quote, quote)));
      const next = text.indexOf(delimiter, close + 1);
      at = next < 0 ? text.length + 1 : next + 1;
    } else {
      const next = text.indexOf(delimiter, at);
      fields.push(trimBlanks(text.slice(at, next < 0 ? undefined : next)));
      at = next < 0 ? text.length + 1 : next + 1;
    }
  }
  return fields;
}

function skipBlanksOf(text: string, at: number, delimiter: string): number {
  let next = at;
  while ((text[next] === " " || text[next] === "\t") && text[next] !== delimiter) next += 1;
  return next;
}

function closeOf(text: string, at: number, quote: string): number {
  let next = text.indexOf(quote, at);
  while (next >= 0 && text[next + 1] === quote) next = text.indexOf(quote, next + 2);
  return next < 0 ? text.length : next;
}

/** What the SQL takes off too: blanks, tabs and line ends. */
export function trimBlanks(text: string): string {
  return text.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "");
}
