// The whole ledger against itself and against what was signed, in one pass and O(log n) memory (save for what is wrong).
import { z } from "zod";
import { Frontier, HASH_BYTES } from "../core/merkle.ts";
import { openCheckpoint } from "./checkpoint-note.ts";
import type { LedgerPage, LedgerSource } from "./read-ledger.ts";
import { hashOfLeaf, type LedgerRecord } from "./record.ts";
import type { NoteVerifier } from "./signed-note.ts";
import { verifyRecord, type Erased, type LedgerProblem } from "./verify-record.ts";

export type Verification = {
  readonly ok: boolean;
  readonly size: number;
  /** Base64, as in a checkpoint. */
  readonly root: string;
  readonly members: number;
  /** Bodies and members that were erased, each with an entry that says so. */
  readonly erased: number;
  /** Notes that the ledger's key signed and that the ledger continues. */
  readonly checkpoints: number;
  /** The largest tree that a checkpoint holds fast: later entries could still be rewritten unseen. */
  readonly signedSize: number;
  /** False without the public key: signatures were not looked at. */
  readonly signaturesChecked: boolean;
  /** Committed entries that the sequencer has not placed yet. */
  readonly waiting: number;
  /** The first 100. */
  readonly problems: readonly LedgerProblem[];
  readonly problemCount: number;
};

export type TrustedNotes = {
  readonly verifier: NoteVerifier | undefined;
  /** From the file outside the database. */ readonly notes: readonly string[];
};

const MOST_TOLD = 100;
const MOST_GAP = 100_000;

export async function verifySource(
  source: LedgerSource,
  trusted: TrustedNotes,
): Promise<Verification> {
  const pass = new Pass(signedTrees(source, trusted));
  for await (const page of source.pages) pass.take(page);
  return pass.end(source, trusted.verifier !== undefined);
}

type SignedTree = { readonly size: number; readonly root: string; readonly from: string };

function signedTrees(
  source: LedgerSource,
  { verifier, notes }: TrustedNotes,
): { trees: SignedTree[]; problems: LedgerProblem[] } {
  const trees: SignedTree[] = [];
  const problems: LedgerProblem[] = [];
  const take = (note: string, from: string, stored?: { size: number; root: string }): void => {
    const tree = verifier
      ? openCheckpoint(note, verifier)
      : stored && { size: stored.size, root: Buffer.from(stored.root, "hex") };
    const isForged =
      !tree || (stored && (tree.size !== stored.size || tree.root.toString("hex") !== stored.root));
    if (tree && !isForged) trees.push({ size: tree.size, root: tree.root.toString("hex"), from });
    else
      problems.push({
        what: "checkpoint",
        message: `${from}: this checkpoint${stored ? ` of ${stored.size} entries` : ""} was not signed by the ledger's key`,
      });
  };
  for (const stored of source.checkpoints) take(stored.note, "the database", stored);
  if (verifier) for (const note of notes) take(note, "the checkpoint file", undefined);
  return { trees: trees.toSorted((a, b) => a.size - b.size), problems };
}

const Erasure = z.object({
  erased: z.array(z.object({ entry: z.string(), members: z.array(z.int()).optional() })),
});

class Pass {
  readonly #problems: LedgerProblem[];
  #problemCount = 0;
  readonly #trees: readonly SignedTree[];
  readonly #signedSizes: ReadonlySet<number>;
  readonly #rootAt = new Map<number, string>();
  readonly #claims = new Set<string>();
  readonly #erased: Erased[] = [];
  readonly #changed: {
    readonly problem: LedgerProblem;
    readonly is: string;
    readonly was: string;
  }[] = [];
  readonly #frontier: Frontier;
  #computed: { name: string; level: number; place: number; hash: Buffer }[] = [];
  #badUpTo = -1;
  #members = 0;
  #nodes = 0;

  constructor({ trees, problems }: { trees: readonly SignedTree[]; problems: LedgerProblem[] }) {
    this.#problems = [];
    for (const problem of problems) this.#tell(problem);
    this.#trees = trees;
    this.#signedSizes = new Set(trees.map(({ size }) => size));
    this.#frontier = new Frontier((level, place, hash) => {
      this.#nodes += 1;
      this.#computed.push({ name: `${level}/${place}`, level, place, hash });
    });
    this.#noteRoot();
  }

  take({ records, nodes }: LedgerPage): void {
    for (const record of records) {
      this.#gap(record.place, nodes);
      this.#record(record);
    }
    for (const node of nodes ? this.#computed : []) this.#node(node, nodes?.get(node.name));
    this.#computed = [];
  }

  end(source: LedgerSource, signaturesChecked: boolean): Verification {
    this.#tellChanged();
    const erased = this.#erased.filter((one) => this.#isClaimed(one)).length;
    const held = this.#checkpoints();
    if (source.nodeCount !== undefined && source.nodeCount !== this.#nodes) {
      this.#tell({
        what: "tree",
        message: `${source.nodeCount} hashes are stored, ${this.#nodes} belong to the ledger`,
      });
    }
    for (const entry of source.unplaced) {
      this.#tell({
        what: "unplaced",
        entry,
        message: `entry ${entry} has no place and waits for none: it was taken out, or put in past the ledger`,
      });
    }
    return {
      ok: this.#problemCount === 0,
      size: this.#frontier.size,
      root: this.#frontier.root().toString("base64"),
      members: this.#members,
      erased,
      checkpoints: held.count,
      signedSize: held.size,
      signaturesChecked,
      waiting: source.waiting,
      problems: this.#problems,
      problemCount: this.#problemCount,
    };
  }

  // The stored hashes of what is gone stand in for it, so that the rest is still held against the tree.
  #gap(place: number, nodes: ReadonlyMap<string, Buffer> | undefined): void {
    const first = this.#frontier.size;
    if (place <= first) return;
    this.#tell({
      what: "missing",
      place: first,
      message: `the places ${first} to ${place - 1} are gone`,
    });
    for (let gone = first; gone < Math.min(place, first + MOST_GAP); gone += 1) {
      this.#frontier.add(nodes?.get(`0/${gone}`) ?? Buffer.alloc(HASH_BYTES));
      this.#noteRoot();
    }
  }

  #record(record: LedgerRecord): void {
    const findings = verifyRecord(record);
    for (const problem of findings.problems) this.#keep(problem, record);
    this.#erased.push(...findings.erased);
    this.#members += findings.members;
    if (record.leaf?.kind === "ledger.erased" && record.body !== null)
      this.#claim(record.entry, record.body);
    // The stored hash goes into the tree, so that a changed entry is told once, as itself, and not again as a broken tree.
    const leaf =
      record.leafHash === null
        ? record.leaf && hashOfLeaf(record.leaf)
        : Buffer.from(record.leafHash, "hex");
    this.#frontier.add(leaf ?? Buffer.alloc(HASH_BYTES));
    this.#noteRoot();
  }

  #keep(problem: LedgerProblem, { leaf, leafHash }: LedgerRecord): void {
    if (problem.what !== "changed" || !leaf || leafHash === null || this.#changed.length >= 10_000)
      return this.#tell(problem);
    this.#changed.push({ problem, is: hashOfLeaf(leaf).toString("hex"), was: leafHash });
  }

  /** A changed entry that is what another place held has been moved. */
  #tellChanged(): void {
    const placeOf = new Map(this.#changed.map(({ was, problem }) => [was, problem.place]));
    for (const { problem, is } of this.#changed) {
      const from = placeOf.get(is);
      const moved = `entry ${problem.entry} stands in place ${problem.place} and belongs in place ${from}: they were reordered`;
      this.#tell(from === undefined ? problem : { ...problem, what: "moved", message: moved });
    }
  }

  #node(
    { level, place, hash }: { level: number; place: number; hash: Buffer },
    stored: Buffer | undefined,
  ): void {
    if (stored?.equals(hash)) return;
    const first = place * 2 ** level;
    if (first <= this.#badUpTo) return; // A subtree above one that was told already.
    this.#badUpTo = (place + 1) * 2 ** level - 1;
    const message = `the stored tree is another one from place ${first} to ${this.#badUpTo}: something there was rewritten`;
    this.#tell({ what: "tree", place: first, message });
  }

  #checkpoints(): { count: number; size: number } {
    let held = { count: 0, size: 0 };
    const broken: SignedTree[] = [];
    for (const tree of this.#trees) {
      if (this.#rootAt.get(tree.size) === tree.root)
        held = { count: held.count + 1, size: tree.size };
      else broken.push(tree);
    }
    for (const { size, from } of broken.slice(0, 3)) {
      const isShort = size > this.#frontier.size;
      const message = isShort
        ? `the ledger ends at ${this.#frontier.size} entries, and ${size} were signed (${from}): its end was cut off`
        : `the ledger is not the one that was signed at ${size} entries (${from}): something between place ${Math.min(held.size, size)} and ${size - 1} was rewritten`;
      this.#tell({ what: isShort ? "truncated" : "checkpoint", message });
    }
    return held;
  }

  #isClaimed({ entry, member, by }: Erased): boolean {
    const name = member === undefined ? entry : `${entry}/${member}`;
    if (by.some((one) => this.#claims.has(`${one}:${name}`))) return true;
    const what =
      member === undefined
        ? `the body of entry ${entry}`
        : `member ${member + 1} of entry ${entry}`;
    this.#tell({ what: "erasure", entry, message: `${what} was erased, and no entry says so` });
    return false;
  }

  #claim(by: string, body: string): void {
    const read = Erasure.safeParse(JSON.parse(body));
    for (const { entry, members } of read.data?.erased ?? []) {
      if (!members) this.#claims.add(`${by}:${entry}`);
      for (const member of members ?? []) this.#claims.add(`${by}:${entry}/${member}`);
    }
  }

  #noteRoot(): void {
    const size = this.#frontier.size;
    if (this.#signedSizes.has(size)) this.#rootAt.set(size, this.#frontier.root().toString("hex"));
  }

  #tell(problem: LedgerProblem): void {
    this.#problemCount += 1;
    if (this.#problems.length < MOST_TOLD) this.#problems.push(problem);
  }
}
