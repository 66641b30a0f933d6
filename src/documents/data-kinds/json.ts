// JSON of any shape; what is too large to be held at once is read element by element. HAR is JSON with documents in it.
import { type Bytes, bytesOf } from "../bytes.ts";
import { placeIn } from "../document.ts";
import { jsonRecords } from "../../logs/reading/json-records.ts";
import { type Decoded, decoded, described } from "../text-kinds/decoded.ts";
import { readPlain } from "../text-kinds/plain.ts";
import type { Walk } from "../walk.ts";
import { parseExact } from "./exact-json.ts";
import { isBranch, isList, type Tree, TreeTables, treeTables } from "./tree-tables.ts";

const AT_ONCE = 32 << 20;

export async function readJson(bytes: Bytes, at: string, walk: Walk): Promise<string> {
  const text = await decoded(bytes);
  const { held, rest } = await upTo(text.chunks, AT_ONCE);
  if (rest) return await readLarge({ ...text, chunks: joined(held, rest) }, at, walk);
  const whole = parseExact(held.toString("utf8").replace(/^\ufeff/, ""));
  if (whole === undefined) return await readBroken(held, at, walk);
  const entries = harEntries(whole);
  if (entries) await readBodies(entries, at, walk);
  await treeTables(whole, at, walk.parts);
  return described(entries ? "HAR" : "JSON", text);
}

async function upTo(
  chunks: AsyncGenerator<Buffer>,
  most: number,
): Promise<{ held: Buffer; rest: AsyncGenerator<Buffer> | undefined }> {
  const parts: Buffer[] = [];
  let length = 0;
  while (length <= most) {
    const next = await chunks.next();
    if (next.done === true) return { held: Buffer.concat(parts), rest: undefined };
    parts.push(next.value);
    length += next.value.length;
  }
  return { held: Buffer.concat(parts), rest: chunks };
}

async function* joined(held: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield held;
  yield* rest;
}

// Values one after the other, with commas or text between; or cut off in the middle.
async function readBroken(held: Buffer, at: string, walk: Walk): Promise<string> {
  const kind = await readLarge({ encoding: "", head: held, chunks: once(held) }, at, walk);
  return kind;
}

async function* once(held: Buffer): AsyncGenerator<Buffer> {
  await Promise.resolve();
  yield held;
}

async function readLarge(text: Decoded, at: string, walk: Walk): Promise<string> {
  let found: { place: number; value: Tree | undefined; raw: string }[] = [];
  const tables = new TreeTables(at, walk.parts);
  const cutter = jsonRecords((place, { bytes, from, to, flaw }) => {
    const raw = bytes.toString("utf8", from, to);
    found.push({
      place,
      value: flaw === undefined || flaw === "" ? parseExact(raw) : undefined,
      raw,
    });
  });
  const broken: Buffer[] = [];
  const write = async (): Promise<void> => {
    const all = found;
    found = [];
    for (const { value, raw } of all) {
      if (value === undefined) broken.push(Buffer.from(`${raw}\n`));
      else await tables.read(value, []);
    }
  };
  for await (const chunk of text.chunks) {
    cutter.push(chunk);
    await write();
  }
  cutter.end();
  await write();
  await tables.end();
  if (broken.length > 0) await readRest(broken, at, walk);
  return described("JSON", text);
}

async function readRest(broken: Buffer[], at: string, walk: Walk): Promise<void> {
  const place = placeIn(at, "what is no JSON");
  walk.parts.unread({
    at: place,
    reason: "damaged",
    detail: `${broken.length} pieces; they are read as text`,
  });
  await readPlain(await bytesOf(once(Buffer.concat(broken))), place, walk);
}

type Branch = { readonly [key: string]: Tree };

/** HTTP Archive 1.2: `log.entries`. */
function harEntries(whole: Tree): readonly Branch[] | undefined {
  const log = isBranch(whole) ? whole["log"] : undefined;
  const entries = log !== undefined && isBranch(log) ? log["entries"] : undefined;
  return entries !== undefined && isList(entries) ? entries.filter(isBranch) : undefined;
}

async function readBodies(entries: readonly Branch[], at: string, walk: Walk): Promise<void> {
  for (const [index, entry] of entries.entries()) {
    const sent = textIn(entry, "request", "postData");
    const got = textIn(entry, "response", "content");
    const place = placeIn(at, `request ${index + 1}`);
    if (sent) await walk.inner(await bytesOf(once(sent)), placeIn(place, "sent"));
    if (got) await walk.inner(await bytesOf(once(got)), placeIn(place, "answer"));
  }
}

function textIn(entry: Branch, ...[side, part]: [string, string]): Buffer | undefined {
  const message = entry[side];
  const body = message !== undefined && isBranch(message) ? message[part] : undefined;
  if (body === undefined || !isBranch(body)) return undefined;
  const text = body["text"];
  if (typeof text !== "string" || text === "") return undefined;
  return Buffer.from(text, body["encoding"] === "base64" ? "base64" : "utf8");
}
