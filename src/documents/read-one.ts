// Reads one document, whatever it is, and those within it. What goes wrong in one is said of that one, and the rest goes on.
import { type Budget, budgetFor } from "./budget.ts";
import type { Bytes } from "./bytes.ts";
import { type Parts, Unreadable, type UnreadReason } from "./document.ts";
import { type Kind, kindOf } from "./kind-of.ts";
import type { Reader, Walk } from "./walk.ts";

const DEEPEST = 8;

// Loaded when the first of a kind comes along: nobody pays for a PDF reader who reads spreadsheets.
const READERS = {
  zip: async () => (await import("./containers/zip.ts")).readZip,
  tar: async () => (await import("./containers/tar.ts")).readTar,
  packed: async () => (await import("./containers/packed.ts")).readPacked,
  pdf: async () => (await import("./office/pdf.ts")).readPdf,
  sqlite: async () => (await import("./data-kinds/sqlite.ts")).readSqlite,
  parquet: async () => (await import("./data-kinds/parquet.ts")).readParquet,
  html: async () => (await import("./text-kinds/html.ts")).readHtml,
  xml: async () => (await import("./text-kinds/xml.ts")).readXml,
  ndjson: async () => (await import("./text-kinds/ndjson.ts")).readNdjson,
  json: async () => (await import("./data-kinds/json.ts")).readJson,
  vcard: async () => (await import("./text-kinds/vcard.ts")).readVcard,
  mbox: async () => (await import("./text-kinds/mbox.ts")).readMbox,
  mail: async () => (await import("./text-kinds/mail.ts")).readMail,
  sql: async () => (await import("./text-kinds/sql.ts")).readSql,
  delimited: async () => (await import("./text-kinds/delimited.ts")).readDelimited,
  yaml: async () => (await import("./data-kinds/yaml.ts")).readYaml,
  text: async () => (await import("./text-kinds/plain.ts")).readPlain,
} as const satisfies Record<Kind, () => Promise<Reader>>;

export type Seen = {
  /** Before a document is read, within others or not. False where it is to be passed over. */
  readonly begin: (at: string, bytes: number | undefined) => boolean;
  readonly end: () => void;
};

export type ReadOne = {
  readonly parts: Parts;
  /** Of the outermost document; decides what it may unpack to. */
  readonly packedBytes: number;
  readonly seen: Seen;
};

/** The kind, as people call it; undefined where it could not be read. */
export async function readOne(
  bytes: Bytes,
  at: string,
  input: ReadOne,
): Promise<string | undefined> {
  return await readAt(bytes, at, { ...input, budget: budgetFor(input.packedBytes), depth: 0 });
}

type Level = ReadOne & { readonly budget: Budget; readonly depth: number };

async function readAt(bytes: Bytes, at: string, level: Level): Promise<string | undefined> {
  const { parts, seen, budget, depth } = level;
  if (!seen.begin(at, bytes.size)) {
    await bytes.chunks.return(undefined);
    return undefined;
  }
  try {
    if (depth > DEEPEST) throw new Unreadable("too deep", `within ${DEEPEST} others`);
    if (bytes.head.length === 0) return "empty";
    const told = kindOf(bytes.head);
    if (told.kind === undefined) {
      throw new Unreadable(
        /password|encrypted|sealed/.test(told.reason) ? "encrypted" : "unknown",
        told.reason,
      );
    }
    const read: Reader = await READERS[told.kind]();
    const walk: Walk = {
      parts,
      budget,
      inner: async (inner, place) => {
        await readAt(inner, place, { ...level, depth: depth + 1 });
      },
    };
    return await read(bytes, at, walk);
  } catch (error) {
    parts.unread({ at, ...reasonOf(error) });
    return undefined;
  } finally {
    await bytes.chunks.return(undefined);
    seen.end();
  }
}

/** @throws what is no fault of the document */
function reasonOf(error: unknown): { reason: UnreadReason; detail: string } {
  if (error instanceof Unreadable) return { reason: error.reason, detail: error.message };
  if (error instanceof RangeError)
    return { reason: "damaged", detail: "its data do not fit together" };
  if (error instanceof Error && isDamage(error))
    return { reason: "damaged", detail: error.message.slice(0, 200) };
  throw error;
}

// zlib's codes, zstd's, SQLite's.
function isDamage(error: Error): boolean {
  return "code" in error && /^(?:Z_|ZSTD_|ERR_ZLIB|ERR_ZSTD|ERR_SQLITE)/.test(String(error.code));
}
