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
  /** How many bytes of the key `inside` the last string has matched, -1 where it is another; at its end that is all of them. */
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

/** Bytes at which there is something to decide. */
const DECIDES = new Uint8Array(256);
for (const byte of [LF, QUOTE, OPEN, CLOSE, OPEN_ARRAY, CLOSE_ARRAY]) DECIDES[byte] = 1;

/** Brackets are counted, not paired: whether it is JSON is for the parser to say. */
export function scanValue(bytes: Buffer, scan: Scan, inside: Buffer | undefined): Found {
  for (;;) {
    if (scan.inString) {
      if (scan.matched >= 0 && inside) matchKey(bytes, scan, inside);
      if (!skipString(bytes, scan)) return "broken";
    } else {
      skipPlain(bytes, scan);
    }
    if (scan.at >= bytes.length) return "more";
    const found = scan.inString ? undefined : decide(bytes, scan, inside);
    if (found !== undefined) return found;
  }
}

function skipPlain(bytes: Buffer, scan: Scan): void {
  const end = bytes.length;
  let { at, last } = scan;
  for (; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    if (DECIDES[byte] === 1) break;
    if (byte > SPACE) last = byte;
  }
  scan.at = at;
  scan.last = last;
}

// Answers false for a line end in the string: no JSON string has one.
function skipString(bytes: Buffer, scan: Scan): boolean {
  const end = bytes.length;
  let { at, escaped } = scan;
  for (; at < end; at += 1) {
    const byte = bytes[at];
    if (byte === LF) break;
    if (escaped) escaped = false;
    else if (byte === BACKSLASH) escaped = true;
    else if (byte === QUOTE) break;
  }
  scan.at = at;
  scan.escaped = escaped;
  if (at >= end) return true;
  scan.inString = false;
  if (bytes[at] === LF) return false;
  scan.at = at + 1;
  skipPlain(bytes, scan);
  return true;
}

// The key may end in a later piece: what of it has matched is kept.
function matchKey(bytes: Buffer, scan: Scan, inside: Buffer): void {
  const { at, matched } = scan;
  const count = Math.min(inside.length - matched, bytes.length - at);
  const same = bytes.compare(inside, matched, matched + count, at, at + count) === 0;
  scan.matched = same ? matched + count : -1;
}

function decide(bytes: Buffer, scan: Scan, inside: Buffer | undefined): Found | undefined {
  const byte = bytes[scan.at] ?? 0;
  if (byte === LF) return lineEnds(bytes, scan);
  scan.at += 1;
  if (byte === QUOTE) {
    scan.inString = true;
    scan.escaped = false;
    scan.matched = scan.depth === 1 && inside && scan.last !== COLON ? 1 : -1;
  } else if (byte === OPEN || byte === OPEN_ARRAY) {
    if (byte === OPEN_ARRAY && isInside(scan, inside)) return "inside";
    scan.depth += 1;
  } else {
    scan.depth -= 1;
    if (scan.depth <= 0) return "whole";
  }
  scan.last = byte;
  return undefined;
}

// Only the next line can show that the value before was never closed.
function lineEnds(bytes: Buffer, scan: Scan): Found | undefined {
  const next = bytes[scan.at + 1];
  if (next === undefined) return "more";
  if (next === OPEN && scan.last !== OPEN_ARRAY && scan.last !== COMMA && scan.last !== COLON)
    return "broken";
  scan.at += 1;
  scan.lines += 1;
  return undefined;
}

function isInside(scan: Scan, inside: Buffer | undefined): boolean {
  return scan.depth === 1 && scan.last === COLON && scan.matched === inside?.length;
}
