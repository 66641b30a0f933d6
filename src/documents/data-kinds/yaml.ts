// YAML, each document of a stream. What refers to itself, or says one thing a million times, is refused by the library's count.
import { parseAllDocuments } from "yaml";
import { type Bytes, bytesOf, wholeBytes } from "../bytes.ts";
import { decoded, described } from "../text-kinds/decoded.ts";
import { readPlain } from "../text-kinds/plain.ts";
import type { Walk } from "../walk.ts";
import { parseExact } from "./exact-json.ts";
import { treeTables } from "./tree-tables.ts";

/** The library needs some fifty times as much memory. */
const AT_ONCE = 8 << 20;
const MOST_ALIASES = 100;

export async function readYaml(bytes: Bytes, at: string, walk: Walk): Promise<string> {
  const text = await decoded(bytes);
  if ((bytes.size ?? text.head.length) > AT_ONCE) {
    await readPlain({ ...bytes, head: text.head, chunks: text.chunks }, at, walk);
    return described("YAML, as text", text);
  }
  const whole = await wholeBytes({ ...bytes, head: text.head, chunks: text.chunks }, AT_ONCE * 4);
  if (!(await readTrees(whole.toString("utf8"), at, walk)))
    await readPlain(await bytesOf(once(whole)), at, walk);
  return described("YAML", text);
}

// False where it is no YAML after all.
async function readTrees(text: string, at: string, walk: Walk): Promise<boolean> {
  try {
    const documents = parseAllDocuments(text, { logLevel: "silent", uniqueKeys: false });
    if (!Array.isArray(documents) || documents.some(({ errors }) => errors.length > 0))
      return false;
    const trees = documents.map((one) =>
      parseExact(JSON.stringify(one.toJS({ maxAliasCount: MOST_ALIASES }) ?? null)),
    );
    for (const tree of trees) if (tree !== undefined) await treeTables(tree, at, walk.parts);
    return true;
  } catch {
    return false;
  }
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  await Promise.resolve();
  yield bytes;
}
