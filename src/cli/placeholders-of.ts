import { readFile } from "node:fs/promises";
import { relative, resolve } from "node:path";
import { TocsinError } from "../core/errors.ts";
import { readPlaceholders } from "../detect/sigma/read-placeholders.ts";
import type { Cli } from "./cli.ts";

/** A path of the command line as it was typed, where that leads to the same place. */
export function pathOf(cli: Cli, path: string): string {
  const full = resolve(cli.folder, path);
  return resolve(path) === full ? path : relative(process.cwd(), full) || ".";
}

/** What `--placeholders FILE` says. @throws TocsinError `not_found`, `invalid` */
export async function placeholdersOf(
  cli: Cli,
  file: string,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const path = pathOf(cli, file);
  const written = await readFile(path, "utf8").catch((error: unknown) => {
    throw new TocsinError("not_found", `${path} cannot be read: give --placeholders a YAML file`, {
      cause: error,
    });
  });
  return readPlaceholders(path, written);
}
