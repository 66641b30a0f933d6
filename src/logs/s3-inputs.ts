// Logs in S3 and stores that speak as it does, fetched by ClickHouse's own client: it takes the credentials from the environment, by the names
// of AWS's SDKs, and retries. An object stands on our disk, as it is, while it is read: what it is packed in is told by its content.
import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { rm, truncate } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { TocsinError } from "../core/errors.ts";
import { quote } from "../db/click-bind.ts";
import type { Click } from "../db/click.ts";
import type { Listed, LogInput, Unread } from "./list-inputs.ts";

export type S3Input = {
  /** `s3://BUCKET/PREFIX`, for other stores than AWS's `?endpoint=https://HOST`; `?region=`. */
  readonly address: string;
  /** Private; objects stand in it while they are read. */
  readonly folder: string;
};

const MOST_OBJECTS = 100_000;
const CHUNK_BYTES = 1 << 20;

const Found = z.object({ path: z.string(), size: z.number(), written: z.coerce.date() });

/** Every object whose key begins with the prefix, by name. @throws TocsinError `invalid` for another address, `unavailable` */
export async function s3Inputs(click: Click, { address, folder }: S3Input): Promise<Listed> {
  const store = storeOf(address);
  const found = await click
    .query(
      Found,
      `select _path as path, _size as size, toUnixTimestamp(_time) * 1000 as written
      from s3(${quote(`${store.url(store.prefix)}**`)}, 'One') order by path limit ${MOST_OBJECTS + 1}`,
    )
    .catch((error: unknown) => failed(error, address));
  const inputs: LogInput[] = [];
  const unread: Unread[] = [];
  if (found.length === 0)
    unread.push({ name: address, reason: "there is no object whose key begins so" });
  if (found.length > MOST_OBJECTS)
    unread.push({
      name: address,
      reason: `only the first ${MOST_OBJECTS} objects: name a longer prefix`,
    });
  for (const { path, size, written } of found.slice(0, MOST_OBJECTS)) {
    const key = path.slice(store.bucket.length + 1);
    const name = `s3://${store.bucket}/${key}`;
    if (key.endsWith("/") || size === 0) continue; // what consoles make for folders
    if (/[*?{}]/.test(key))
      unread.push({ name, reason: "its key has one of *?{} in it: copy it to a file" });
    else
      inputs.push({
        name,
        path: name,
        bytes: size,
        written,
        open: () => fetched(click, { url: store.url(key), name, size, folder }),
      });
  }
  return { inputs, unread };
}

type Store = {
  readonly bucket: string;
  readonly prefix: string;
  readonly url: (key: string) => string;
};

function storeOf(address: string): Store {
  const match = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,62})(?:\/([^?*{}]*))?(?:\?(.*))?$/.exec(address);
  const [, bucket = "", prefix = "", more = ""] = match ?? [];
  if (!match)
    throw new TocsinError(
      "invalid",
      `${address} is no address of S3: write s3://BUCKET/PREFIX, without patterns`,
    );
  const given = new URLSearchParams(more);
  const endpoint = given.get("endpoint");
  const region = given.get("region");
  const host = `s3${region === null ? "" : `.${region}`}.amazonaws.com`;
  // A name with dots fits no certificate as a host.
  const aws = bucket.includes(".") ? `https://${host}/${bucket}` : `https://${bucket}.${host}`;
  const root = endpoint === null ? aws : `${endpoint.replace(/\/+$/, "")}/${bucket}`;
  if (!URL.canParse(root) || !/^https?:$/.test(new URL(root).protocol))
    throw new TocsinError(
      "invalid",
      `${address}: its endpoint is no address: write ?endpoint=https://HOST`,
    );
  return {
    bucket,
    prefix,
    url: (key) => `${root}/${key.split("/").map(encodeURIComponent).join("/")}`,
  };
}

type Fetching = {
  readonly url: string;
  readonly name: string;
  readonly size: number;
  readonly folder: string;
};

// Cut at line ends and put together again, which gives any bytes back as they were in bounded memory: only a last line without an end gets one.
async function* fetched(
  click: Click,
  { url, name, size, folder }: Fetching,
): AsyncGenerator<Buffer> {
  const path = join(folder, `${randomUUID()}.object`);
  try {
    await click
      .unload({
        select: `select concat(line, '\\n') from s3(${quote(url)}, 'LineAsString', 'line String', 'none') settings max_threads = 1`,
        path,
        format: "RawBLOB",
      })
      .catch((error: unknown) => failed(error, name));
    await truncate(path, size);
    for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES })) yield chunk;
  } finally {
    await rm(path, { force: true });
  }
}

// The engine says a lot, also parts of addresses: what a person needs is in its first words.
function failed(cause: unknown, name: string): never {
  if (cause instanceof TocsinError && cause.code === "limited")
    throw new TocsinError(
      "refused",
      `${name}: a line of it is too long to be fetched: copy it to a file`,
      { cause },
    );
  const said = cause instanceof Error ? cause.message : "";
  if (/\b403\b|access ?denied|InvalidAccessKeyId|SignatureDoesNotMatch/i.test(said))
    throw new TocsinError(
      "refused",
      `${name}: the store refuses: are AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY set, and may they read it?`,
      { cause },
    );
  if (/\b404\b|NoSuchKey|NoSuchBucket|not exist/i.test(said))
    throw new TocsinError("refused", `${name}: it is not there`, { cause });
  throw new TocsinError("unavailable", `${name}: the store does not answer as it should`, {
    cause,
  });
}
