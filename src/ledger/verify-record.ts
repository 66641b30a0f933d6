// One record against itself: its leaf, its body, its members.
import { z } from "zod";
import type { Json } from "../core/canonical.ts";
import { sha256 } from "../core/digest.ts";
import { HASH_BYTES } from "../core/merkle.ts";
import { memberJson, SALT_BYTES } from "./commitment.ts";
import { membersRoot, memberTag, TAG_BYTES } from "./members.ts";
import { hashOfLeaf, type LedgerBatch, type LedgerRecord } from "./record.ts";

export const LEDGER_FAULTS = [
  "changed", // an entry says something else than when it got its place
  "moved", // it stands in another place
  "missing", // an entry, its body, its members or a stored hash is gone
  "body-changed",
  "members-changed",
  "erasure", // something was erased and no entry says so
  "tree", // stored hashes do not fit each other
  "checkpoint", // not signed by the ledger's key, or not of this ledger
  "truncated", // the ledger ends before what was signed
  "unplaced", // an entry that no sequencer will ever see
] as const;
export type LedgerFault = (typeof LEDGER_FAULTS)[number];

export type LedgerProblem = {
  readonly what: LedgerFault;
  readonly message: string;
  readonly entry?: string;
  readonly place?: number;
};

/** Who was erased, to be held against the entries that say so. `member` counts from 0. */
export type Erased = {
  readonly entry: string;
  readonly member?: number;
  readonly by: readonly string[];
};

export type RecordFindings = {
  readonly problems: LedgerProblem[];
  readonly erased: Erased[];
  readonly members: number;
};

export function verifyRecord(record: LedgerRecord): RecordFindings {
  const { entry, place, leaf } = record;
  if (!leaf) return alone({ what: "missing", entry, place, message: `entry ${entry} is gone` });
  const problems = [...leafProblems(record, leaf), ...bodyProblems(record, leaf.commitment)];
  const erased: Erased[] = record.erasedBy === null ? [] : [{ entry, by: [record.erasedBy] }];
  const promised = promisedBatch(record.body);
  if (!record.batch) {
    if (promised)
      problems.push({
        what: "missing",
        entry,
        place,
        message: `the members of entry ${entry} are gone`,
      });
    return { problems, erased, members: 0 };
  }
  const found = verifyMembers(record.batch, promised);
  if (record.batch.incident !== leaf.incident) found.wrong.push("the incident");
  if (found.wrong.length > 0) {
    const message = `members of entry ${entry} were changed: ${found.wrong.slice(0, 10).join(", ")}`;
    problems.push({ what: "members-changed", entry, place, message });
  }
  const gone = found.erased.map((member) => ({ entry, member, by: record.batch?.erasedBy ?? [] }));
  return { problems, erased: [...erased, ...gone], members: record.batch.size };
}

function leafProblems(
  record: LedgerRecord,
  leaf: NonNullable<LedgerRecord["leaf"]>,
): LedgerProblem[] {
  const { entry, place } = record;
  if (record.leafHash === null)
    return [{ what: "missing", entry, place, message: `the hash of entry ${entry} is gone` }];
  if (hashOfLeaf(leaf).toString("hex") === record.leafHash) return [];
  return [
    {
      what: "changed",
      entry,
      place,
      message: `entry ${entry} was changed: kind, time, actor, incident or commitment`,
    },
  ];
}

function bodyProblems(
  { entry, place, salt, body, erasedBy }: LedgerRecord,
  commitment: string,
): LedgerProblem[] {
  if (body === null || salt === null) {
    if (erasedBy !== null) return [];
    return [
      {
        what: "missing",
        entry,
        place,
        message: `the body of entry ${entry} is gone, and was not erased`,
      },
    ];
  }
  if (sha256(Buffer.from(salt, "hex"), body).toString("hex") === commitment) return [];
  return [
    { what: "body-changed", entry, place, message: `the body of entry ${entry} was changed` },
  ];
}

const BatchBody = z.strictObject({ members: z.int(), root: z.string().regex(/^[0-9a-f]{64}$/) });
type BatchBody = z.output<typeof BatchBody>;

function promisedBatch(body: string | null): BatchBody | undefined {
  if (body === null || !body.startsWith('{"members":')) return undefined;
  const read = BatchBody.safeParse(JSON.parse(body));
  return read.success ? read.data : undefined;
}

const StoredMember = z.object({ body: z.json(), id: z.string() }).nullable();

/** `wrong` names what does not fit, members by number from 1. */
function verifyMembers(
  batch: LedgerBatch,
  promised: BatchBody | undefined,
): { wrong: string[]; erased: number[] } {
  const commitments = Buffer.from(batch.commitments, "hex");
  const wrong: string[] = [];
  if (
    promised?.members !== batch.size ||
    promised.root !== membersRoot(commitments).toString("hex")
  )
    wrong.push("the list");
  const members = membersOf(batch.members);
  if (members?.length !== batch.size) return { wrong: [...wrong, "the bodies"], erased: [] };
  const erased: number[] = [];
  for (const [n, member] of members.entries()) {
    const state = memberState(batch, {
      n,
      member,
      commitment: commitments.subarray(n * HASH_BYTES, (n + 1) * HASH_BYTES),
    });
    if (state === "erased") erased.push(n);
    if (state === "wrong") wrong.push(`member ${n + 1}`);
  }
  return { wrong, erased };
}

type OneMember = {
  readonly n: number;
  readonly member: { id: string; body: Json } | null;
  readonly commitment: Buffer;
};

function memberState(
  batch: LedgerBatch,
  { n, member, commitment }: OneMember,
): "right" | "wrong" | "erased" {
  const salt = Buffer.from(batch.salts.slice(n * SALT_BYTES * 2, (n + 1) * SALT_BYTES * 2), "hex");
  const tag = Number.parseInt(batch.tags.slice(n * TAG_BYTES * 2, (n + 1) * TAG_BYTES * 2), 16);
  if (member === null) return tag === 0 && salt.every((byte) => byte === 0) ? "erased" : "wrong";
  const isRight =
    sha256(salt, memberJson(member)).equals(commitment) && tag === memberTag(member.id);
  return isRight ? "right" : "wrong";
}

/** Undefined where the text is not a list of members. */
export function membersOf(text: string): z.output<typeof StoredMember>[] | undefined {
  try {
    return z.array(StoredMember).parse(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return undefined;
    throw error;
  }
}

function alone(problem: LedgerProblem): RecordFindings {
  return { problems: [problem], erased: [], members: 0 };
}
