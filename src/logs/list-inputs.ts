// What a person names on the command line, as files: a file, a folder with all below it, a pattern, `-`.
import { createReadStream, globSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join, relative } from "node:path";

export type LogInput = {
  /** As it is shown: relative to where the person is, where that is shorter. */
  readonly name: string;
  /** Whole, or an address, where there is one. */
  readonly path?: string;
  /** Packed. Undefined where nobody knows. */
  readonly bytes: number | undefined;
  /** What it was last written: a missing year is resolved against it. */
  readonly written: Date | undefined;
  readonly open: () => AsyncIterable<Buffer>;
};

/** What was named and cannot be read, with what to do. */
export type Unread = { readonly name: string; readonly reason: string };

export type Listed = { readonly inputs: readonly LogInput[]; readonly unread: readonly Unread[] };

const CHUNK_BYTES = 1 << 20;

export type ListInput = {
  readonly paths: readonly string[];
  /** Where relative paths begin. */
  readonly from: string;
  readonly standardInput: () => AsyncIterable<Buffer>;
  /** What there is below an address `s3://…`. */
  readonly s3?: (address: string) => Promise<Listed>;
};

/** In the order in which they were named, each once; a folder's and a pattern's by name. */
export async function listInputs({ paths, from, standardInput, s3 }: ListInput): Promise<Listed> {
  const inputs = new Map<string, LogInput>();
  const unread: Unread[] = [];
  for (const path of paths) {
    if (path === "-") {
      inputs.set("-", {
        name: "standard input",
        bytes: undefined,
        written: undefined,
        open: standardInput,
      });
      continue;
    }
    if (path.startsWith("s3://") && s3) {
      const below = await s3(path);
      unread.push(...below.unread);
      for (const input of below.inputs) inputs.set(input.name, input);
      continue;
    }
    const files = await filesOf(path, from);
    if (files.length === 0)
      unread.push({
        name: path,
        reason: "there is no such file or folder, and no file fits it as a pattern",
      });
    for (const file of files) {
      const input = await inputOf(file, {
        from,
        found: file !== join(from, path) && file !== path,
      });
      if ("reason" in input) unread.push(input);
      else inputs.set(file, input);
    }
  }
  return { inputs: [...inputs.values()], unread };
}

async function filesOf(path: string, from: string): Promise<string[]> {
  const whole = join(path.startsWith("/") ? "" : from, path);
  const found = await stat(whole).catch(() => undefined);
  if (found?.isDirectory() === true)
    return globSync("**/*", { cwd: whole, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name))
      .toSorted();
  if (found !== undefined) return [whole];
  return globSync(whole).toSorted();
}

// What a folder or a pattern holds beside files (a pipe, a socket) may never end; what a person names may be a pipe.
async function inputOf(
  file: string,
  { from, found: isFound }: { readonly from: string; readonly found: boolean },
): Promise<LogInput | Unread> {
  const shown = relative(from, file);
  const name = shown.startsWith("..") ? file : shown;
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) return { name, reason: "it is gone, or may not be read" };
  if (found.isDirectory()) return { name, reason: "it is a folder" };
  if (isFound && !found.isFile()) return { name, reason: "it is no ordinary file" };
  return {
    name,
    path: file,
    bytes: found.isFile() ? found.size : undefined,
    written: found.mtime,
    open: () => createReadStream(file, { highWaterMark: CHUNK_BYTES }),
  };
}
