import { readdir, realpath, stat } from "node:fs/promises";
import { basename, join } from "node:path";

/** `name`: within the folder that was asked for. */
export type RuleFile = { readonly file: string; readonly name: string };
export type MissingFile = { readonly file: string; readonly message: string };

const MOST_FILES = 200_000;

/**
 * The `.yml` and `.yaml` files of folders, in the order of their names, and files of any name. What is given twice, or stands
 * behind two links, is read once. Hidden files are left out.
 */
export async function findRuleFiles(
  paths: readonly string[],
): Promise<{ files: RuleFile[]; missing: MissingFile[] }> {
  const search = new Search();
  for (const path of paths) await search.path(path, { name: basename(path), isGiven: true });
  return search;
}

class Search {
  readonly files: RuleFile[] = [];
  readonly missing: MissingFile[] = [];
  readonly #seen = new Set<string>();

  async path(path: string, { name, isGiven }: { name: string; isGiven: boolean }): Promise<void> {
    const found = await this.#look(path);
    if (!found || this.#seen.has(found.real)) return;
    if (found.isFolder) {
      this.#seen.add(found.real);
      await this.#folder(path, isGiven ? "" : `${name}/`);
    } else if (isGiven || /\.ya?ml$/i.test(name)) {
      this.#seen.add(found.real);
      if (!found.isFile) this.missing.push({ file: path, message: "neither a file nor a folder" });
      else if (this.files.length < MOST_FILES) this.files.push({ file: path, name });
      else if (this.files.length === MOST_FILES && this.missing.length === 0)
        this.missing.push({
          file: path,
          message: `more than ${MOST_FILES} files: read fewer folders`,
        });
    }
  }

  async #folder(path: string, prefix: string): Promise<void> {
    const names = await readdir(path).catch((error: unknown) => this.#miss(path, error));
    for (const name of (names ?? []).toSorted())
      if (!name.startsWith("."))
        await this.path(join(path, name), { name: prefix + name, isGiven: false });
  }

  async #look(
    path: string,
  ): Promise<{ real: string; isFolder: boolean; isFile: boolean } | undefined> {
    try {
      const [found, real] = [await stat(path), await realpath(path)];
      return { real, isFolder: found.isDirectory(), isFile: found.isFile() };
    } catch (error) {
      return this.#miss(path, error);
    }
  }

  #miss(file: string, error: unknown): undefined {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (typeof code !== "string") throw error;
    this.missing.push({
      file,
      message: MESSAGES.get(code) ?? `cannot be read (${code})`,
    });
  }
}

const MESSAGES: ReadonlyMap<string, string> = new Map([
  ["ENOENT", "there is no such file or folder"],
  ["EACCES", "may not be read: look at its permissions"],
  ["ELOOP", "a link that leads to itself"],
]);
