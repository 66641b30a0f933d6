import { mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { TocsinError } from "../core/errors.ts";

/** Writes a file that is not there yet. @throws TocsinError `conflict` where it is: nothing is ever overwritten */
export async function writeNew(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  try {
    await using file = await open(path, "wx");
    await file.writeFile(text);
  } catch (error) {
    const isThere = error instanceof Error && "code" in error && error.code === "EEXIST";
    throw isThere
      ? new TocsinError("conflict", `${path} is there already: it stays as it is`)
      : error;
  }
}
