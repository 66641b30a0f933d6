// Secret values on their way to the workers: sealed with age for a key of their own, so a worker needs no key to the evidence.
import { Readable, type Transform } from "node:stream";
import { buffer } from "node:stream/consumers";
import type { Context } from "../db/context.ts";
import { newHeader, parseHeader } from "./age-header.ts";
import { openPayload, sealPayload } from "./age-payload.ts";
import { identityOf } from "./identity.ts";

export async function sealForWork(ctx: Pick<Context, "folder">, text: string): Promise<Uint8Array> {
  const { head, ...key } = await newHeader([(await identityOf(ctx.folder, "work")).recipient]);
  return Buffer.concat([head, await through(sealPayload(key), Buffer.from(text))]);
}

/** @throws TocsinError `forbidden` where this machine lacks the key (keys/work.agekey), `invalid` where it was altered */
export async function unsealForWork(
  ctx: Pick<Context, "folder">,
  sealed: Uint8Array,
): Promise<string> {
  const bytes = Buffer.from(sealed);
  const identity = (await identityOf(ctx.folder, "work")).secret;
  const { start, ...key } = await parseHeader(bytes, {
    identity,
    what: "the sealed payload of this chunk",
  });
  return (await through(openPayload(key), bytes.subarray(start))).toString("utf8");
}

async function through(transform: Transform, bytes: Buffer): Promise<Buffer> {
  return await buffer(Readable.from([bytes]).compose(transform));
}
