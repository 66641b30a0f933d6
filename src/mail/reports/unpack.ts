// Reports come as XML or JSON, gzipped, or in a zip. All of it is a stranger's: what it unpacks to is bounded, whatever it says of its size.
import { constants, gunzip } from "node:zlib";
import { promisify } from "node:util";
import { fromBufferPromise, type Entry, type ZipFile } from "yauzl";
import { TocsinError } from "../../core/errors.ts";

/** RFC 7489, 7.2.1.1 has reports of about 10 MB refused by mail; nobody's is larger than this unpacked. */
export const MOST_UNPACKED = 32 * 1024 * 1024;
/** A report is one file; a digest of a week has seven. */
const MOST_ENTRIES = 50;

export type PackedAs = "gzip" | "zip" | "plain";

export function packedAs(bytes: Uint8Array): PackedAs {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return "gzip";
  if (bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 0x03 && bytes[3] === 0x04)
    return "zip";
  return "plain";
}

/** The files in it, one where it is no archive. Told by content: what names and types say is often wrong. @throws TocsinError `invalid` */
export async function unpack(bytes: Uint8Array): Promise<Buffer[]> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const packed = packedAs(bytes);
  if (packed === "plain") {
    if (buffer.length > MOST_UNPACKED) throw tooLarge();
    return [buffer];
  }
  return packed === "gzip" ? [await gunzipped(buffer)] : await unzipped(buffer);
}

async function gunzipped(buffer: Buffer): Promise<Buffer> {
  try {
    return await inflated(buffer).catch(async (error: unknown) => {
      if (error instanceof RangeError) throw error;
      return await inflated(withoutLineEnd(buffer));
    });
  } catch (cause) {
    if (cause instanceof RangeError) throw tooLarge();
    throw new TocsinError("invalid", "its gzip is damaged", { cause });
  }
}

async function inflated(buffer: Buffer): Promise<Buffer> {
  // Some send gzip without its end; whether the report is whole, its XML says.
  const finishFlush = constants.Z_SYNC_FLUSH;
  return await promisify(gunzip)(buffer, { maxOutputLength: MOST_UNPACKED, finishFlush });
}

/** Some relays put a line end behind the file; Node takes it for a second member. */
function withoutLineEnd(buffer: Buffer): Buffer {
  let end = buffer.length;
  while (buffer[end - 1] === 0x0a || buffer[end - 1] === 0x0d) end -= 1;
  return buffer.subarray(0, end);
}

async function unzipped(buffer: Buffer): Promise<Buffer[]> {
  const files: Buffer[] = [];
  let left = MOST_UNPACKED;
  try {
    const zip = await fromBufferPromise(buffer, {
      validateEntrySizes: true,
      strictFileNames: false,
    });
    if (zip.entryCount > MOST_ENTRIES)
      throw new TocsinError(
        "invalid",
        `its zip has ${zip.entryCount} entries; ${MOST_ENTRIES} at most`,
      );
    for (const entry of await entriesOf(zip)) {
      if (entry.fileName.endsWith("/")) continue;
      if (entry.uncompressedSize > left) throw tooLarge();
      const file = await entryBytes(zip, entry, left);
      left -= file.length;
      files.push(file);
    }
  } catch (cause) {
    if (cause instanceof TocsinError) throw cause;
    throw new TocsinError("invalid", "its zip is damaged", { cause });
  }
  return files;
}

async function entriesOf(zip: ZipFile): Promise<Entry[]> {
  const entries: Entry[] = [];
  await new Promise<void>((resolve, reject) => {
    zip.on("entry", (entry: Entry) => entries.push(entry));
    zip.on("end", resolve);
    zip.on("error", reject);
    zip.readEntry();
    zip.on("entry", () => zip.readEntry());
  });
  return entries;
}

async function entryBytes(zip: ZipFile, entry: Entry, most: number): Promise<Buffer> {
  const stream = await zip.openReadStreamPromise(entry);
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of stream) {
    const bytes = Buffer.from(piece);
    size += bytes.length;
    if (size > most) throw tooLarge();
    pieces.push(bytes);
  }
  return Buffer.concat(pieces);
}

function tooLarge(): TocsinError {
  return new TocsinError("invalid", `it unpacks to more than ${MOST_UNPACKED} bytes`);
}
