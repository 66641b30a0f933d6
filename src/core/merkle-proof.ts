// Audit paths and consistency proofs of RFC 6962 (2.1.1, 2.1.2), and their checking as RFC 9162 (2.1.3.2, 2.1.4.2) writes it.
// Sizes and places are below 2^53, so they are divided, never shifted.
import { HASH_BYTES, nodeHash, packedRoot } from "./merkle.ts";

/** The leaves from `from` up to, not including, `to`. */
export type LeafRange = { readonly from: number; readonly to: number };

/** A complete subtree: leaves place * 2^level up to (place + 1) * 2^level - 1. */
export type Subtree = { readonly level: number; readonly place: number };

/** The ranges whose roots prove that leaf `index` is in the tree of `size`, from the bottom up. */
export function inclusionRanges(index: number, size: number): LeafRange[] {
  if (index < 0 || index >= size) throw new RangeError(`no leaf ${index} in a tree of ${size}`);
  const ranges: LeafRange[] = [];
  let from = 0;
  let to = size;
  while (to - from > 1) {
    const middle = from + splitOf(to - from);
    if (index < middle) {
      ranges.unshift({ from: middle, to });
      to = middle;
    } else {
      ranges.unshift({ from, to: middle });
      from = middle;
    }
  }
  return ranges;
}

/** The ranges whose roots prove that the tree of `older` leaves is the beginning of the one of `newer`. */
export function consistencyRanges(older: number, newer: number): LeafRange[] {
  if (older < 0 || older > newer)
    throw new RangeError(`a tree of ${older} does not begin one of ${newer}`);
  if (older === 0 || older === newer) return [];
  const ranges: LeafRange[] = [];
  let from = 0;
  let to = newer;
  while (older !== to) {
    const middle = from + splitOf(to - from);
    if (older <= middle) {
      ranges.unshift({ from: middle, to });
      to = middle;
    } else {
      ranges.unshift({ from, to: middle });
      from = middle;
    }
  }
  // The old tree's own root is known to the verifier where it is the whole left edge.
  return from === 0 ? ranges : [{ from, to }, ...ranges];
}

/** The complete subtrees that a range of a proof, or a whole tree, is made of; largest first. */
export function subtreesOf({ from, to }: LeafRange): Subtree[] {
  const subtrees: Subtree[] = [];
  let at = from;
  while (at < to) {
    let level = 0;
    let width = 1;
    while (at + width * 2 <= to && at % (width * 2) === 0) {
      level += 1;
      width *= 2;
    }
    subtrees.push({ level, place: at / width });
    at += width;
  }
  return subtrees;
}

/** The root of a range from the roots of its subtrees, in the order of `subtreesOf`. */
export function joinSubtrees(roots: readonly Uint8Array[]): Buffer {
  const [last, ...rest] = roots.toReversed();
  if (!last) throw new RangeError("a range has at least one leaf");
  return Buffer.from(rest.reduce((right, left) => nodeHash(left, right), last));
}

/** The audit path of one of a few leaves, given packed. O(n): meant for a batch. */
export function merkleProof(leafHashes: Uint8Array, index: number): Buffer[] {
  return inclusionRanges(index, leafHashes.length / HASH_BYTES).map(({ from, to }) =>
    packedRoot(leafHashes.subarray(from * HASH_BYTES, to * HASH_BYTES)),
  );
}

export type Inclusion = {
  readonly leafHash: Uint8Array;
  readonly index: number;
  readonly size: number;
  readonly path: readonly Uint8Array[];
  readonly root: Uint8Array;
};

/** RFC 9162, 2.1.3.2. */
export function verifyInclusion({ leafHash, index, size, path, root }: Inclusion): boolean {
  if (!isCount(index) || !isCount(size) || index >= size) return false;
  let place = index;
  let last = size - 1;
  let hash: Uint8Array = leafHash;
  for (const sibling of path) {
    if (last === 0 || sibling.length !== HASH_BYTES) return false;
    if (place % 2 === 1 || place === last) {
      hash = nodeHash(sibling, hash);
      [place, last] = skipEven(place, last);
    } else {
      hash = nodeHash(hash, sibling);
    }
    [place, last] = [half(place), half(last)];
  }
  return last === 0 && Buffer.compare(hash, root) === 0;
}

export type Consistency = {
  readonly older: { readonly size: number; readonly root: Uint8Array };
  readonly newer: { readonly size: number; readonly root: Uint8Array };
  readonly path: readonly Uint8Array[];
};

/** RFC 9162, 2.1.4.2; the empty tree begins every tree, a tree begins itself. */
export function verifyConsistency({ older, newer, path }: Consistency): boolean {
  if (!isCount(older.size) || !isCount(newer.size) || older.size > newer.size) return false;
  if (older.size === 0) return path.length === 0;
  if (older.size === newer.size)
    return path.length === 0 && Buffer.compare(older.root, newer.root) === 0;
  // A complete old tree is a node of the new one, and the verifier knows it already.
  const isComplete = Number.isInteger(Math.log2(older.size));
  const roots = rootsFrom(older.size, newer.size, isComplete ? [older.root, ...path] : path);
  return (
    Buffer.compare(roots.older, older.root) === 0 && Buffer.compare(roots.newer, newer.root) === 0
  );
}

const NO_ROOTS = { older: Buffer.alloc(0), newer: Buffer.alloc(0) };

function rootsFrom(
  olderSize: number,
  newerSize: number,
  [first, ...rest]: readonly Uint8Array[],
): { older: Uint8Array; newer: Uint8Array } {
  if (first?.length !== HASH_BYTES) return NO_ROOTS;
  let [place, last] = [olderSize - 1, newerSize - 1];
  while (place % 2 === 1) [place, last] = [half(place), half(last)];
  let [older, newer] = [first, first];
  for (const hash of rest) {
    if (last === 0 || hash.length !== HASH_BYTES) return NO_ROOTS;
    if (place % 2 === 1 || place === last) {
      [older, newer] = [nodeHash(hash, older), nodeHash(hash, newer)];
      [place, last] = skipEven(place, last);
    } else {
      newer = nodeHash(newer, hash);
    }
    [place, last] = [half(place), half(last)];
  }
  return last === 0 ? { older, newer } : NO_ROOTS;
}

/** The largest power of two below `size` (RFC 6962's k). */
function splitOf(size: number): number {
  let width = 1;
  while (width * 2 < size) width *= 2;
  return width;
}

// On the right edge a level without a sibling is passed over.
function skipEven(place: number, last: number): [number, number] {
  let [at, end] = [place, last];
  while (at % 2 === 0 && at !== 0) [at, end] = [half(at), half(end)];
  return [at, end];
}

function half(value: number): number {
  return Math.floor(value / 2);
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
