import { openSync, closeSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Limits,
  readDocuments,
  type ReadDocuments,
} from "../../../src/documents/read-documents.ts";

export type ReadBack = ReadDocuments & {
  /** `place | cells`, in order. */
  readonly rows: readonly string[];
  /** `place | text`. */
  readonly texts: readonly string[];
};

/** Reads bytes as documents, in a child as always, and what it made of them back. */
export async function readBack(
  files: Readonly<Record<string, Buffer | string>>,
  limits: Partial<Limits> = {},
): Promise<ReadBack> {
  const folder = mkdtempSync(join(tmpdir(), "tocsin-documents-"));
  const open: number[] = [];
  try {
    const documents = Object.entries(files).map(([name, content], at) => {
      const path = join(folder, `given-${at}`);
      writeFileSync(path, content);
      const fd = openSync(path, "r");
      open.push(fd);
      return { name, bytes: Buffer.byteLength(content), open: fd };
    });
    const read = await readDocuments({
      documents,
      folder,
      signal: new AbortController().signal,
      limits,
    });
    const placeOf = placer(readFileSync(read.places, "utf8"));
    const rows: string[] = [];
    const texts: string[] = [];
    for (const table of read.tables) {
      if (table.format !== "TSV") continue;
      for (const line of readFileSync(table.path, "utf8").split("\n").filter(Boolean)) {
        const [number = "", ...cells] = line.split("\t");
        const place = placeOf(Number(number) + (table.offset ?? 0));
        if (table.prose) texts.push(`${place} | ${cells.join("")}`);
        else
          rows.push(
            `${place} | ${table.columns
              .map((column, at) => (cells[at] ? `${column}=${cells[at]}` : ""))
              .filter(Boolean)
              .join(" ")}`,
          );
      }
    }
    return { ...read, rows, texts };
  } finally {
    for (const fd of open) closeSync(fd);
    rmSync(folder, { recursive: true, force: true });
  }
}

function placer(text: string): (locator: number) => string {
  const runs = text
    .split("\n")
    .filter(Boolean)
    .map((line) => {
      const [first = "", at = "", unit = "", number = ""] = line.split("\t");
      return { first: Number(first), at, unit, number: Number(number) };
    })
    .toSorted((a, b) => a.first - b.first);
  return (locator) => {
    const run = runs.findLast(({ first }) => first <= locator);
    return run ? `${run.at} › ${run.unit} ${run.number + locator - run.first}` : "nowhere";
  };
}
