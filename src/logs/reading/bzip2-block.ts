import type { BitReader } from "./bit-reader.ts";

const GROUP = 50; // symbols that one table codes
const MOST_LENGTH = 20;

/** Bytes of one block, before runs are undone. @throws RangeError where it is damaged */
export function decodeBlock(bits: BitReader, blockBytes: number): Uint8Array {
  if (bits.read(1) === 1) throw new RangeError("a block is randomised, as bzip2 before 0.9.5 did");
  const origin = bits.read(24);
  const used = readUsed(bits);
  const symbols = used.length + 2;
  const groups = bits.read(3);
  const selectorCount = bits.read(15);
  if (used.length === 0 || groups < 2 || groups > 6 || selectorCount === 0) throw damaged();
  const selectors = readSelectors(bits, selectorCount, groups);
  const tables = Array.from({ length: groups }, () => readTable(bits, symbols));
  const sorted = readSymbols(bits, { used, selectors, tables, blockBytes });
  if (origin >= sorted.length) throw damaged();
  return unsort(sorted, origin);
}

function damaged(): RangeError {
  return new RangeError("a block is damaged");
}

function readUsed(bits: BitReader): number[] {
  const rows = bits.read(16);
  const used: number[] = [];
  for (let row = 0; row < 16; row += 1) {
    if ((rows & (0x8000 >>> row)) === 0) continue;
    const columns = bits.read(16);
    for (let column = 0; column < 16; column += 1)
      if ((columns & (0x8000 >>> column)) !== 0) used.push(row * 16 + column);
  }
  return used;
}

function readSelectors(bits: BitReader, count: number, groups: number): number[] {
  const order = Array.from({ length: groups }, (_, group) => group);
  return Array.from({ length: count }, () => {
    let at = 0;
    while (bits.read(1) === 1) at += 1;
    const [group] = order.splice(at, 1);
    if (group === undefined) throw damaged();
    order.unshift(group);
    return group;
  });
}

type Table = {
  /** By length: the first code that is too large for it, the sum to be taken off a code, by which the symbols are found. */
  readonly limit: Int32Array;
  readonly base: Int32Array;
  readonly symbols: Uint16Array;
  readonly shortest: number;
};

function readTable(bits: BitReader, symbols: number): Table {
  const lengths: number[] = [];
  let length = bits.read(5);
  for (let symbol = 0; symbol < symbols; symbol += 1) {
    while (bits.read(1) === 1) length += bits.read(1) === 1 ? -1 : 1;
    if (length < 1 || length > MOST_LENGTH) throw damaged();
    lengths.push(length);
  }
  return tableOf(lengths);
}

// Codes of one length are consecutive numbers, in the order of their symbols; shorter ones come first.
function tableOf(lengths: readonly number[]): Table {
  const limit = new Int32Array(MOST_LENGTH + 2);
  const base = new Int32Array(MOST_LENGTH + 2);
  const symbols: number[] = [];
  let code = 0;
  for (let length = 1; length <= MOST_LENGTH; length += 1) {
    base[length] = code - symbols.length;
    for (const [symbol, of] of lengths.entries()) {
      if (of !== length) continue;
      symbols.push(symbol);
      code += 1;
    }
    limit[length] = code;
    code <<= 1;
  }
  return { limit, base, symbols: Uint16Array.from(symbols), shortest: Math.min(...lengths) };
}

function readSymbol(bits: BitReader, { limit, base, symbols, shortest }: Table): number {
  let length = shortest;
  let code = bits.read(length);
  while (length <= MOST_LENGTH && code >= (limit[length] ?? 0)) {
    code = (code << 1) | bits.read(1);
    length += 1;
  }
  const symbol = symbols[code - (base[length] ?? 0)];
  if (length > MOST_LENGTH || symbol === undefined) throw damaged();
  return symbol;
}

type Coded = {
  readonly used: readonly number[];
  readonly selectors: readonly number[];
  readonly tables: readonly Table[];
  readonly blockBytes: number;
};

// Symbols 0 and 1 are digits of how often the first byte of the list stands; others move one to its front.
function readSymbols(bits: BitReader, { used, selectors, tables, blockBytes }: Coded): Uint8Array {
  const out = new Uint8Array(blockBytes);
  const order = [...used];
  const last = used.length + 1;
  let length = 0;
  let run = 0;
  let digit = 1;
  for (let count = 0; ; count += 1) {
    const table = tables[selectors[Math.floor(count / GROUP)] ?? -1];
    if (!table) throw damaged();
    const symbol = readSymbol(bits, table);
    if (symbol <= 1) {
      run += digit << symbol;
      digit <<= 1;
      if (run > blockBytes) throw damaged();
      continue;
    }
    if (length + run + 1 > blockBytes + (symbol === last ? 1 : 0)) throw damaged();
    out.fill(order[0] ?? 0, length, length + run);
    length += run;
    run = 0;
    digit = 1;
    if (symbol === last) return out.subarray(0, length);
    const [byte = 0] = order.splice(symbol - 1, 1);
    order.unshift(byte);
    out[length++] = byte;
  }
}

// The last column of the sorted rotations → the text (Burrows and Wheeler, 1994).
function unsort(sorted: Uint8Array, origin: number): Uint8Array {
  const starts = startsOf(sorted);
  const next = new Uint32Array(sorted.length);
  for (const [at, byte] of sorted.entries()) {
    const place = starts[byte] ?? 0;
    next[place] = at;
    starts[byte] = place + 1;
  }
  const out = new Uint8Array(sorted.length);
  let at = next[origin] ?? 0;
  for (let count = 0; count < out.length; count += 1) {
    out[count] = sorted[at] ?? 0;
    at = next[at] ?? 0;
  }
  return out;
}

// Where each byte begins among the sorted ones.
function startsOf(bytes: Uint8Array): Uint32Array {
  const counts = new Uint32Array(256);
  for (const byte of bytes) counts[byte] = (counts[byte] ?? 0) + 1;
  let sum = 0;
  return counts.map((count) => {
    sum += count;
    return sum - count;
  });
}
