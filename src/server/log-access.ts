// Who may send logs: each stream has a token of its own, in a file. It opens that stream and nothing else.
import { timingSafeEqual } from "node:crypto";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { sha256 } from "../core/digest.ts";
import type { Context } from "../db/context.ts";
import type { Stream } from "../logs/ingest/stream.ts";

/** A file that was changed counts after so long: tokens are exchanged without a restart. */
const READ_EVERY_MS = 5_000;
/** Shorter ones could be guessed, and an empty file would open the door to everybody. */
const SHORTEST = 16;

export type LogAccess = {
  /** The stream whose token it is; undefined where it is none's. The time that it takes says nothing of the tokens. */
  streamOf(token: string): Promise<Stream | undefined>;
};

export function logAccess(
  ctx: Pick<Context, "folder" | "clock" | "log">,
  streams: readonly Stream[],
): LogAccess {
  const read = new Map<string, { hash: Buffer | undefined; at: number }>();
  const hashOf = async ({ name, tokenFile }: Stream): Promise<Buffer | undefined> => {
    const now = ctx.clock.now().getTime();
    const known = read.get(name);
    if (known && Math.abs(now - known.at) < READ_EVERY_MS) return known.hash;
    const token = await readFile(resolve(ctx.folder.root, tokenFile), "utf8").then(
      (text) => text.trim(),
      () => "",
    );
    if (token.length < SHORTEST)
      ctx.log.warn(
        { stream: name },
        `its token file is missing or holds less than ${SHORTEST} characters: nothing is taken for it`,
      );
    const hash = token.length < SHORTEST ? undefined : sha256(token);
    read.set(name, { hash, at: now });
    return hash;
  };
  return {
    streamOf: async (token) => {
      const given = sha256(token);
      let found: Stream | undefined;
      for (const stream of streams) {
        const hash = await hashOf(stream);
        if (hash && timingSafeEqual(hash, given)) found = stream;
      }
      return found;
    },
  };
}
