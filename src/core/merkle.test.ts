import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import * as fc from "fast-check";
import { foldMerkleRoot, Frontier, leafHash, merkleRoot, packedRoot } from "./merkle.ts";
import {
  consistencyRanges,
  inclusionRanges,
  joinSubtrees,
  merkleProof,
  subtreesOf,
  verifyConsistency,
  verifyInclusion,
} from "./merkle-proof.ts";

function sha(...parts: Uint8Array[]): Buffer {
  return createHash("sha256").update(Buffer.concat(parts)).digest();
}

/** The definition, word for word: MTH of RFC 6962, 2.1. */
function naiveRoot(data: readonly Uint8Array[]): Buffer {
  const [only] = data;
  if (!only) return sha();
  if (data.length === 1) return sha(Buffer.of(0), only);
  const k = 2 ** Math.ceil(Math.log2(data.length) - 1);
  return sha(Buffer.of(1), naiveRoot(data.slice(0, k)), naiveRoot(data.slice(k)));
}

/** The eight inputs and roots of the Certificate Transparency reference tests. */
const INPUTS = [
  "",
  "00",
  "10",
  "2021",
  "3031",
  "40414243",
  "5051525354555657",
  "606162636465666768696a6b6c6d6e6f",
];
const ROOTS = [
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];
const leaves = INPUTS.map((hex) => Buffer.from(hex, "hex"));
const hashes = leaves.map((data) => leafHash(data));
const sizes = fc.integer({ min: 0, max: 70 });
const treeOf = (size: number): Buffer[] =>
  Array.from({ length: size }, (_, n) => Buffer.from(`leaf ${n}`));

test("the tree of nothing is the hash of nothing", () => {
  const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  assert.equal(merkleRoot([]).toString("hex"), empty);
  assert.equal(packedRoot(Buffer.alloc(0)).toString("hex"), empty);
});

test("roots are those of the certificate transparency test vectors", () => {
  for (const [n, root] of ROOTS.entries()) {
    assert.equal(merkleRoot(hashes.slice(0, n + 1)).toString("hex"), root);
    assert.equal(packedRoot(Buffer.concat(hashes.slice(0, n + 1))).toString("hex"), root);
  }
});

test("audit paths are those of the certificate transparency test vectors", () => {
  assert.deepEqual(pathOf(0, 8), [
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
  ]);
  assert.deepEqual(pathOf(2, 3), [
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  ]);
});

test("every way to a root gives the definition's root", async () => {
  await fc.assert(
    fc.asyncProperty(sizes, async (size) => {
      const data = treeOf(size);
      const leafs = data.map((leaf) => leafHash(leaf));
      const expected = naiveRoot(data);
      assert.deepEqual(merkleRoot(leafs), expected);
      assert.deepEqual(packedRoot(Buffer.concat(leafs)), expected);
      assert.deepEqual(await foldMerkleRoot(inParts(leafs)), expected);
    }),
  );
});

test("every leaf is proven in its own place and in no other", () => {
  fc.assert(
    fc.property(sizes, fc.nat(), fc.nat(), (size, at, other) => {
      fc.pre(size > 0);
      const leafs = treeOf(size).map((leaf) => leafHash(leaf));
      const index = at % size;
      const proof = {
        index,
        size,
        path: merkleProof(Buffer.concat(leafs), index),
        root: merkleRoot(leafs),
      };
      const mine = leafs[index] ?? Buffer.alloc(0);
      assert.ok(verifyInclusion({ ...proof, leafHash: mine }));
      assert.ok(!verifyInclusion({ ...proof, leafHash: leafHash(Buffer.from("another")) }));
      if (other % size !== index)
        assert.ok(!verifyInclusion({ ...proof, leafHash: mine, index: other % size }));
      assert.ok(!verifyInclusion({ ...proof, leafHash: mine, path: [...proof.path, mine] }));
      assert.ok(!verifyInclusion({ ...proof, leafHash: mine, size: 0 }));
    }),
  );
});

test("a proof is made from stored subtrees alone, one for each place of the edge", () => {
  fc.assert(
    fc.property(sizes, fc.nat(), (size, at) => {
      fc.pre(size > 0);
      const { leafs, stored } = grow(size);
      const ranges = inclusionRanges(at % size, size);
      const path = ranges.map((range) => joinSubtrees(subtreesOf(range).map(stored)));
      assert.deepEqual(path, merkleProof(Buffer.concat(leafs), at % size));
      assert.deepEqual(
        joinSubtrees(subtreesOf({ from: 0, to: size }).map(stored)),
        merkleRoot(leafs),
      );
    }),
  );
});

test("a tree is consistent with each of its beginnings and with nothing else", () => {
  fc.assert(
    fc.property(sizes, sizes, (a, b) => {
      const [older, newer] = a < b ? [a, b] : [b, a];
      const { leafs, stored } = grow(newer);
      const path = consistencyRanges(older, newer).map((range) =>
        joinSubtrees(subtreesOf(range).map(stored)),
      );
      const claim = {
        older: { size: older, root: merkleRoot(leafs.slice(0, older)) },
        newer: { size: newer, root: merkleRoot(leafs) },
        path,
      };
      assert.ok(verifyConsistency(claim));
      const other = merkleRoot([...leafs.slice(0, older), leafHash(Buffer.from("other"))]);
      if (older > 0)
        assert.ok(!verifyConsistency({ ...claim, older: { size: older, root: other } }));
      if (older > 0)
        assert.ok(!verifyConsistency({ ...claim, newer: { size: newer, root: other } }));
      if (path.length > 0) assert.ok(!verifyConsistency({ ...claim, path: path.slice(1) }));
    }),
  );
});

test("an edge that was put down is taken up again", () => {
  const { leafs, stored } = grow(13);
  const edge = subtreesOf({ from: 0, to: 11 }).map(stored);
  const frontier = new Frontier(undefined, { size: 11, edge });
  for (const leaf of leafs.slice(11)) frontier.add(leaf);
  assert.deepEqual(frontier.root(), merkleRoot(leafs));
  assert.equal(frontier.size, 13);
});

function pathOf(index: number, size: number): string[] {
  return merkleProof(Buffer.concat(hashes.slice(0, size)), index).map((hash) =>
    hash.toString("hex"),
  );
}

function grow(size: number): {
  leafs: Buffer[];
  stored: (at: { level: number; place: number }) => Buffer;
} {
  const nodes = new Map<string, Buffer>();
  const frontier = new Frontier((level, place, hash) => nodes.set(`${level}/${place}`, hash));
  const leafs = treeOf(size).map((leaf) => leafHash(leaf));
  for (const leaf of leafs) frontier.add(leaf);
  return {
    leafs,
    stored: ({ level, place }) =>
      nodes.get(`${level}/${place}`) ?? assert.fail(`no ${level}/${place}`),
  };
}

async function* inParts(leafs: readonly Buffer[]): AsyncIterable<Buffer> {
  for (let at = 0; at < leafs.length; at += 7) yield Buffer.concat(leafs.slice(at, at + 7));
}
