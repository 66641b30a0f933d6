// The evidence store: files named by the SHA-256 of their content, sealed with age. Nothing in it is ever changed.
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { access, mkdir, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { DataFolder } from "../db/folder.ts";
import { newHeader, readHeader } from "./age-header.ts";
import { openPayload, sealPayload } from "./age-payload.ts";
import { asDiskFailure } from "./disk-failure.ts";
import { identityOf } from "./identity.ts";
import { privateFolder } from "./private-folder.ts";
import { syncFolder } from "./sync-folder.ts";

export type Content = { readonly sha256: string; readonly bytes: number };

export function sealedPath(folder: DataFolder, sha256: string): string {
  return join(folder.data, "evidence", sha256.slice(0, 2), `${sha256}.age`);
}

/** Reads the file once. On return the sealed content is on the disk; on a failure or a crash nothing of it is in the store. */
export async function putSealed(
  folder: DataFolder,
  path: string,
  signal: AbortSignal,
): Promise<Content> {
  try {
    await using drafts = await privateFolder(folder);
    const draft = join(drafts.path, "draft.age");
    const { head, ...key } = await newHeader([(await identityOf(folder, "evidence")).recipient]);
    const seen = measure();
    const out = createWriteStream(draft, {
      flags: "wx",
      mode: 0o600,
      flush: true,
      highWaterMark: 1 << 20,
    });
    out.write(head);
    await pipeline(
      createReadStream(path, { highWaterMark: 1 << 20 }),
      seen.through,
      sealPayload(key),
      out,
      { signal },
    );
    const content = seen.content();
    await keep(draft, sealedPath(folder, content.sha256));
    return content;
  } catch (error) {
    throw asDiskFailure(error, path);
  }
}

/** As `putSealed` measures it, storing nothing. */
export async function measureFile(path: string, signal: AbortSignal): Promise<Content> {
  const seen = measure();
  try {
    await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), seen.through.resume(), {
      signal,
    });
  } catch (error) {
    throw asDiskFailure(error, path);
  }
  return seen.content();
}

// Whoever sealed the same content before keeps it: it may be sealed for more recipients.
async function keep(draft: string, path: string): Promise<void> {
  if (await exists(path)) return;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await rename(draft, path);
  await syncFolder(dirname(path));
}

export type Opened = {
  /** To be piped in this order, then into wherever it goes. */
  readonly streams: readonly [Readable, Transform, Transform];
  /** After the last byte: whether it was what was taken. */
  readonly whole: () => boolean;
};

/** @throws TocsinError `not_found` where the store has lost it; the streams end in `invalid` where it was damaged */
export async function openSealed(folder: DataFolder, sha256: string): Promise<Opened> {
  const path = sealedPath(folder, sha256);
  try {
    const { start, ...key } = await readHeader(path, (await identityOf(folder, "evidence")).secret);
    const seen = measure();
    const sealed = createReadStream(path, { start, highWaterMark: 1 << 20 });
    return {
      streams: [sealed, openPayload(key), seen.through],
      whole: () => seen.content().sha256 === sha256,
    };
  } catch (error) {
    throw asDiskFailure(error, path);
  }
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}

function measure(): { through: Transform; content(): Content } {
  const hash = createHash("sha256");
  let bytes = 0;
  const through = new Transform({
    highWaterMark: 1 << 20,
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  return { through, content: () => ({ sha256: hash.digest("hex"), bytes }) };
}
