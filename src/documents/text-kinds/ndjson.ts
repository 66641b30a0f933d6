import { writeNdjson } from "../../evidence/dump/write-ndjson.ts";
import type { Bytes } from "../bytes.ts";
import type { Walk } from "../walk.ts";
import { decoded, described } from "./decoded.ts";

export async function readNdjson(bytes: Bytes, at: string, { parts }: Walk): Promise<string> {
  const text = await decoded(bytes);
  const broken = parts.text(at, "row");
  const folder = await parts.folder();
  const lines: { number: number; line: string }[] = [];
  const add = (line: string, number: number): void => {
    if (lines.length < MOST_BROKEN) lines.push({ number, line });
  };
  parts.dump(at, await writeNdjson(text.chunks, folder, add));
  for (const { number, line } of lines) await broken.add(number, line);
  return described("NDJSON", text);
}

/** Lines that are no objects, read as text; the others are counted. */
const MOST_BROKEN = 10_000;
