import { LF } from "./record.ts";

/** Where a look through one JSON value stands; it goes on when more bytes are there. */
export type Scan = {
  at: number;
  depth: number;
  inString: boolean;
  escaped: boolean;
  /** The last byte that says something, outside strings; a quote for a string. */
  last: number;
  /** Line ends gone by. */
  lines: number;
  /** How many bytes of the key `inside` the string has matched, -1 where it is another; at its end that is all of them. */
  matched: number;
};

export function startScan(at: number): Scan {
  return { at, depth: 0, inString: false, escaped: false, last: 0, lines: 0, matched: -1 };
}

/**
 * `whole`: `at` is after the value. `inside`: it is after the `[` of the array below the key `inside` (as JSON text) of the outermost object.
 * `broken`: `at` is the line end at which no JSON can go on. `more`: the bytes end first.
 */
export type Found = "whole" | "inside" | "broken" | "more";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const SPACE = 0x20;

/** Brackets are counted, not paired: whether it is JSON is for the parser to say. */
export function scanValue(bytes: Buffer, scan: Scan, inside: Buffer | undefined): Found {
  while (scan.at < bytes.length) {
    if (scan.inString) {
      if (scan.matched >= 0 && inside) matchKey(bytes, scan, inside);
      if (scanString(bytes, scan)) return "broken";
      continue;
    }
    const byte = bytes[scan.at] ?? 0;
    if (byte === LF) {
      // Only a line can show that the value before was never closed.
      if (scan.at + 1 >= bytes.length) return "more";
      if (bytes[scan.at + 1] === OPEN && !mayOpen(scan.last)) return "broken";
      scan.lines += 1;
    } else if (byte > SPACE) {
      const found = significant(scan, { byte, inside });
      if (found !== undefined) return found;
      scan.last = byte;
    }
    scan.at += 1;
  }
  return "more";
}

// The key may end in a later piece: what of it has matched is kept.
function matchKey(bytes: Buffer, scan: Scan, inside: Buffer): void {
  const count = Math.min(inside.length - scan.matched, bytes.length - scan.at);
  const same =
    bytes.compare(inside, scan.matched, scan.matched + count, scan.at, scan.at + count) === 0;
  scan.matched = same ? scan.matched + count : -1;
}

// Answers that the string has a line end in it, which no JSON string has.
function scanString(bytes: Buffer, scan: Scan): boolean {
  let at = scan.at;
  let escaped = scan.escaped;
  for (; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === LF) {
      scan.at = at;
      return true;
    }
    if (escaped) escaped = false;
    else if (byte === BACKSLASH) escaped = true;
    else if (byte === QUOTE) break;
  }
  scan.at = Math.min(at + 1, bytes.length);
  scan.escaped = escaped;
  if (at < bytes.length) scan.inString = false;
  return false;
}

function significant(
  scan: Scan,
  { byte, inside }: { byte: number; inside: Buffer | undefined },
): Found | undefined {
  if (byte === QUOTE) {
    scan.inString = true;
    scan.matched = scan.depth === 1 && inside && scan.last !== COLON ? 1 : -1;
  } else if (byte === OPEN || byte === OPEN_ARRAY) {
    if (
      byte === OPEN_ARRAY &&
      scan.last === COLON &&
      scan.depth === 1 &&
      scan.matched === inside?.length
    ) {
      scan.at += 1;
      return "inside";
    }
    scan.depth += 1;
  } else if (byte === CLOSE || byte === CLOSE_ARRAY) {
    scan.depth -= 1;
    if (scan.depth <= 0) {
      scan.at += 1;
      return "whole";
    }
  }
  return undefined;
}

function mayOpen(last: number): boolean {
  return last === OPEN_ARRAY || last === COMMA || last === COLON;
}
