// Where the pages of a refresh lie while they are loaded: Tocsin's own folder, 0600, each removed when it is in ClickHouse.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { DataFolder } from "../db/folder.ts";

export type PagesFolder = Disposable & {
  /** Writes the pieces into a new file and gives its path. */
  readonly write: (pieces: readonly Uint8Array[]) => Promise<string>;
};

/** What a process that was killed left behind is removed first: there is one refresh of a registry at a time. */
export function pagesFolder({ data }: DataFolder, registry: string): PagesFolder {
  const parent = join(data, "registry");
  mkdirSync(parent, { recursive: true, mode: 0o700 });
  const own = join(parent, registry);
  rmSync(own, { recursive: true, force: true });
  mkdirSync(own, { mode: 0o700 });
  const folder = mkdtempSync(join(own, "pages-"));
  let count = 0;
  return {
    write: async (pieces) => {
      count += 1;
      const path = join(folder, `${count}.page`);
      const file = await open(path, "wx", 0o600);
      try {
        await file.writev([...pieces]);
      } finally {
        await file.close();
      }
      return path;
    },
    [Symbol.dispose]: () => rmSync(own, { recursive: true, force: true }),
  };
}
