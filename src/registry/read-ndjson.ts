// A file of one JSON object a line as a source. An object that lacks a column has nothing there.
import { open } from "node:fs/promises";
import { TocsinError } from "../core/errors.ts";
import { fileVersion } from "./file-pieces.ts";
import { linePages } from "./line-pages.ts";
import type { Source } from "./source.ts";

/** Columns are what the first objects have: objects leave out what they do not have. */
const LOOKED_AT_BYTES = 4 * 1024 * 1024;

export function openNdjson(path: string): Source {
  return {
    incremental: false,
    columns: async () => await columnsOf(path),
    version: async () => await fileVersion(path),
    goesOn: async (begun) => JSON.stringify(begun) === JSON.stringify(await fileVersion(path)),
    pages: (input) => linePages(path, input),
    probe: async () => void (await columnsOf(path)),
    [Symbol.asyncDispose]: async () => {},
  };
}

async function columnsOf(path: string): Promise<string[]> {
  const file = await open(path).catch((cause: unknown) => {
    throw new TocsinError("not_found", `there is no file ${path}`, { cause });
  });
  await using _ = file;
  const { buffer, bytesRead } = await file.read(
    Buffer.alloc(LOOKED_AT_BYTES),
    0,
    LOOKED_AT_BYTES,
    0,
  );
  const lines = buffer.toString("utf8", 0, bytesRead).split("\n").slice(0, 10_000);
  const columns = new Set<string>();
  for (const line of lines) for (const key of keysOf(line)) columns.add(key);
  if (columns.size === 0)
    throw new TocsinError("invalid", `${path} does not begin with one JSON object a line`);
  return [...columns];
}

function keysOf(line: string): string[] {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.keys(value)
      : [];
  } catch {
    return []; // listed when it is read
  }
}
