// Evidence in the clear: only here, only for as long as one caller needs it, each time with an entry in the ledger.
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { TocsinError } from "../core/errors.ts";
import type { Context } from "../db/context.ts";
import { write } from "../ledger/write.ts";
import { asDiskFailure } from "./disk-failure.ts";
import { type Evidence, theEvidence } from "./find-evidence.ts";
import { privateFolder } from "./private-folder.ts";
import { openSealed, sealedPath } from "./store.ts";

export type UnsealInput = {
  readonly incident: string;
  readonly key: string;
  /** For the ledger. */ readonly why: string;
};

/** Hands `use` the path of a private copy (0600, below the data folder) that is gone when it returns. */
export async function withUnsealed<Result>(
  ctx: Context,
  input: UnsealInput,
  use: (path: string, evidence: Evidence) => Promise<Result>,
): Promise<Result> {
  const evidence = await recordUnsealing(ctx, input);
  await using folder = await privateFolder(ctx.folder);
  const path = join(folder.path, "evidence");
  await unsealInto(
    ctx,
    evidence,
    createWriteStream(path, { flags: "wx", mode: 0o600, highWaterMark: 1 << 20 }),
  );
  return await use(path, evidence);
}

/** The same as a stream, for whoever needs no file. An error in the middle means that what came before must not be used. */
export async function unsealedStream(
  ctx: Context,
  input: UnsealInput,
): Promise<{ stream: Readable; evidence: Evidence }> {
  const evidence = await recordUnsealing(ctx, input);
  const bytes = async function* (): AsyncGenerator<Buffer> {
    const {
      streams: [sealed, payload, hashed],
      whole,
    } = await openSealed(ctx.folder, evidence.sha256);
    const done = pipeline(sealed, payload, hashed, { signal: ctx.signal });
    // Observed below; this keeps a failure before the last byte from being an unhandled one.
    done.catch(() => {});
    yield* hashed;
    await done;
    if (!whole()) throw lost(ctx, evidence);
  };
  return {
    stream: Readable.from(bytes(), { objectMode: false, highWaterMark: 1 << 20 }),
    evidence,
  };
}

async function recordUnsealing(
  ctx: Context,
  { incident, key, why }: UnsealInput,
): Promise<Evidence> {
  const evidence = await theEvidence(ctx, { incident, key });
  await write(ctx, "evidence:read", async () => ({
    result: undefined,
    entry: { kind: "evidence.unsealed", incident, body: { key, sha256: evidence.sha256, why } },
  }));
  return evidence;
}

async function unsealInto(ctx: Context, evidence: Evidence, to: Writable): Promise<void> {
  try {
    const {
      streams: [sealed, payload, hashed],
      whole,
    } = await openSealed(ctx.folder, evidence.sha256);
    await pipeline(sealed, payload, hashed, to, { signal: ctx.signal });
    if (!whole()) throw lost(ctx, evidence);
  } catch (error) {
    throw asDiskFailure(error, `evidence ${evidence.key}`);
  }
}

function lost(ctx: Context, { key, sha256 }: Evidence): TocsinError {
  return new TocsinError(
    "invalid",
    `the store does not hold what was taken as ${key}: restore ${sealedPath(ctx.folder, sha256)} from a backup`,
  );
}

export type Verified = {
  readonly key: string;
  readonly sha256: string;
  readonly whole: boolean;
  readonly problem?: string;
};

/** Unseals every piece to nowhere and hashes it again. A damaged or lost one is a result, not an error. */
export async function verifyEvidence(ctx: Context, of: readonly Evidence[]): Promise<Verified[]> {
  const results: Verified[] = [];
  for (const evidence of of) {
    const problem = await problemOf(ctx, evidence);
    results.push({
      key: evidence.key,
      sha256: evidence.sha256,
      whole: problem === undefined,
      ...(problem ? { problem } : {}),
    });
  }
  return results;
}

async function problemOf(ctx: Context, evidence: Evidence): Promise<string | undefined> {
  try {
    const {
      streams: [sealed, payload, hashed],
      whole,
    } = await openSealed(ctx.folder, evidence.sha256);
    await pipeline(sealed, payload, hashed.resume(), { signal: ctx.signal });
    return whole() ? undefined : lost(ctx, evidence).message;
  } catch (error) {
    if (error instanceof TocsinError) return error.message;
    throw error;
  }
}
