// ZIP archives, and the documents that are some: what is in them decides.
import { crc32 } from "node:zlib";
import { type Entry, fromFd, type ZipFile } from "yauzl";
import { type Bytes, bytesOf, seekable } from "../bytes.ts";
import { placeIn, Unreadable } from "../document.ts";
import type { Walk } from "../walk.ts";
import type { Pack, PackEntry } from "../office/pack.ts";
import { packKind, readPack } from "../office/read-pack.ts";

const MOST_ENTRIES = 500_000;
const METHODS: Readonly<Record<number, string>> = {
  9: "Deflate64",
  12: "bzip2",
  14: "LZMA",
  93: "zstd",
  95: "xz",
  98: "PPMd",
  99: "AES encryption",
};

export async function readZip(bytes: Bytes, at: string, walk: Walk): Promise<string> {
  await using file = await seekable(bytes, walk.parts);
  const { zip, entries } = await openZip(file.fd);
  try {
    const pack = packOf(zip, entries, walk);
    const kind = await packKind(pack);
    if (kind !== undefined) return await readPack(kind, pack, { at, walk });
    await readEntries(pack, at, walk);
    return `ZIP archive of ${entries.length}`;
  } finally {
    zip.close();
  }
}

async function readEntries(pack: Pack, at: string, walk: Walk): Promise<void> {
  for (const entry of pack.entries) {
    if (entry.name.endsWith("/")) continue;
    const place = placeIn(at, entry.name);
    if (entry.unread) walk.parts.unread({ at: place, ...entry.unread });
    else await readInner(pack, entry, { at: place, walk });
  }
}

/** Reads an entry as a document of its own. */
export async function readInner(
  pack: Pack,
  entry: PackEntry,
  { at, walk }: { readonly at: string; readonly walk: Walk },
): Promise<void> {
  try {
    await walk.inner(await bytesOf(await pack.read(entry), { size: entry.size }), at);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    walk.parts.unread({ at, reason: error.reason, detail: error.message });
  }
}

function packOf(zip: ZipFile, entries: readonly Entry[], { budget }: Walk): Pack {
  const known = new Map(entries.map((entry) => [nameOf(entry), entry]));
  return {
    entries: entries.map((entry) => ({
      name: nameOf(entry),
      size: entry.uncompressedSize,
      ...unreadOf(entry),
    })),
    read: async ({ name }) => {
      const entry = known.get(name);
      if (!entry) throw new Unreadable("damaged", `has no ${name}`);
      return budget.counted(checked(await entryChunks(zip, entry), entry.crc32));
    },
  };
}

function unreadOf(entry: Entry): Pick<PackEntry, "unread"> {
  if (entry.isEncrypted())
    return {
      unread: {
        reason: "encrypted",
        detail: "needs a password: unpack it with that and give what is in it",
      },
    };
  const method = entry.compressionMethod;
  if (method === 0 || method === 8) return {};
  return {
    unread: {
      reason: "unknown",
      detail: `packed with ${METHODS[method] ?? `method ${method}`}: unpack it`,
    },
  };
}

// Bit 11 says UTF-8; without it names are as some old system wrote them. They are shown and never used as paths.
function nameOf(entry: Entry): string {
  const raw = entry.fileNameRaw;
  const text = raw.toString("utf8");
  return text.includes("\ufffd") ? raw.toString("latin1") : text;
}

async function openZip(fd: number): Promise<{ zip: ZipFile; entries: Entry[] }> {
  const zip = await new Promise<ZipFile>((resolve, reject) => {
    fromFd(fd, { autoClose: false, lazyEntries: true, decodeStrings: false }, (error, opened) => {
      if (opened) resolve(opened);
      else reject(damaged(error));
    });
  });
  zip.close = () => {}; // the descriptor is not ours
  if (zip.entryCount > MOST_ENTRIES)
    throw new Unreadable(
      "too large",
      `an archive of ${zip.entryCount} files; ${MOST_ENTRIES} are read`,
    );
  return { zip, entries: await listed(zip) };
}

async function listed(zip: ZipFile): Promise<Entry[]> {
  return await new Promise((resolve, reject) => {
    const entries: Entry[] = [];
    zip.on("entry", (entry: Entry) => {
      entries.push(entry);
      zip.readEntry();
    });
    zip.on("end", () => resolve(entries));
    zip.on("error", (error) => reject(damaged(error)));
    zip.readEntry();
  });
}

async function entryChunks(zip: ZipFile, entry: Entry): Promise<AsyncIterable<Buffer>> {
  return await new Promise((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => {
      if (stream) resolve(stream);
      else reject(damaged(error));
    });
  });
}

async function* checked(chunks: AsyncIterable<Buffer>, told: number): AsyncGenerator<Buffer> {
  let sum = 0;
  try {
    for await (const chunk of chunks) {
      sum = crc32(chunk, sum);
      yield chunk;
    }
  } catch (error) {
    throw error instanceof Unreadable ? error : damaged(error);
  }
  if (sum !== told) throw new Unreadable("damaged", "its checksum does not fit");
}

function damaged(error: unknown): Unreadable {
  const why = error instanceof Error ? error.message : "it cannot be opened";
  return new Unreadable("damaged", `the archive is not whole: ${why.slice(0, 200)}`);
}
